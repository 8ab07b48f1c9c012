//! Sessions beside the members.

use super::{Database, bounded, login::finish_login, members};
use crate::{
    crypto::SessionHash,
    store::{
        StoreFault,
        members::{GrantId, Login, StoredMember},
        moment,
        sessions::{ListedSession, Session, SessionId, SessionStore},
    },
};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use sqlx::Row as _;
use std::sync::Arc;

#[async_trait]
impl SessionStore for Database {
    async fn finish_login(&self, login: &Login<'_>) -> Result<Option<StoredMember>, StoreFault> {
        Ok(bounded(finish_login(self, login, Some(&login.session))).await?.member)
    }

    /// One statement, each table by its primary key.
    async fn find(&self, session: &SessionHash) -> Result<Option<Arc<Session>>, StoreFault> {
        let found = sqlx::query(
            "SELECT grant_id, created_at, expires_at, app_id, subject, scope,
                    open_id, user_id, nick_name, avatar, gender, province, city, stored_at
             FROM sessions LEFT JOIN members USING (app_id, subject)
             WHERE session_hash = $1",
        )
        .bind(session.as_bytes())
        .fetch_optional(&self.pool);
        let Some(row) = bounded(found).await? else { return Ok(None) };
        Ok(Some(Arc::new(Session {
            grant: GrantId(row.try_get("grant_id")?),
            created_at: moment::from_stored(row.try_get("created_at")?),
            expires_at: moment::from_stored(row.try_get("expires_at")?),
            owner: members::owner(&row)?,
        })))
    }

    async fn list(&self, grant: GrantId, now: Timestamp) -> Result<Vec<ListedSession>, StoreFault> {
        let listed = sqlx::query(
            "SELECT session_hash, created_at, expires_at FROM sessions WHERE grant_id = $1 AND expires_at > $2
             ORDER BY created_at DESC",
        )
        .bind(grant.0)
        .bind(moment::to_stored(now))
        .fetch_all(&self.pool);
        let rows = bounded(listed).await?;
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

    async fn prolong(&self, session: &SessionHash, end: Timestamp) -> Result<(), StoreFault> {
        let prolonged = sqlx::query("UPDATE sessions SET expires_at = $1 WHERE session_hash = $2 AND expires_at < $1")
            .bind(moment::to_stored(end))
            .bind(session.as_bytes())
            .execute(&self.pool);
        bounded(prolonged).await.map(drop)
    }

    async fn end(&self, session: &SessionHash) -> Result<(), StoreFault> {
        let ended =
            sqlx::query("DELETE FROM sessions WHERE session_hash = $1").bind(session.as_bytes()).execute(&self.pool);
        bounded(ended).await.map(drop)
    }

    async fn revoke(&self, grant: GrantId, id: &SessionId) -> Result<(), StoreFault> {
        // SessionId::LENGTH bytes.
        let revoked = sqlx::query("DELETE FROM sessions WHERE grant_id = $1 AND substr(session_hash, 1, 16) = $2")
            .bind(grant.0)
            .bind(id.as_bytes())
            .execute(&self.pool);
        bounded(revoked).await.map(drop)
    }

    async fn end_all(&self, grant: GrantId) -> Result<(), StoreFault> {
        let ended = sqlx::query("DELETE FROM sessions WHERE grant_id = $1").bind(grant.0).execute(&self.pool);
        bounded(ended).await.map(drop)
    }

    async fn forget_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreFault> {
        let forgotten = sqlx::query(
            "DELETE FROM sessions WHERE session_hash IN
                 (SELECT session_hash FROM sessions WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
        )
        .bind(moment::to_stored(before))
        .bind(i64::from(limit))
        .execute(&self.pool);
        Ok(bounded(forgotten).await?.rows_affected())
    }

    /// The claim asks the same database a moment later.
    async fn probe(&self) -> Result<(), StoreFault> {
        Ok(())
    }
}
