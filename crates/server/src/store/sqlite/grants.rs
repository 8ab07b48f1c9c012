//! Grants: one for each user of an app.

use super::sweep::Sweep;
use crate::store::{
    from_stored,
    grants::{GrantId, SealedGrant, SealedToken, SealedTokens, end_of_day},
    to_stored,
};
use miniauth_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params, types::Value};

/// The tokens of a user's grant.
pub(super) fn tokens(connection: &Connection, app_id: &str, subject: &str) -> rusqlite::Result<Option<SealedTokens>> {
    connection
        .prepare_cached(
            "SELECT key_id, access_token, refresh_token, access_expires_at, refresh_expires_at FROM grants
             WHERE app_id = ?1 AND subject = ?2",
        )?
        .query_row((app_id, subject), sealed_tokens)
        .optional()
}

fn sealed_tokens(row: &Row<'_>) -> rusqlite::Result<SealedTokens> {
    let end = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(from_stored));
    let (access_end, refresh_end) = (end("access_expires_at")?, end("refresh_expires_at")?);
    let refresh_token: Option<Vec<u8>> = row.get("refresh_token")?;
    Ok(SealedTokens {
        key_id: row.get("key_id")?,
        access_token: SealedToken { bytes: row.get("access_token")?, expires_at: access_end },
        refresh_token: refresh_token.map(|bytes| SealedToken { bytes, expires_at: refresh_end }),
    })
}

/// Saves a grant under `new`, or over the one that the user has, unless that is better. Gives the user's grant.
pub(super) fn save(
    connection: &Connection,
    grant: &SealedGrant,
    new: GrantId,
    sessions_end: Timestamp,
) -> rusqlite::Result<GrantId> {
    let saved = connection
        .prepare_cached(
            "INSERT INTO grants (id, app_id, subject, scope, key_id, access_token, refresh_token,
                                 access_expires_at, refresh_expires_at, granted_at, over_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (app_id, subject) DO UPDATE SET
                 scope = excluded.scope, key_id = excluded.key_id, access_token = excluded.access_token,
                 refresh_token = excluded.refresh_token, access_expires_at = excluded.access_expires_at,
                 refresh_expires_at = excluded.refresh_expires_at, granted_at = excluded.granted_at,
                 over_at = max(grants.over_at, excluded.over_at)
             WHERE excluded.scope = 'auth_user' OR grants.scope = 'auth_base'
                OR (grants.access_expires_at <= excluded.granted_at
                    AND (grants.refresh_token IS NULL OR grants.refresh_expires_at <= excluded.granted_at))
             RETURNING id",
        )?
        .query_row(
            params![
                new.0,
                grant.app_id,
                grant.subject,
                grant.scope.as_str(),
                grant.key_id,
                grant.access_token,
                grant.refresh_token,
                grant.access_expires_at.map(to_stored),
                grant.refresh_expires_at.map(to_stored),
                to_stored(grant.granted_at),
                grant.over_at(sessions_end)
            ],
            |row| row.get(0).map(GrantId),
        )
        .optional()?;
    match saved {
        Some(id) => Ok(id),
        None => keep(connection, grant, sessions_end),
    }
}

/// Leaves the better grant that the user has as it is, but for its end, and gives it.
fn keep(connection: &Connection, grant: &SealedGrant, sessions_end: Timestamp) -> rusqlite::Result<GrantId> {
    let (id, known_end): (i64, i64) = connection
        .prepare_cached("SELECT id, over_at FROM grants WHERE app_id = ?1 AND subject = ?2")?
        .query_row((&grant.app_id, &grant.subject), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let end = end_of_day(sessions_end);
    // Seldom, for the logins of one day end on one day.
    if known_end < end {
        connection.prepare_cached("UPDATE grants SET over_at = ?1 WHERE id = ?2")?.execute((end, id))?;
    }
    Ok(GrantId(id))
}

/// Puts new tokens into the grant that a user has.
pub(super) fn renew(connection: &Connection, grant: &SealedGrant) -> rusqlite::Result<bool> {
    let renewed = connection
        .prepare_cached(
            "UPDATE grants SET key_id = ?1, access_token = ?2, refresh_token = ?3, access_expires_at = ?4,
                               refresh_expires_at = ?5, granted_at = ?6, over_at = max(?7, over_at)
             WHERE app_id = ?8 AND subject = ?9",
        )?
        .execute(params![
            grant.key_id,
            grant.access_token,
            grant.refresh_token,
            grant.access_expires_at.map(to_stored),
            grant.refresh_expires_at.map(to_stored),
            to_stored(grant.granted_at),
            grant.over_at(grant.granted_at),
            grant.app_id,
            grant.subject
        ])?;
    Ok(renewed == 1)
}

pub(super) fn ended() -> Sweep {
    Sweep::new(
        "SELECT over_at < ?1, id FROM grants WHERE id > ?2 ORDER BY id",
        "DELETE FROM grants WHERE id = ?2 AND over_at < ?1",
        // Comes before every number.
        vec![Value::Real(f64::NEG_INFINITY)],
    )
}
