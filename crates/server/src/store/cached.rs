//! A cache of sessions, so that checking one again costs no query.
//!
//! A change by this server takes effect at once; one by another instance after at most the configured staleness. Only
//! sessions that exist are cached.

use super::{
    StoreError,
    logins::Login,
    members::{Owner, SavedLogin},
    sessions::{ListedSession, SessionId, SessionRecord, SessionStore},
    subjects::Judged,
    withdrawals::WithdrawnSessions,
};
use crate::crypto::SessionHash;
use async_trait::async_trait;
use miniauth_core::{time::Timestamp, wire::SubjectId};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// The most cached sessions, at less than 1 KiB each.
const MAXIMUM_KEPT: usize = 16_384;

/// The number of change counters. Keys that share one cost an unneeded query now and then, nothing else.
const PLACES: usize = 4_096;

/// A session store with a cache.
pub(super) struct CachedSessions {
    store: Arc<dyn SessionStore>,
    /// How long a cached session is used, unless this server changed it.
    staleness: Duration,
    kept: Mutex<HashMap<SessionHash, Kept>>,
    changes: Changes,
}

struct Kept {
    session: Arc<SessionRecord>,
    read_at: Instant,
    /// The last change before it was read.
    change: u64,
}

impl CachedSessions {
    pub(super) fn new(store: Arc<dyn SessionStore>, staleness: Duration) -> Self {
        Self { store, staleness, kept: Mutex::default(), changes: Changes::new() }
    }

    fn recall(&self, hash: &SessionHash) -> Option<Arc<SessionRecord>> {
        let kept = self.kept.lock();
        let one = kept.get(hash).filter(|one| one.read_at.elapsed() < self.staleness)?;
        let owner = &one.session.owner;
        let changed = self.changes.since(one.change, hash)
            || self.changes.since(one.change, &owner.subject)
            || owner.ids.each().any(|id| self.changes.since(one.change, &(owner.app_id.as_str(), id)));
        (!changed).then(|| Arc::clone(&one.session))
    }

    fn keep(&self, hash: &SessionHash, session: Arc<SessionRecord>, read_at: Instant, change: u64) {
        let mut kept = self.kept.lock();
        if kept.len() >= MAXIMUM_KEPT {
            self.forget_stale(&mut kept);
            if kept.len() >= MAXIMUM_KEPT {
                kept.clear();
            }
        }
        kept.insert(hash.clone(), Kept { session, read_at, change });
    }

    fn forget_stale(&self, kept: &mut HashMap<SessionHash, Kept>) {
        kept.retain(|_, one| one.read_at.elapsed() < self.staleness);
    }
}

#[async_trait]
impl SessionStore for CachedSessions {
    async fn finish_login(&self, login: Arc<Login>) -> Judged<SavedLogin> {
        // A login may change the member, end the oldest sessions and merge two users. Every affected user has one of
        // these ids.
        let changing = login.ids.each().map(|id| self.changes.changing((login.app_id.as_str(), id)));
        let _changing: Vec<_> = changing.collect();
        self.store.finish_login(Arc::clone(&login)).await
    }

    async fn find(&self, session: &SessionHash) -> Result<Option<Arc<SessionRecord>>, StoreError> {
        if let Some(kept) = self.recall(session) {
            return Ok(Some(kept));
        }
        // A session is as old as its query, because the answer may have taken long.
        let (read_at, change) = (Instant::now(), self.changes.last());
        let found = self.store.find(session).await?;
        if let Some(found) = &found {
            self.keep(session, Arc::clone(found), read_at, change);
        }
        Ok(found)
    }

    async fn list(&self, owner: &Owner, now: Timestamp) -> Result<Vec<ListedSession>, StoreError> {
        self.store.list(owner, now).await
    }

    async fn prolong(&self, session: &SessionHash, end: Timestamp) -> Result<(), StoreError> {
        let _changing = self.changes.changing(session);
        self.store.prolong(session, end).await
    }

    async fn end(&self, session: &SessionHash) -> Result<(), StoreError> {
        let _changing = self.changes.changing(session);
        self.store.end(session).await
    }

    async fn revoke(&self, owner: &Owner, id: &SessionId) -> Result<(), StoreError> {
        let _changing = self.changes.changing(owner.subject);
        self.store.revoke(owner, id).await
    }

    async fn end_all(&self, subjects: &[SubjectId]) -> Result<(), StoreError> {
        let _changing: Vec<_> = subjects.iter().map(|subject| self.changes.changing(subject)).collect();
        self.store.end_all(subjects).await
    }

    async fn end_withdrawn(&self, sessions: &WithdrawnSessions) -> Result<(), StoreError> {
        let _changing: Vec<_> = sessions.users.iter().map(|subject| self.changes.changing(subject)).collect();
        self.store.end_withdrawn(sessions).await
    }

    fn member_changed(&self, subject: SubjectId) {
        drop(self.changes.changing(subject));
        self.store.member_changed(subject);
    }

    async fn forget_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        // Members are personal data, so unused ones must not stay in memory either.
        self.forget_stale(&mut self.kept.lock());
        self.store.forget_sessions(before, limit).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.store.probe().await
    }

    async fn probe_write(&self) -> Result<(), StoreError> {
        self.store.probe_write().await
    }
}

/// Counts changes of what cached sessions depend on.
///
/// A reader notes the last change before it reads. A writer counts its change afterwards. So whatever was read before
/// the end of a change is older than it, however long reading took.
struct Changes {
    last: AtomicU64,
    places: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl Changes {
    fn new() -> Self {
        let places = (0..PLACES).map(|_| AtomicU64::new(0)).collect();
        Self { last: AtomicU64::new(0), places, hasher: RandomState::new() }
    }

    fn last(&self) -> u64 {
        self.last.load(Ordering::SeqCst)
    }

    /// Counts a change of `thing` when the returned guard is dropped: when the change is done, has failed or was
    /// cancelled.
    fn changing(&self, thing: impl Hash) -> Changing<'_> {
        Changing { changes: self, place: self.place(&thing) }
    }

    fn since(&self, change: u64, thing: &impl Hash) -> bool {
        self.place(thing).load(Ordering::SeqCst) > change
    }

    fn place(&self, thing: &impl Hash) -> &AtomicU64 {
        let hash = usize::try_from(self.hasher.hash_one(thing) % PLACES as u64).unwrap_or_default();
        &self.places[hash]
    }
}

/// A change in progress.
struct Changing<'changes> {
    changes: &'changes Changes,
    place: &'changes AtomicU64,
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        let change = self.changes.last.fetch_add(1, Ordering::SeqCst) + 1;
        self.place.fetch_max(change, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(feature = "sqlite")]
    use miniauth_core::scope::Scope;
    #[cfg(feature = "sqlite")]
    use miniauth_openplatform::UserIds;

    #[test]
    fn a_read_before_the_end_of_a_change_is_outdated() {
        let changes = Changes::new();
        let before = changes.last();
        let changing = changes.changing("a user");
        let meanwhile = changes.last();
        assert!(!changes.since(before, &"a user"));
        drop(changing);
        assert!(changes.since(before, &"a user") && changes.since(meanwhile, &"a user"));
        let after = changes.last();
        assert!(!changes.since(after, &"a user"));
        drop(changes.changing("a user"));
        assert!(changes.since(after, &"a user"));
    }

    #[cfg(feature = "sqlite")]
    #[tokio::test]
    async fn stale_sessions_are_neither_returned_nor_kept() {
        let folder = tempfile::tempdir().unwrap();
        let database = crate::store::sqlite::open::open(&folder.path().join("miniauth.db")).await.unwrap();
        let cached = CachedSessions::new(Arc::new(database), Duration::from_secs(60));
        let [fresh, stale] = [1, 2].map(|number| SessionHash::from_stored(vec![number; 32]));
        let now = Instant::now();
        for (hash, read_at) in [(&fresh, now), (&stale, now.checked_sub(Duration::from_secs(61)).unwrap())] {
            cached.keep(hash, Arc::new(a_session()), read_at, 0);
        }
        assert!(cached.recall(&fresh).is_some() && cached.recall(&stale).is_none());
        assert_eq!(cached.forget_sessions(Timestamp::from_seconds(1), 10).await.unwrap(), 0);
        assert!(cached.kept.lock().keys().cloned().collect::<Vec<_>>() == [fresh]);
    }

    /// Every change of a session here takes effect at once, and is passed to the store, which fails because it is
    /// closed.
    #[cfg(feature = "sqlite")]
    #[tokio::test]
    async fn a_local_change_invalidates_the_cache_and_reaches_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let database = Arc::new(crate::store::sqlite::open::open(&folder.path().join("miniauth.db")).await.unwrap());
        let cached = CachedSessions::new(database.clone(), Duration::from_secs(60));
        crate::store::members::MemberStore::close(&*database).await;
        let (hash, session) = (SessionHash::from_stored(vec![1; 32]), Arc::new(a_session()));
        let (owner, subject, later) = (&session.owner, session.owner.subject, Timestamp::from_seconds(2_000));
        let keep = || cached.keep(&hash, Arc::clone(&session), Instant::now(), cached.changes.last());
        let id = SessionId::of(&hash);
        let withdrawn = WithdrawnSessions { at: later, users: vec![subject], without_grant: Vec::new() };
        keep();
        assert!(cached.recall(&hash).is_some() && cached.list(owner, later).await.is_err());
        assert!(cached.recall(&hash).is_some(), "listing changes nothing");
        keep();
        assert!(cached.prolong(&hash, later).await.is_err() && cached.recall(&hash).is_none());
        keep();
        assert!(cached.end(&hash).await.is_err() && cached.recall(&hash).is_none());
        keep();
        assert!(cached.revoke(owner, &id).await.is_err() && cached.recall(&hash).is_none());
        keep();
        assert!(cached.end_all(&[subject]).await.is_err() && cached.recall(&hash).is_none());
        keep();
        cached.end_withdrawn(&withdrawn).await.unwrap();
        assert!(cached.recall(&hash).is_none());
        keep();
        cached.member_changed(subject);
        assert!(cached.recall(&hash).is_none());
    }

    #[cfg(feature = "sqlite")]
    #[tokio::test]
    async fn the_cache_is_bounded_and_stale_sessions_are_dropped_first() {
        let folder = tempfile::tempdir().unwrap();
        let database = crate::store::sqlite::open::open(&folder.path().join("miniauth.db")).await.unwrap();
        let cached = CachedSessions::new(Arc::new(database), Duration::from_secs(60));
        let (session, now) = (Arc::new(a_session()), Instant::now());
        let stale = now.checked_sub(Duration::from_secs(61)).unwrap();
        let keep = |number: usize, read_at| {
            let hash = SessionHash::from_stored(number.to_be_bytes().to_vec());
            cached.keep(&hash, Arc::clone(&session), read_at, 0);
            cached.kept.lock().len()
        };
        for number in 0..MAXIMUM_KEPT {
            assert_eq!(keep(number, if number == 0 { stale } else { now }), number + 1);
        }
        assert_eq!(keep(MAXIMUM_KEPT, now), MAXIMUM_KEPT, "the stale one was dropped");
        assert_eq!(keep(MAXIMUM_KEPT + 1, now), 1, "none was stale");
    }

    #[cfg(feature = "sqlite")]
    fn a_session() -> SessionRecord {
        let owner = Owner {
            app_id: "2021".to_owned(),
            subject: SubjectId::from_stored(1),
            previous: Vec::new(),
            ids: UserIds::from_ids(Some("open-1".to_owned()), None, None).unwrap(),
            scope: Scope::AuthBase,
            member: None,
            has_phone: false,
        };
        let [created_at, expires_at] = [1, 1_000].map(Timestamp::from_seconds);
        SessionRecord { created_at, expires_at, owner }
    }
}
