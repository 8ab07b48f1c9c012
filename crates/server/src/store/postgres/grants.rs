//! Grants: one for each user of an app.

use super::members;
use crate::store::{
    members::{GrantId, Owner, SealedGrant, SealedToken, SealedTokens},
    moment,
};
use sqlx::{PgPool, Postgres, Row as _, postgres::PgArguments, query::Query};

type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// Whose a grant is.
pub(super) async fn owner(pool: &PgPool, grant: GrantId) -> sqlx::Result<Option<Owner>> {
    let row = sqlx::query(
        "SELECT app_id, subject, scope, open_id, user_id, nick_name, avatar, gender, province, city, stored_at
         FROM grants LEFT JOIN members USING (app_id, subject) WHERE id = $1",
    )
    .bind(grant.0)
    .fetch_optional(pool)
    .await?;
    row.as_ref().map(members::owner).transpose()
}

/// The tokens of a user's grant.
pub(super) async fn tokens(pool: &PgPool, app_id: &str, subject: &str) -> sqlx::Result<Option<SealedTokens>> {
    let row = sqlx::query(
        "SELECT key_id, access_token, refresh_token, access_expires_at, refresh_expires_at FROM grants
         WHERE app_id = $1 AND subject = $2",
    )
    .bind(app_id)
    .bind(subject)
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        let end = |column| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(moment::from_stored));
        let (access_end, refresh_end) = (end("access_expires_at")?, end("refresh_expires_at")?);
        let refresh_token: Option<Vec<u8>> = row.try_get("refresh_token")?;
        Ok(SealedTokens {
            key_id: row.try_get("key_id")?,
            access_token: SealedToken { bytes: row.try_get("access_token")?, expires_at: access_end },
            refresh_token: refresh_token.map(|bytes| SealedToken { bytes, expires_at: refresh_end }),
        })
    })
    .transpose()
}

/// Puts new tokens into the grant that a user has.
pub(super) async fn renew(pool: &PgPool, grant: &SealedGrant<'_>) -> sqlx::Result<bool> {
    let renew = sqlx::query(
        "UPDATE grants SET key_id = $1, access_token = $2, refresh_token = $3, access_expires_at = $4,
                           refresh_expires_at = $5, granted_at = $6,
                           over_at = greatest($7, over_at)
         WHERE app_id = $8 AND subject = $9",
    );
    let renewed = bind_tokens(renew, grant)
        .bind(grant.over_at(grant.granted_at))
        .bind(grant.app_id)
        .bind(grant.subject)
        .execute(pool)
        .await?;
    Ok(renewed.rows_affected() == 1)
}

/// The next six parameters: the key's id, both tokens, their ends, and when they were granted.
pub(super) fn bind_tokens<'q>(query: Statement<'q>, grant: &'q SealedGrant<'_>) -> Statement<'q> {
    query
        .bind(grant.key_id)
        .bind(&grant.access_token)
        .bind(&grant.refresh_token)
        .bind(grant.access_expires_at.map(moment::to_stored))
        .bind(grant.refresh_expires_at.map(moment::to_stored))
        .bind(moment::to_stored(grant.granted_at))
}
