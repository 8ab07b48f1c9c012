//! One post of a code at a time, within this process.

use crate::crypto::CodeHash;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

type Places = HashMap<CodeHash, (usize, Arc<AsyncMutex<()>>)>;

/// Lets posts of the same code go one after another, so that a repeated post that comes while the first is still at the
/// gateway waits for its outcome. Posts of different codes never wait for each other.
///
/// This is for the client's sake. That a code is exchanged once is the database's doing, also across processes.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<Places>>);

/// A turn: the next post of the same code comes on when this is dropped.
pub(crate) struct Turn {
    // Fields are dropped in order: first the lock is let go, then the place given up.
    _lock: OwnedMutexGuard<()>,
    _place: Place,
}

struct Place {
    turns: Turns,
    code: CodeHash,
}

impl Turns {
    /// Waits for a turn. Giving up the wait (dropping the future) leaves nothing behind.
    pub(crate) async fn take(&self, code: CodeHash) -> Turn {
        let (lock, place) = self.join(code);
        Turn { _lock: lock.lock_owned().await, _place: place }
    }

    fn join(&self, code: CodeHash) -> (Arc<AsyncMutex<()>>, Place) {
        let mut places = self.places();
        let (waiting, lock) = places.entry(code.clone()).or_default();
        *waiting += 1;
        (Arc::clone(lock), Place { turns: self.clone(), code })
    }

    /// Counting cannot be left half done by a panic, so a poisoned lock is still good.
    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.turns.places();
        if let Some((waiting, _)) = places.get_mut(&self.code) {
            *waiting -= 1;
            if *waiting == 0 {
                places.remove(&self.code);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
