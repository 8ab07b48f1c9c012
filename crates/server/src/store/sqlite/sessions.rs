//! Sessions in the database.

use super::{Database, members, sweep::Sweep};
use crate::{
    crypto::SessionHash,
    store::{
        StoreError, from_stored,
        logins::{Login, NewSession},
        members::{Owner, SavedLogin},
        sessions::{ListedSession, SessionId, SessionRecord, SessionStore},
        subjects::Judged,
        to_stored,
    },
};
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::SubjectId};
use rusqlite::{Connection, OptionalExtension as _, Params, params, types::Value};
use std::sync::Arc;

#[async_trait]
impl SessionStore for Database {
    async fn finish_login(&self, login: Arc<Login>) -> Judged<SavedLogin> {
        let finish = move |connection: &Connection| {
            let saved = members::save_login(connection, &login)?;
            if let Ok(saved) = &saved {
                begin(connection, saved.subject, &login.session, login.now)?;
            }
            Ok(saved)
        };
        self.write(finish).await
    }

    /// One statement that uses each table's primary key.
    async fn find(&self, session: &SessionHash) -> Result<Option<Arc<SessionRecord>>, StoreError> {
        let session = session.clone();
        self.read(move |connection| {
            connection
                .prepare_cached(concat!(
                    "SELECT sessions.created_at, expires_at, ",
                    members::owner!(),
                    " FROM sessions JOIN subjects ON subjects.id = sessions.subject WHERE session_hash = ?1"
                ))?
                .query_row([session.as_bytes()], |row| {
                    Ok(Arc::new(SessionRecord {
                        created_at: from_stored(row.get(0)?),
                        expires_at: from_stored(row.get(1)?),
                        owner: members::owner_at(row, 2)?,
                    }))
                })
                .optional()
        })
        .await
    }

    async fn list(&self, owner: &Owner, now: Timestamp) -> Result<Vec<ListedSession>, StoreError> {
        let subject = owner.subject.stored();
        self.read(move |connection| {
            let mut select = connection.prepare_cached(
                "SELECT session_hash, created_at, expires_at FROM sessions WHERE subject = ?1 AND expires_at > ?2
                 ORDER BY created_at DESC",
            )?;
            let sessions = select.query_map((subject, to_stored(now)), |row| {
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

    async fn revoke(&self, owner: &Owner, id: &SessionId) -> Result<(), StoreError> {
        // SessionId::LENGTH bytes.
        let revoke = "DELETE FROM sessions WHERE subject = ?1 AND substr(session_hash, 1, 16) = ?2";
        self.change(revoke, (owner.subject.stored(), id.as_bytes().to_vec())).await
    }

    async fn end_all(&self, subjects: &[SubjectId]) -> Result<(), StoreError> {
        for subject in subjects {
            self.change("DELETE FROM sessions WHERE subject = ?1", [subject.stored()]).await?;
        }
        Ok(())
    }

    async fn forget_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.sweep(&self.ended_sessions, before, limit).await
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

/// Adds a session with the scope of the user's grant, and ends those that it replaces.
fn begin(connection: &Connection, subject: SubjectId, session: &NewSession, now: Timestamp) -> rusqlite::Result<()> {
    if let Some(replaced) = &session.replaces {
        connection
            .prepare_cached("DELETE FROM sessions WHERE session_hash = ?1 AND subject = ?2")?
            .execute(params![replaced.as_bytes(), subject.stored()])?;
    }
    connection
        .prepare_cached(
            "INSERT INTO sessions (session_hash, subject, created_at, expires_at, scope)
             SELECT ?1, subject, ?3, ?4, scope FROM grants WHERE subject = ?2
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![session.hash.as_bytes(), subject.stored(), to_stored(now), to_stored(session.expires_at)])?;
    end_oldest(connection, subject, session)
}

/// Ends the oldest sessions beyond the limit; never the new one, whatever the clock did.
///
/// Not in one statement: SQLite parses a statement again whenever its `LIMIT` gets a value, and sorting a handful of
/// rows in it is expensive.
fn end_oldest(connection: &Connection, subject: SubjectId, new: &NewSession) -> rusqlite::Result<()> {
    let mut others = connection
        .prepare_cached("SELECT created_at, session_hash FROM sessions WHERE subject = ?1 AND session_hash <> ?2")?;
    let others =
        others.query_map(params![subject.stored(), new.hash.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut others: Vec<(i64, Vec<u8>)> = others.collect::<Result<_, _>>()?;
    let too_many = (others.len() + 1).saturating_sub(new.per_user.get() as usize);
    others.sort_unstable();
    for (_, session) in others.iter().take(too_many) {
        connection.prepare_cached(END)?.execute([session])?;
    }
    Ok(())
}
