//! Sessions in the database.

use super::{Database, answered, bounded, by_place, for_each, members, pool::Pool, raced};
use crate::{
    crypto::SessionHash,
    store::{
        StoreError,
        batches::Batches,
        from_stored,
        logins::{Login, NewSession},
        members::{Owner, SavedLogin},
        sessions::{ListedSession, SessionId, SessionRecord, SessionStore},
        subjects::Judged,
        to_stored,
    },
};
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::SubjectId};
use sqlx::{Connection as _, PgConnection, Row as _};
use std::sync::Arc;

#[async_trait]
impl SessionStore for Database {
    async fn finish_login(&self, login: Arc<Login>) -> Judged<SavedLogin> {
        let login = &*login;
        let saved = raced(move || async move {
            let mut connection = self.pool.acquire().await?;
            let mut transaction = connection.begin().await?;
            let saved = members::save_login(&mut transaction, login).await?;
            if let Ok(saved) = &saved {
                begin(&mut transaction, saved.subject, &login.session, login.now).await?;
            }
            transaction.commit().await?;
            Ok(saved)
        });
        self.rechecking_on_failure(saved).await
    }

    async fn find(&self, session: &SessionHash) -> Result<Option<Arc<SessionRecord>>, StoreError> {
        answered(self.sessions.ask(session.clone())).await
    }

    async fn list(&self, owner: &Owner, now: Timestamp) -> Result<Vec<ListedSession>, StoreError> {
        bounded(async {
            let select = sqlx::query(
                "SELECT session_hash, created_at, expires_at FROM sessions WHERE subject = $1 AND expires_at > $2
                 ORDER BY created_at DESC",
            );
            let rows = self.pool.fetch_all(select.bind(owner.subject.stored()).bind(to_stored(now))).await?;
            let listed = rows.iter().map(|row| {
                Ok(ListedSession {
                    id: SessionId::of(&SessionHash::from_stored(row.try_get("session_hash")?)),
                    created_at: from_stored(row.try_get("created_at")?),
                    expires_at: from_stored(row.try_get("expires_at")?),
                })
            });
            listed.collect()
        })
        .await
    }

    async fn prolong(&self, session: &SessionHash, end: Timestamp) -> Result<(), StoreError> {
        let prolonged = sqlx::query("UPDATE sessions SET expires_at = $1 WHERE session_hash = $2 AND expires_at < $1")
            .bind(to_stored(end))
            .bind(session.as_bytes());
        self.execute(prolonged).await.map(drop)
    }

    async fn end(&self, session: &SessionHash) -> Result<(), StoreError> {
        let ended = sqlx::query("DELETE FROM sessions WHERE session_hash = $1").bind(session.as_bytes());
        self.execute(ended).await.map(drop)
    }

    async fn revoke(&self, owner: &Owner, id: &SessionId) -> Result<(), StoreError> {
        // SessionId::LENGTH bytes.
        let revoked = sqlx::query("DELETE FROM sessions WHERE subject = $1 AND substr(session_hash, 1, 16) = $2")
            .bind(owner.subject.stored())
            .bind(id.as_bytes());
        self.execute(revoked).await.map(drop)
    }

    async fn end_all(&self, subjects: &[SubjectId]) -> Result<(), StoreError> {
        let subjects: Vec<i64> = subjects.iter().map(|subject| subject.stored()).collect();
        let ended = sqlx::query("DELETE FROM sessions WHERE subject = ANY($1)").bind(subjects);
        self.execute(ended).await.map(drop)
    }

    async fn forget_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let forgotten = sqlx::query(
            "DELETE FROM sessions WHERE session_hash IN
                 (SELECT session_hash FROM sessions WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        )
        .bind(to_stored(before))
        .bind(i64::from(limit));
        Ok(self.execute(forgotten).await?.rows_affected())
    }
}

/// Reads all concurrently checked sessions with one statement that uses each table's primary key.
pub(super) fn read(pool: Pool) -> Batches<SessionHash, Arc<SessionRecord>> {
    Batches::new(move |hashes: Vec<SessionHash>| {
        let pool = pool.clone();
        bounded(async move {
            let select = sqlx::query(for_each!(
                "SELECT sessions.created_at, expires_at, ",
                members::owner!(),
                " FROM sessions JOIN subjects ON subjects.id = sessions.subject WHERE session_hash"
            ));
            let keys: Vec<&[u8]> = hashes.iter().map(SessionHash::as_bytes).collect();
            let rows = pool.fetch_all(select.bind(keys)).await?;
            by_place(hashes.len(), &rows, |row| {
                Ok(Arc::new(SessionRecord {
                    created_at: from_stored(row.try_get("created_at")?),
                    expires_at: from_stored(row.try_get("expires_at")?),
                    owner: members::owner_of_row(row)?,
                }))
            })
        })
    })
}

/// Adds a session with the scope of the user's grant, and ends those that it replaces. The subject's row must be
/// locked.
async fn begin(
    connection: &mut PgConnection,
    subject: SubjectId,
    session: &NewSession,
    now: Timestamp,
) -> sqlx::Result<()> {
    if let Some(replaced) = &session.replaces {
        sqlx::query("DELETE FROM sessions WHERE session_hash = $1 AND subject = $2")
            .bind(replaced.as_bytes())
            .bind(subject.stored())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "INSERT INTO sessions (session_hash, subject, created_at, expires_at, scope)
         SELECT $1, subject, $3, $4, scope FROM grants WHERE subject = $2
         ON CONFLICT DO NOTHING",
    )
    .bind(session.hash.as_bytes())
    .bind(subject.stored())
    .bind(to_stored(now))
    .bind(to_stored(session.expires_at))
    .execute(&mut *connection)
    .await?;
    // The new one is kept, whatever the clock did.
    sqlx::query(
        "DELETE FROM sessions WHERE subject = $1 AND session_hash IN (
             SELECT session_hash FROM sessions WHERE subject = $1
             ORDER BY session_hash = $2 DESC, created_at DESC LIMIT 9223372036854775807 OFFSET $3)",
    )
    .bind(subject.stored())
    .bind(session.hash.as_bytes())
    .bind(i64::from(session.per_user.get()))
    .execute(connection)
    .await?;
    Ok(())
}
