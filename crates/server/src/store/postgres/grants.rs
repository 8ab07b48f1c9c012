//! Grants: one for each user of an app.

use crate::store::{
    from_stored,
    grants::{GrantId, SealedGrant, SealedToken, SealedTokens, end_of_day},
    to_stored,
};
use miniauth_core::time::Timestamp;
use sqlx::{PgConnection, PgPool, Postgres, Row as _, postgres::PgArguments, query::Query};

type Statement<'q> = Query<'q, Postgres, PgArguments>;

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
        let end = |column| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(from_stored));
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

/// Saves a grant under `new`, or over the one that the user has, unless that is better. Gives the user's grant. Its row is
/// locked until the transaction ends, so that logins of one user come one after another.
pub(super) async fn save(
    connection: &mut PgConnection,
    grant: &SealedGrant,
    new: GrantId,
    sessions_end: Timestamp,
) -> sqlx::Result<GrantId> {
    let save = sqlx::query(
        "INSERT INTO grants (id, app_id, subject, scope, key_id, access_token, refresh_token,
                             access_expires_at, refresh_expires_at, granted_at, over_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (app_id, subject) DO UPDATE SET
             scope = excluded.scope, key_id = excluded.key_id, access_token = excluded.access_token,
             refresh_token = excluded.refresh_token, access_expires_at = excluded.access_expires_at,
             refresh_expires_at = excluded.refresh_expires_at, granted_at = excluded.granted_at,
             over_at = greatest(excluded.over_at, grants.over_at)
         WHERE excluded.scope = 'auth_user' OR grants.scope = 'auth_base'
            OR (grants.access_expires_at <= excluded.granted_at
                AND (grants.refresh_token IS NULL OR grants.refresh_expires_at <= excluded.granted_at))
         RETURNING id",
    )
    .bind(new.0)
    .bind(&grant.app_id)
    .bind(&grant.subject)
    .bind(grant.scope.as_str());
    let saved = bind_tokens(save, grant).bind(grant.over_at(sessions_end)).fetch_optional(&mut *connection).await?;
    if let Some(row) = saved {
        return Ok(GrantId(row.try_get("id")?));
    }
    sqlx::query_scalar(
        "UPDATE grants SET over_at = greatest($1, over_at)
         WHERE app_id = $2 AND subject = $3 RETURNING id",
    )
    .bind(end_of_day(sessions_end))
    .bind(&grant.app_id)
    .bind(&grant.subject)
    .fetch_one(connection)
    .await
    .map(GrantId)
}

/// Puts new tokens into the grant that a user has.
pub(super) async fn renew(pool: &PgPool, grant: &SealedGrant) -> sqlx::Result<bool> {
    let renew = sqlx::query(
        "UPDATE grants SET key_id = $1, access_token = $2, refresh_token = $3, access_expires_at = $4,
                           refresh_expires_at = $5, granted_at = $6,
                           over_at = greatest($7, over_at)
         WHERE app_id = $8 AND subject = $9",
    );
    let renewed = bind_tokens(renew, grant)
        .bind(grant.over_at(grant.granted_at))
        .bind(&grant.app_id)
        .bind(&grant.subject)
        .execute(pool)
        .await?;
    Ok(renewed.rows_affected() == 1)
}

/// The next six parameters: the key's id, both tokens, their ends, and when they were granted.
fn bind_tokens<'q>(query: Statement<'q>, grant: &'q SealedGrant) -> Statement<'q> {
    query
        .bind(&grant.key_id)
        .bind(&grant.access_token)
        .bind(&grant.refresh_token)
        .bind(grant.access_expires_at.map(to_stored))
        .bind(grant.refresh_expires_at.map(to_stored))
        .bind(to_stored(grant.granted_at))
}
