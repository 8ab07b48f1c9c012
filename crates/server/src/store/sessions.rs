//! Sessions, looked up by the hash of their bearer.

use super::{grants::GrantId, members::StoredMember, moment};
use crate::crypto::SessionHash;
use miniauth_core::{scope::Scope, time::Timestamp};
use sqlx::{Row as _, SqliteConnection, SqlitePool};

/// A session with what it gives access to. It may be over: compare `expires_at`.
pub(crate) struct Session {
    pub(crate) app_id: String,
    /// The user's open_id, or the user_id where there is no open_id.
    pub(crate) subject: String,
    pub(crate) grant: GrantId,
    pub(crate) expires_at: Timestamp,
    pub(crate) scope: Scope,
    pub(crate) member: Option<StoredMember>,
}

/// Reads a session, its grant's scope and its member: one statement, each table by its primary key.
pub(crate) async fn find(reader: &SqlitePool, session: &SessionHash) -> sqlx::Result<Option<Session>> {
    let row = sqlx::query(
        "SELECT grant_id, app_id, subject, expires_at, scope, open_id, user_id, nick_name, avatar, gender, province, city, stored_at
         FROM sessions JOIN grants ON grants.id = sessions.grant_id
                       LEFT JOIN members USING (app_id, subject)
         WHERE session_hash = ?",
    )
    .bind(session.as_bytes())
    .fetch_optional(reader)
    .await?;
    row.map(|row| {
        let scope: String = row.try_get("scope")?;
        Ok(Session {
            app_id: row.try_get("app_id")?,
            subject: row.try_get("subject")?,
            grant: GrantId(row.try_get("grant_id")?),
            expires_at: moment::from_stored(row.try_get("expires_at")?),
            scope: scope.parse().map_err(|fault| sqlx::Error::Decode(Box::new(fault)))?,
            member: StoredMember::from_row(&row)?,
        })
    })
    .transpose()
}

/// Adds a session to a grant.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    session: &SessionHash,
    grant: GrantId,
    now: Timestamp,
    expires_at: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO sessions (session_hash, grant_id, created_at, expires_at) VALUES (?, ?, ?, ?)")
        .bind(session.as_bytes())
        .bind(grant.0)
        .bind(moment::to_stored(now))
        .bind(moment::to_stored(expires_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a session if it belongs to the grant, and so to its user.
pub(crate) async fn delete_of_grant(
    connection: &mut SqliteConnection,
    session: &SessionHash,
    grant: GrantId,
) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM sessions WHERE session_hash = ? AND grant_id = ?")
        .bind(session.as_bytes())
        .bind(grant.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a session.
pub(crate) async fn delete(writer: &SqlitePool, session: &SessionHash) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM sessions WHERE session_hash = ?").bind(session.as_bytes()).execute(writer).await?;
    Ok(())
}
