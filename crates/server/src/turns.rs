//! One at a time for each key, within this process.

use parking_lot::{Mutex, MutexGuard};
use std::{collections::HashMap, hash::Hash, sync::Arc};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

type Places<Key> = HashMap<Key, (usize, Arc<AsyncMutex<()>>)>;

/// Lets posts of the same code go one after another, so that a repeated post that comes while the first is still at the
/// gateway waits for its outcome. Posts of different codes never wait for each other.
///
/// This is for the client's sake. That a code is exchanged once is the database's doing, also across processes. Refreshes
/// of one user's member take turns too, for a refresh token is good for one exchange.
pub(crate) struct Turns<Key: Eq + Hash>(Arc<Mutex<Places<Key>>>);

/// A turn: the next post of the same code comes on when this is dropped.
pub(crate) struct Turn<Key: Clone + Eq + Hash> {
    // Fields are dropped in order: first the lock is let go, then the place given up.
    _lock: OwnedMutexGuard<()>,
    _place: Place<Key>,
}

struct Place<Key: Clone + Eq + Hash> {
    turns: Turns<Key>,
    key: Key,
}

impl<Key: Eq + Hash> Default for Turns<Key> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<Key: Clone + Eq + Hash> Clone for Turns<Key> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Key: Clone + Eq + Hash> Turns<Key> {
    /// Waits for a turn. Giving up the wait (dropping the future) leaves nothing behind.
    pub(crate) async fn take(&self, key: Key) -> Turn<Key> {
        let (lock, place) = self.join(key);
        Turn { _lock: lock.lock_owned().await, _place: place }
    }

    fn join(&self, key: Key) -> (Arc<AsyncMutex<()>>, Place<Key>) {
        let mut places = self.places();
        let (waiting, lock) = places.entry(key.clone()).or_default();
        *waiting += 1;
        (Arc::clone(lock), Place { turns: self.clone(), key })
    }

    fn places(&self) -> MutexGuard<'_, Places<Key>> {
        self.0.lock()
    }
}

impl<Key: Clone + Eq + Hash> Drop for Place<Key> {
    fn drop(&mut self) {
        let mut places = self.turns.places();
        if let Some((waiting, _)) = places.get_mut(&self.key) {
            *waiting -= 1;
            if *waiting == 0 {
                places.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::CodeHash;
    use miniauth_core::wire::AuthCode;
    use std::time::Duration;
    use tokio::time::timeout;

    fn code(text: &str) -> CodeHash {
        CodeHash::of(&AuthCode::parse(text).unwrap())
    }

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn the_same_code_waits_another_does_not_and_nothing_is_left() {
        let turns = Turns::default();
        let first = turns.take(code("a")).await;
        assert!(timeout(SHORT, turns.take(code("a"))).await.is_err());
        timeout(SHORT, turns.take(code("b"))).await.expect("another code has its own turn");
        assert_eq!(turns.places().len(), 1);

        let waiting = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(code("a")).await }
        });
        tokio::time::sleep(SHORT).await;
        assert!(!waiting.is_finished());
        drop(first);
        drop(timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap());
        assert!(turns.places().is_empty());
    }
}
