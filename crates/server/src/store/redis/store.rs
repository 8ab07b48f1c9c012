//! The sessions.

use super::{
    record::{GRANT_PREFIX, Record, SESSION_PREFIX, forgotten_at, grant_key, session_key},
    scripts::Scripts,
};
use crate::{
    crypto::SessionHash,
    store::{
        StoreFault,
        members::{GrantId, Login, MemberStore, StoredMember},
        sessions::{ListedSession, Session, SessionId, SessionStore},
    },
};
use async_trait::async_trait;
use miniauth_core::time::Timestamp;
use redis::{AsyncCommands as _, aio::ConnectionManager};
use std::sync::Arc;

pub(in crate::store) struct RedisSessions {
    pub(super) connection: ConnectionManager,
    pub(super) scripts: Scripts,
    /// Knows whose a grant is.
    pub(super) members: Arc<dyn MemberStore>,
}

#[async_trait]
impl SessionStore for RedisSessions {
    async fn finish_login(&self, login: &Login<'_>) -> Result<Option<StoredMember>, StoreFault> {
        let saved = self.members.save_login(login).await?;
        let session = &login.session;
        let record = Record { grant: saved.grant, created_at: login.now, expires_at: session.expires_at };
        let () = self
            .scripts
            .begin
            .key(session_key(session.hash))
            .key(grant_key(saved.grant))
            .arg(SESSION_PREFIX)
            .arg(session.hash.as_bytes())
            .arg(&record.to_bytes()[..])
            .arg(login.now.as_millis())
            .arg(forgotten_at(session.expires_at))
            .arg(session.per_user.get())
            .arg(session.replaces.map(SessionHash::as_bytes).unwrap_or_default())
            .invoke_async(&mut self.connection.clone())
            .await?;
        Ok(saved.member)
    }

    async fn find(&self, session: &SessionHash) -> Result<Option<Arc<Session>>, StoreFault> {
        let found: Option<Vec<u8>> = self.connection.clone().get(session_key(session)).await?;
        let Some(found) = found else { return Ok(None) };
        let Record { grant, created_at, expires_at } = Record::read(&found)?;
        let owner = self.members.owner(grant).await?;
        Ok(owner.map(|owner| Arc::new(Session { grant, created_at, expires_at, owner })))
    }

    async fn list(&self, grant: GrantId, now: Timestamp) -> Result<Vec<ListedSession>, StoreFault> {
        let mut list = self.scripts.list.key(grant_key(grant));
        let listed: Vec<(Vec<u8>, Vec<u8>)> =
            list.arg(SESSION_PREFIX).invoke_async(&mut self.connection.clone()).await?;
        let mut sessions = Vec::with_capacity(listed.len());
        for (hash, record) in listed {
            let Record { created_at, expires_at, .. } = Record::read(&record)?;
            if expires_at > now {
                let id = SessionId::of(&SessionHash::from_stored(hash));
                sessions.push(ListedSession { id, created_at, expires_at });
            }
        }
        Ok(sessions)
    }

    async fn prolong(&self, session: &SessionHash, end: Timestamp) -> Result<(), StoreFault> {
        let mut prolong = self.scripts.prolong.key(session_key(session));
        prolong.arg(GRANT_PREFIX).arg(&end.as_millis().to_be_bytes()[..]).arg(forgotten_at(end));
        Ok(prolong.invoke_async(&mut self.connection.clone()).await?)
    }

    async fn end(&self, session: &SessionHash) -> Result<(), StoreFault> {
        let mut end = self.scripts.end.key(session_key(session));
        end.arg(GRANT_PREFIX).arg(session.as_bytes());
        Ok(end.invoke_async(&mut self.connection.clone()).await?)
    }

    async fn revoke(&self, grant: GrantId, id: &SessionId) -> Result<(), StoreFault> {
        self.end_those_of(grant, id.as_bytes()).await
    }

    async fn end_all(&self, grant: GrantId) -> Result<(), StoreFault> {
        self.end_those_of(grant, b"").await
    }

    /// They go by themselves: each key has its end.
    async fn forget_sessions(&self, _: Timestamp, _: u32) -> Result<u64, StoreFault> {
        Ok(0)
    }

    async fn probe(&self) -> Result<(), StoreFault> {
        Ok(redis::cmd("PING").query_async(&mut self.connection.clone()).await?)
    }
}

impl RedisSessions {
    async fn end_those_of(&self, grant: GrantId, beginning: &[u8]) -> Result<(), StoreFault> {
        let mut end_all = self.scripts.end_all.key(grant_key(grant));
        end_all.arg(SESSION_PREFIX).arg(beginning);
        Ok(end_all.invoke_async(&mut self.connection.clone()).await?)
    }
}
