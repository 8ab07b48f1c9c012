//! Sessions, looked up by the hash of their bearer.

use super::{
    StoreError,
    logins::Login,
    members::{Owner, SavedLogin},
    subjects::Judged,
    withdrawals::WithdrawnSessions,
};
use crate::crypto::SessionHash;
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use miniauth_core::{time::Timestamp, wire::SubjectId};
use serde::{Serialize, Serializer};
use std::{fmt, sync::Arc};

/// A stored session with its owner. It may have expired: compare `expires_at`.
pub(crate) struct SessionRecord {
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) owner: Owner,
}

/// Names a session to its user: the first half of its hash, from which no bearer can be derived.
#[derive(PartialEq, Eq)]
pub(crate) struct SessionId([u8; Self::LENGTH]);

impl SessionId {
    pub(super) const LENGTH: usize = 16;

    pub(crate) fn of(hash: &SessionHash) -> Self {
        Self(std::array::from_fn(|index| hash.as_bytes().get(index).copied().unwrap_or_default()))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A session in its user's list.
pub(crate) struct ListedSession {
    pub(crate) id: SessionId,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Stores sessions, each of one subject. In the database a merge moves them too. In a separate store they keep their
/// first subject, which is resolved when they are read, so a merge need not be atomic across two stores.
#[async_trait]
pub(crate) trait SessionStore: Send + Sync {
    /// Completes a successful login: saves what [`MemberStore::save_login`](super::members::MemberStore::save_login)
    /// saves, and the session. In the database this is one transaction. In a separate store the session comes last; if
    /// that fails, it is as if the session was lost: the code is spent, and the client logs in again. Repeating it
    /// changes nothing.
    async fn finish_login(&self, login: Arc<Login>) -> Judged<SavedLogin>;

    /// Returns a session with its owner and member.
    async fn find(&self, session: &SessionHash) -> Result<Option<Arc<SessionRecord>>, StoreError>;

    /// Returns a user's valid sessions, the newest first. The session rules bound their number.
    async fn list(&self, owner: &Owner, now: Timestamp) -> Result<Vec<ListedSession>, StoreError>;

    /// Moves a session's expiry later, never earlier.
    async fn prolong(&self, session: &SessionHash, end: Timestamp) -> Result<(), StoreError>;

    /// Ends a session.
    async fn end(&self, session: &SessionHash) -> Result<(), StoreError>;

    /// Ends the session of that id if it is the user's.
    async fn revoke(&self, owner: &Owner, id: &SessionId) -> Result<(), StoreError>;

    /// Ends all sessions of these subjects.
    async fn end_all(&self, subjects: &[SubjectId]) -> Result<(), StoreError>;

    /// Ends the sessions that a withdrawal ends; the database has done so already.
    async fn end_withdrawn(&self, _sessions: &WithdrawnSessions) -> Result<(), StoreError> {
        Ok(())
    }

    /// Tells a store that caches members that a user's member or phone number changed.
    fn member_changed(&self, _subject: SubjectId) {}

    /// Deletes up to `limit` sessions that expired before a given time. Returns their number. Does nothing where they
    /// expire by themselves.
    async fn forget_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Checks that the store can be read. The database has its own check.
    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Checks that the store can be written, likewise.
    async fn probe_write(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_named_by_half_of_its_hash() {
        let id = SessionId::of(&SessionHash::from_stored((0..32).collect()));
        assert_eq!(id.as_bytes(), (0..16).collect::<Vec<_>>());
        let text = serde_json::to_value(&id).unwrap();
        assert!(SessionId::parse(text.as_str().unwrap()) == Some(id));
        for text in ["", "AAECAwQFBgcICQoLDA0O", "AAECAwQFBgcICQoLDA0ODxA", "AAECAwQFBgcICQoLDA0OD="] {
            assert!(SessionId::parse(text).is_none(), "{text}");
        }
    }
}
