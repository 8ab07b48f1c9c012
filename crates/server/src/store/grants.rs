//! Grants: the platform's tokens for a user, sealed. A user of an app has one grant, which all of the user's sessions
//! refer to.

use super::moment;
use miniauth_core::{scope::Scope, time::Timestamp};
use sqlx::{Row as _, SqliteConnection, SqlitePool};

/// A grant as it goes into the database.
pub(crate) struct SealedGrant<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) scope: Scope,
    pub(crate) key_id: &'a str,
    pub(crate) access_token: Vec<u8>,
    pub(crate) refresh_token: Option<Vec<u8>>,
    pub(crate) access_expires_at: Option<Timestamp>,
    pub(crate) refresh_expires_at: Option<Timestamp>,
    pub(crate) granted_at: Timestamp,
}

/// The row id of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct GrantId(pub(super) i64);

/// Saves a grant, unless that would replace a living `auth_user` grant with an `auth_base` one: the user's consent is not
/// thrown away for a silent login. Gives the grant that the user has then.
///
/// A grant lives as long as one of its tokens does; where the platform said nothing about that, it is taken to live.
pub(crate) async fn save(connection: &mut SqliteConnection, grant: &SealedGrant<'_>) -> sqlx::Result<GrantId> {
    let saved: Option<i64> = sqlx::query_scalar(
        "INSERT INTO grants (app_id, subject, scope, key_id, access_token, refresh_token,
                             access_expires_at, refresh_expires_at, granted_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (app_id, subject) DO UPDATE SET
             scope = excluded.scope, key_id = excluded.key_id, access_token = excluded.access_token,
             refresh_token = excluded.refresh_token, access_expires_at = excluded.access_expires_at,
             refresh_expires_at = excluded.refresh_expires_at, granted_at = excluded.granted_at
         WHERE excluded.scope = 'auth_user' OR grants.scope = 'auth_base'
            OR (grants.access_expires_at <= excluded.granted_at
                AND (grants.refresh_token IS NULL OR grants.refresh_expires_at <= excluded.granted_at))
         RETURNING id",
    )
    .bind(grant.app_id)
    .bind(grant.subject)
    .bind(grant.scope.as_str())
    .bind(grant.key_id)
    .bind(&grant.access_token)
    .bind(&grant.refresh_token)
    .bind(grant.access_expires_at.map(moment::to_stored))
    .bind(grant.refresh_expires_at.map(moment::to_stored))
    .bind(moment::to_stored(grant.granted_at))
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(id) = saved {
        return Ok(GrantId(id));
    }
    sqlx::query_scalar("SELECT id FROM grants WHERE app_id = ? AND subject = ?")
        .bind(grant.app_id)
        .bind(grant.subject)
        .fetch_one(connection)
        .await
        .map(GrantId)
}

/// The tokens of a grant, as sealed.
pub(crate) struct SealedTokens {
    pub(crate) key_id: String,
    pub(crate) access_token: SealedToken,
    /// Absent when the platform gave none.
    pub(crate) refresh_token: Option<SealedToken>,
}

/// One of them.
pub(crate) struct SealedToken {
    pub(crate) bytes: Vec<u8>,
    /// Absent when the platform did not say.
    expires_at: Option<Timestamp>,
}

impl SealedToken {
    /// Whether it is over, as far as the platform said when it gave the token.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// The tokens of a user's grant, if the user has one.
pub(crate) async fn tokens(reader: &SqlitePool, app_id: &str, subject: &str) -> sqlx::Result<Option<SealedTokens>> {
    let row = sqlx::query(
        "SELECT key_id, access_token, refresh_token, access_expires_at, refresh_expires_at FROM grants
         WHERE app_id = ? AND subject = ?",
    )
    .bind(app_id)
    .bind(subject)
    .fetch_optional(reader)
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

/// Puts new tokens into the grant that a user has; `false` when the user was erased meanwhile and has none.
pub(crate) async fn renew(connection: &mut SqliteConnection, grant: &SealedGrant<'_>) -> sqlx::Result<bool> {
    let renewed = sqlx::query(
        "UPDATE grants SET key_id = ?, access_token = ?, refresh_token = ?, access_expires_at = ?,
                           refresh_expires_at = ?, granted_at = ?
         WHERE app_id = ? AND subject = ?",
    )
    .bind(grant.key_id)
    .bind(&grant.access_token)
    .bind(&grant.refresh_token)
    .bind(grant.access_expires_at.map(moment::to_stored))
    .bind(grant.refresh_expires_at.map(moment::to_stored))
    .bind(moment::to_stored(grant.granted_at))
    .bind(grant.app_id)
    .bind(grant.subject)
    .execute(connection)
    .await?;
    Ok(renewed.rows_affected() == 1)
}
