//! Sessions beside the members.

use super::{Database, login::finish_login, members};
use crate::{
    crypto::SessionHash,
    store::{
        StoreFault,
        members::{GrantId, Login, StoredMember},
        moment,
        sessions::{ListedSession, NewSession, Session, SessionId, SessionStore},
    },
};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::sync::Arc;

#[async_trait]
impl SessionStore for Database {
    async fn finish_login(&self, login: &Login<'_>) -> Result<Option<StoredMember>, StoreFault> {
        Ok(self.write_with(|connection| finish_login(connection, login, Some(&login.session))).await?.member)
    }

    /// One statement, each table by its primary key.
    async fn find(&self, session: &SessionHash) -> Result<Option<Arc<Session>>, StoreFault> {
        self.read_with(|connection| {
            connection
                .prepare_cached(
                    "SELECT grant_id, created_at, expires_at, app_id, subject, scope,
                            open_id, user_id, nick_name, avatar, gender, province, city, stored_at
                     FROM sessions LEFT JOIN members USING (app_id, subject)
                     WHERE session_hash = ?1",
                )?
                .query_row([session.as_bytes()], |row| {
                    Ok(Arc::new(Session {
                        grant: GrantId(row.get(0)?),
                        created_at: moment::from_stored(row.get(1)?),
                        expires_at: moment::from_stored(row.get(2)?),
                        owner: members::owner(row, 3)?,
                    }))
                })
                .optional()
        })
        .await
    }

    async fn list(&self, grant: GrantId, now: Timestamp) -> Result<Vec<ListedSession>, StoreFault> {
        self.read_with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT session_hash, created_at, expires_at FROM sessions WHERE grant_id = ?1 AND expires_at > ?2
                 ORDER BY created_at DESC",
            )?;
            let sessions = select.query_map((grant.0, moment::to_stored(now)), |row| {
                Ok(ListedSession {
                    id: SessionId::of(&SessionHash::from_stored(row.get(0)?)),
                    created_at: moment::from_stored(row.get(1)?),
                    expires_at: moment::from_stored(row.get(2)?),
                })
            })?;
            sessions.collect()
        })
        .await
    }

    async fn prolong(&self, session: &SessionHash, end: Timestamp) -> Result<(), StoreFault> {
        self.write_with(|connection| {
            connection
                .prepare_cached("UPDATE sessions SET expires_at = ?1 WHERE session_hash = ?2 AND expires_at < ?1")?
                .execute(params![moment::to_stored(end), session.as_bytes()])
                .map(drop)
        })
        .await
    }

    async fn end(&self, session: &SessionHash) -> Result<(), StoreFault> {
        self.write_with(|connection| end(connection, session.as_bytes())).await
    }

    async fn revoke(&self, grant: GrantId, id: &SessionId) -> Result<(), StoreFault> {
        self.write_with(|connection| {
            // SessionId::LENGTH bytes.
            connection
                .prepare_cached("DELETE FROM sessions WHERE grant_id = ?1 AND substr(session_hash, 1, 16) = ?2")?
                .execute(params![grant.0, id.as_bytes()])
                .map(drop)
        })
        .await
    }

    async fn end_all(&self, grant: GrantId) -> Result<(), StoreFault> {
        self.write_with(|connection| {
            connection.prepare_cached("DELETE FROM sessions WHERE grant_id = ?1")?.execute([grant.0]).map(drop)
        })
        .await
    }

    async fn forget_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreFault> {
        self.sweep(&self.over_sessions, before, limit).await
    }

    /// The claim asks the same database a moment later.
    async fn probe(&self) -> Result<(), StoreFault> {
        Ok(())
    }
}

/// Adds a session to a grant, and ends those in whose place it comes.
pub(super) fn begin(
    connection: &Connection,
    grant: GrantId,
    session: &NewSession<'_>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    if let Some(replaced) = session.replaces {
        connection
            .prepare_cached("DELETE FROM sessions WHERE session_hash = ?1 AND grant_id = ?2")?
            .execute(params![replaced.as_bytes(), grant.0])?;
    }
    connection
        .prepare_cached(
            "INSERT INTO sessions (session_hash, grant_id, created_at, expires_at, app_id, subject, scope)
             SELECT ?1, id, ?3, ?4, app_id, subject, scope FROM grants WHERE id = ?2",
        )?
        .execute(params![
            session.hash.as_bytes(),
            grant.0,
            moment::to_stored(now),
            moment::to_stored(session.expires_at)
        ])?;
    end_oldest(connection, grant, session)
}

/// Ends those that are too many, the oldest first; never the new one, whatever the clock did.
///
/// Not in one statement: SQLite parses a statement anew whenever its `LIMIT` is given a value, and sorts dearly what are
/// a handful of rows.
fn end_oldest(connection: &Connection, grant: GrantId, new: &NewSession<'_>) -> rusqlite::Result<()> {
    let mut others = connection
        .prepare_cached("SELECT created_at, session_hash FROM sessions WHERE grant_id = ?1 AND session_hash <> ?2")?;
    let others = others.query_map(params![grant.0, new.hash.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut others: Vec<(i64, Vec<u8>)> = others.collect::<Result<_, _>>()?;
    let too_many = (others.len() + 1).saturating_sub(new.per_user.get() as usize);
    others.sort_unstable();
    others.iter().take(too_many).try_for_each(|(_, session)| end(connection, session))
}

fn end(connection: &Connection, session: &[u8]) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM sessions WHERE session_hash = ?1")?.execute([session]).map(drop)
}
