//! Sessions, looked up by the hash of their bearer.

use super::{grants::GrantId, members::StoredMember, moment};
use crate::crypto::SessionHash;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use miniauth_core::{scope::Scope, time::Timestamp};
use serde::{Serialize, Serializer};
use sqlx::{Row as _, SqliteConnection, SqlitePool};

/// A session with what it gives access to. It may be over: compare `expires_at`.
pub(crate) struct Session {
    pub(crate) app_id: String,
    /// The user's open_id, or the user_id where there is no open_id.
    pub(crate) subject: String,
    pub(crate) grant: GrantId,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) scope: Scope,
    pub(crate) member: Option<StoredMember>,
}

/// Reads a session, its grant's scope and its member: one statement, each table by its primary key.
pub(crate) async fn find(reader: &SqlitePool, session: &SessionHash) -> sqlx::Result<Option<Session>> {
    let row = sqlx::query(
        "SELECT grant_id, app_id, subject, created_at, expires_at, scope, open_id, user_id, nick_name, avatar, gender, province, city, stored_at
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
            created_at: moment::from_stored(row.try_get("created_at")?),
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

/// Names a session to its user: the first half of its hash, from which no bearer can be made.
#[derive(PartialEq, Eq)]
pub(crate) struct SessionId([u8; Self::LENGTH]);

impl SessionId {
    const LENGTH: usize = 16;

    pub(crate) fn of(hash: &SessionHash) -> Self {
        Self(std::array::from_fn(|index| hash.as_bytes().get(index).copied().unwrap_or_default()))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// A session as its user sees it beside others.
pub(crate) struct ListedSession {
    pub(crate) id: SessionId,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// The living sessions of a grant, the newest first. The rules bound their number.
pub(crate) async fn list(reader: &SqlitePool, grant: GrantId, now: Timestamp) -> sqlx::Result<Vec<ListedSession>> {
    let rows = sqlx::query(
        "SELECT session_hash, created_at, expires_at FROM sessions WHERE grant_id = ? AND expires_at > ?
         ORDER BY created_at DESC",
    )
    .bind(grant.0)
    .bind(moment::to_stored(now))
    .fetch_all(reader)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(ListedSession {
                id: SessionId::of(&SessionHash::from_stored(row.try_get("session_hash")?)),
                created_at: moment::from_stored(row.try_get("created_at")?),
                expires_at: moment::from_stored(row.try_get("expires_at")?),
            })
        })
        .collect()
}

/// Ends the session of that name if it belongs to the grant.
pub(crate) async fn revoke(writer: &SqlitePool, grant: GrantId, id: &SessionId) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM sessions WHERE grant_id = ? AND substr(session_hash, 1, ?) = ?")
        .bind(grant.0)
        .bind(SessionId::LENGTH as i64)
        .bind(&id.0[..])
        .execute(writer)
        .await?;
    Ok(())
}

/// Ends the oldest sessions of a grant beyond `count`; `newest` is kept, whatever the clock did.
pub(crate) async fn keep_newest(
    connection: &mut SqliteConnection,
    grant: GrantId,
    newest: &SessionHash,
    count: u32,
) -> sqlx::Result<()> {
    sqlx::query(
        "DELETE FROM sessions WHERE grant_id = ?1 AND session_hash IN (
             SELECT session_hash FROM sessions WHERE grant_id = ?1
             ORDER BY session_hash = ?2 DESC, created_at DESC LIMIT -1 OFFSET ?3)",
    )
    .bind(grant.0)
    .bind(newest.as_bytes())
    .bind(count)
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts the end of a session later, never earlier.
pub(crate) async fn prolong(writer: &SqlitePool, session: &SessionHash, end: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE sessions SET expires_at = ?1 WHERE session_hash = ?2 AND expires_at < ?1")
        .bind(moment::to_stored(end))
        .bind(session.as_bytes())
        .execute(writer)
        .await?;
    Ok(())
}

/// Deletes up to `limit` sessions that were over before a moment; gives how many.
pub(crate) async fn delete_over(writer: &SqlitePool, before: Timestamp, limit: u32) -> sqlx::Result<u64> {
    let deleted = sqlx::query(
        "DELETE FROM sessions WHERE session_hash IN (SELECT session_hash FROM sessions WHERE expires_at < ? LIMIT ?)",
    )
    .bind(moment::to_stored(before))
    .bind(limit)
    .execute(writer)
    .await?;
    Ok(deleted.rows_affected())
}
