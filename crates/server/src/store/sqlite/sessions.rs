//! Sessions beside the members.

use super::{Database, members, sweep::Sweep};
use crate::{
    crypto::SessionHash,
    store::{
        StoreError, from_stored,
        grants::GrantId,
        logins::{Login, NewSession},
        members::StoredMember,
        sessions::{ListedSession, SessionId, SessionRecord, SessionStore},
        to_stored,
    },
};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Params, params, types::Value};
use std::sync::Arc;

#[async_trait]
impl SessionStore for Database {
    async fn finish_login(&self, login: Arc<Login>) -> Result<Option<StoredMember>, StoreError> {
        let finish = move |connection: &Connection| {
            let saved = members::save_login(connection, &login)?;
            begin(connection, saved.grant, &login.session, login.now)?;
            Ok(saved.member)
        };
        self.write(finish).await
    }

    /// One statement, each table by its primary key.
    async fn find(&self, session: &SessionHash) -> Result<Option<Arc<SessionRecord>>, StoreError> {
        let session = session.clone();
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT grant_id, created_at, expires_at, app_id, subject, scope,
                            open_id, user_id, nick_name, avatar, gender, province, city, stored_at
                     FROM sessions LEFT JOIN members USING (app_id, subject)
                     WHERE session_hash = ?1",
                )?
                .query_row([session.as_bytes()], |row| {
                    Ok(Arc::new(SessionRecord {
                        grant: GrantId(row.get(0)?),
                        created_at: from_stored(row.get(1)?),
                        expires_at: from_stored(row.get(2)?),
                        owner: members::owner(row, 3)?,
                    }))
                })
                .optional()
        })
        .await
    }

    async fn list(&self, grant: GrantId, now: Timestamp) -> Result<Vec<ListedSession>, StoreError> {
        self.read(move |connection| {
            let mut select = connection.prepare_cached(
                "SELECT session_hash, created_at, expires_at FROM sessions WHERE grant_id = ?1 AND expires_at > ?2
                 ORDER BY created_at DESC",
            )?;
            let sessions = select.query_map((grant.0, to_stored(now)), |row| {
                Ok(ListedSession {
                    id: SessionId::of(&SessionHash::from_stored(row.get(0)?)),
                    created_at: from_stored(row.get(1)?),
                    expires_at: from_stored(row.get(2)?),
                })
            })?;
            sessions.collect()
        })
        .await
    }

    async fn prolong(&self, session: &SessionHash, end: Timestamp) -> Result<(), StoreError> {
        let change = "UPDATE sessions SET expires_at = ?1 WHERE session_hash = ?2 AND expires_at < ?1";
        self.change(change, (to_stored(end), session.as_bytes().to_vec())).await
    }

    async fn end(&self, session: &SessionHash) -> Result<(), StoreError> {
        self.change(END, [session.as_bytes().to_vec()]).await
    }

    async fn revoke(&self, grant: GrantId, id: &SessionId) -> Result<(), StoreError> {
        // SessionId::LENGTH bytes.
        let revoke = "DELETE FROM sessions WHERE grant_id = ?1 AND substr(session_hash, 1, 16) = ?2";
        self.change(revoke, (grant.0, id.as_bytes().to_vec())).await
    }

    async fn end_all(&self, grant: GrantId) -> Result<(), StoreError> {
        self.change("DELETE FROM sessions WHERE grant_id = ?1", [grant.0]).await
    }

    async fn forget_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.sweep(&self.ended_sessions, before, limit).await
    }

    /// The claim asks the same database a moment later.
    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Database {
    async fn change(&self, statement: &'static str, params: impl Params + Send + 'static) -> Result<(), StoreError> {
        self.write(move |connection| connection.prepare_cached(statement)?.execute(params).map(drop)).await
    }
}

const END: &str = "DELETE FROM sessions WHERE session_hash = ?1";

pub(super) fn ended() -> Sweep {
    Sweep::new(
        "SELECT expires_at < ?1, session_hash FROM sessions WHERE session_hash > ?2
         ORDER BY session_hash",
        "DELETE FROM sessions WHERE session_hash = ?2 AND expires_at < ?1",
        vec![Value::Blob(Vec::new())],
    )
}

/// Adds a session to a grant, and ends those in whose place it comes.
fn begin(connection: &Connection, grant: GrantId, session: &NewSession, now: Timestamp) -> rusqlite::Result<()> {
    if let Some(replaced) = &session.replaces {
        connection
            .prepare_cached("DELETE FROM sessions WHERE session_hash = ?1 AND grant_id = ?2")?
            .execute(params![replaced.as_bytes(), grant.0])?;
    }
    connection
        .prepare_cached(
            "INSERT INTO sessions (session_hash, grant_id, created_at, expires_at, app_id, subject, scope)
             SELECT ?1, id, ?3, ?4, app_id, subject, scope FROM grants WHERE id = ?2",
        )?
        .execute(params![session.hash.as_bytes(), grant.0, to_stored(now), to_stored(session.expires_at)])?;
    end_oldest(connection, grant, session)
}

/// Ends those that are too many, the oldest first; never the new one, whatever the clock did.
///
/// Not in one statement: SQLite parses a statement anew whenever its `LIMIT` is given a value, and sorts dearly what are
/// a handful of rows.
fn end_oldest(connection: &Connection, grant: GrantId, new: &NewSession) -> rusqlite::Result<()> {
    let mut others = connection
        .prepare_cached("SELECT created_at, session_hash FROM sessions WHERE grant_id = ?1 AND session_hash <> ?2")?;
    let others = others.query_map(params![grant.0, new.hash.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut others: Vec<(i64, Vec<u8>)> = others.collect::<Result<_, _>>()?;
    let too_many = (others.len() + 1).saturating_sub(new.per_user.get() as usize);
    others.sort_unstable();
    for (_, session) in others.iter().take(too_many) {
        connection.prepare_cached(END)?.execute([session])?;
    }
    Ok(())
}
