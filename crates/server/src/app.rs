//! An app of the server: the state of its request handlers.

use crate::{
    clocks::CLOCKS_DIFFER_BY_MILLIS,
    crypto::{CodeHash, Column, TokenOwner},
    session::Sessions,
    shared::Shared,
    store::grants::SealedGrant,
    traces,
};
use axum::extract::FromRef;
use miniauth_core::{scope::Scope, time::Timestamp, wire::SubjectId};
use miniauth_openplatform::{Gateway, GatewayError, TokenGrant};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    hash::Hash,
    ops::Deref,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tracing::Instrument as _;

/// The state of one app. Cloned several times per request, so it is one pointer.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) gateway: Gateway,
    pub(crate) sessions: Sessions,
    /// One login at a time for each code.
    pub(crate) logins: KeyedMutex<CodeHash>,
    /// One refresh at a time for each user.
    pub(crate) refreshes: KeyedMutex<SubjectId>,
    pub(crate) shared: Arc<Shared>,
}

impl App {
    pub(crate) fn new(gateway: Gateway, shared: Arc<Shared>) -> Self {
        let sessions = Sessions::new(Arc::clone(&shared)).of_app(gateway.app_id().as_str());
        Self(Arc::new(Parts {
            gateway,
            sessions,
            logins: KeyedMutex::default(),
            refreshes: KeyedMutex::default(),
            shared,
        }))
    }

    pub(crate) fn id(&self) -> &str {
        self.gateway.app_id().as_str()
    }

    /// Seals the platform's tokens for the database.
    pub(crate) fn seal(&self, tokens: &TokenGrant, scope: Scope, now: Timestamp) -> SealedGrant {
        let sealer = self.sealers.current();
        let owner = TokenOwner { app_id: self.id(), user: tokens.ids().key() };
        let seal = |token, column| sealer.seal(token, owner, column, &*self.random);
        let after = |life: Duration| now.plus_seconds(life.as_secs());
        SealedGrant {
            scope,
            key_id: sealer.key_id().to_owned(),
            access_token: seal(tokens.access_token(), Column::AccessToken),
            refresh_token: tokens.refresh_token().map(|token| seal(token, Column::RefreshToken)),
            access_expires_at: tokens.expires_in().map(after),
            refresh_expires_at: tokens.re_expires_in().map(after),
            granted_at: now,
            // Where the platform does not say when: the earliest time that its clock may have meant by now.
            consented_at: tokens
                .auth_start()
                .unwrap_or_else(|| Timestamp::from_millis(now.as_millis().saturating_sub(CLOCKS_DIFFER_BY_MILLIS))),
        }
    }

    /// Calls the gateway, and records the outcome and the time that it took.
    pub(crate) async fn measured<T>(
        &self,
        call: &'static str,
        answer: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        let started = Instant::now();
        let span = traces::of_gateway_call(call);
        let answer = answer.instrument(span.clone()).await;
        if let Err(error) = &answer {
            traces::failed(&span, error.code().as_str());
        }
        self.metrics.gateway_call(call, answer.as_ref().err().map(GatewayError::code), started.elapsed());
        answer
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Deref for Parts {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl FromRef<App> for Sessions {
    fn from_ref(app: &App) -> Self {
        app.sessions.clone()
    }
}

/// A mutex for each key. A retry of a login that arrives while the first POST is still at the gateway waits here for
/// its outcome. Different keys never wait for each other.
///
/// This only makes retries succeed; the database ensures, across processes, that a code is exchanged once. Refreshes of
/// a user's member are serialized too, because a refresh token is good for one exchange.
pub(crate) struct KeyedMutex<Key>(Mutex<HashMap<Key, Weak<AsyncMutex<()>>>>);

impl<Key> Default for KeyedMutex<Key> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Key: Eq + Hash> KeyedMutex<Key> {
    /// Locks a key until the guard is dropped.
    pub(crate) async fn lock(&self, key: Key) -> OwnedMutexGuard<()> {
        self.entry(key).lock_owned().await
    }

    /// Returns the mutex that all holders and waiters of the key share.
    fn entry(&self, key: Key) -> Arc<AsyncMutex<()>> {
        let mut locks = self.0.lock();
        if let Some(lock) = locks.get(&key).and_then(Weak::upgrade) {
            return lock;
        }
        locks.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::default();
        locks.insert(key, Arc::downgrade(&lock));
        lock
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniauth_core::wire::AuthCode;
    use tokio::time::timeout;

    fn code(text: &str) -> CodeHash {
        CodeHash::of(&AuthCode::parse(text).unwrap())
    }

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn the_same_code_waits_another_does_not_and_no_lock_is_left() {
        let locks = Arc::new(KeyedMutex::default());
        let first = locks.lock(code("a")).await;
        assert!(timeout(SHORT, locks.lock(code("a"))).await.is_err());
        timeout(SHORT, locks.lock(code("b"))).await.expect("another code is not blocked");

        let waiting = tokio::spawn({
            let locks = Arc::clone(&locks);
            async move { locks.lock(code("a")).await }
        });
        tokio::time::sleep(SHORT).await;
        assert!(!waiting.is_finished());
        drop(first);
        drop(timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap());
        let _next = locks.lock(code("c")).await;
        assert_eq!(locks.0.lock().len(), 1, "released keys were not removed");
    }
}
