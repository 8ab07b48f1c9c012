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

/// A session as it is stored, with what it gives access to. It may have ended: compare `expires_at`.
pub(crate) struct SessionRecord {
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) owner: Owner,
}

/// Names a session to its user: the first half of its hash, from which no bearer can be made.
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

/// A session as its user sees it beside others.
pub(crate) struct ListedSession {
    pub(crate) id: SessionId,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Keeps sessions, each belonging to a subject. In the database they move with what else a merge moves; elsewhere they keep the
/// id that they were made with, and whose they are is resolved when they are read, so that no move across two stores has
/// to be all or nothing.
#[async_trait]
pub(crate) trait SessionStore: Send + Sync {
    /// Finishes a login that went well: everything that
    /// [`MemberStore::save_login`](super::members::MemberStore::save_login) writes, and the session. Where sessions are
    /// kept with the members, all or nothing; elsewhere the session comes last, and when that fails it is as if the session
    /// had been lost: the code is spent, and the client logs in again. Done a second time, it changes nothing.
    async fn finish_login(&self, login: Arc<Login>) -> Judged<SavedLogin>;

    /// A session, whose it is, and its member.
    async fn find(&self, session: &SessionHash) -> Result<Option<Arc<SessionRecord>>, StoreError>;

    /// The living sessions of a user, the newest first. The rules bound their number.
    async fn list(&self, owner: &Owner, now: Timestamp) -> Result<Vec<ListedSession>, StoreError>;

    /// Puts the end of a session later, never earlier.
    async fn prolong(&self, session: &SessionHash, end: Timestamp) -> Result<(), StoreError>;

    /// Ends a session.
    async fn end(&self, session: &SessionHash) -> Result<(), StoreError>;

    /// Ends the session of that name if it is the user's.
    async fn revoke(&self, owner: &Owner, id: &SessionId) -> Result<(), StoreError>;

    /// Ends every session of these subjects.
    async fn end_all(&self, subjects: &[SubjectId]) -> Result<(), StoreError>;

    /// Ends the sessions that a withdrawal ends; in the database it has done so already.
    async fn end_withdrawn(&self, _sessions: &WithdrawnSessions) -> Result<(), StoreError> {
        Ok(())
    }

    /// The member of a user is another now, or the phone number. Of use to a store that keeps members in memory.
    fn member_changed(&self, _subject: SubjectId) {}

    /// Forgets up to `limit` sessions that were over before a moment; gives how many. None where they go by themselves.
    async fn forget_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Whether the store can be read, where it is not the database, which is asked itself.
    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Whether it takes what is written, likewise.
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
