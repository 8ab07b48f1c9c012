//! Reads concurrent requests for the same kind of data with one statement.
//!
//! A round trip costs database and server many times as much as one more row. So a key that arrives while statements
//! are running waits until one ends; the next statement carries all waiting keys. A key never waits for others: if no
//! statement is running, it is sent at once. No answer is older than its request.

use super::StoreError;
use parking_lot::Mutex;
use std::{pin::Pin, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Statements at the same time. With more, each would carry fewer keys.
const MAX_STATEMENTS: usize = 2;

/// The most keys in one statement.
const MAX_KEYS: usize = 256;

/// The record of a key, if there is one.
pub(super) type Answer<V> = Result<Option<V>, StoreError>;

type Read<V> = Pin<Box<dyn Future<Output = Result<Vec<Answer<V>>, StoreError>> + Send>>;

/// A key, and the channel for its answer.
type Request<K, V> = (K, oneshot::Sender<Answer<V>>);

/// A queue of requests of one kind.
pub(super) struct Batches<K, V>(Arc<Queue<K, V>>);

struct Queue<K, V> {
    /// Returns an answer for each key, in their order.
    read: Box<dyn Fn(Vec<K>) -> Read<V> + Send + Sync>,
    waiting: Mutex<Vec<Request<K, V>>>,
    permits: Arc<Semaphore>,
}

impl<K: Send + 'static, V: Send + 'static> Batches<K, V> {
    pub(super) fn new<F>(read: impl Fn(Vec<K>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<Answer<V>>, StoreError>> + Send + 'static,
    {
        Self(Arc::new(Queue {
            read: Box::new(move |keys| Box::pin(read(keys))),
            waiting: Mutex::default(),
            permits: Arc::new(Semaphore::new(MAX_STATEMENTS)),
        }))
    }

    pub(super) async fn ask(&self, key: K) -> Answer<V> {
        let (tell, answer) = oneshot::channel();
        self.0.waiting.lock().push((key, tell));
        if let Ok(permit) = Arc::clone(&self.0.permits).try_acquire_owned() {
            tokio::spawn(Arc::clone(&self.0).read_all(permit));
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::panicked()))
    }
}

impl<K, V> Queue<K, V> {
    /// Reads until no key is waiting.
    async fn read_all(self: Arc<Self>, mut permit: OwnedSemaphorePermit) {
        loop {
            // Lets other tasks that are ready add their keys first.
            tokio::task::yield_now().await;
            while let Some(requests) = self.next() {
                self.read_batch(requests).await;
            }
            drop(permit);
            // A key may have arrived while the permit was still taken.
            if self.waiting.lock().is_empty() {
                return;
            }
            match Arc::clone(&self.permits).try_acquire_owned() {
                Ok(again) => permit = again,
                Err(_) => return,
            }
        }
    }

    /// Returns the waiting keys, without those whose caller has given up.
    fn next(&self) -> Option<Vec<Request<K, V>>> {
        let mut waiting = self.waiting.lock();
        waiting.retain(|(_, caller)| !caller.is_closed());
        let count = waiting.len().min(MAX_KEYS);
        (count > 0).then(|| waiting.drain(..count).collect())
    }

    async fn read_batch(&self, requests: Vec<Request<K, V>>) {
        let (keys, callers): (Vec<_>, Vec<_>) = requests.into_iter().unzip();
        // Sending to a caller that has given up fails, which is fine.
        match (self.read)(keys).await {
            Ok(answers) => callers.into_iter().zip(answers).for_each(|(caller, answer)| drop(caller.send(answer))),
            Err(error) => callers.into_iter().for_each(|caller| drop(caller.send(Err(error.clone())))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{sync::mpsc, task::JoinSet};

    type Statements = mpsc::UnboundedReceiver<(Vec<u32>, oneshot::Sender<Result<(), StoreError>>)>;

    /// Statements that end when the test says so, and return twice the key for odd keys.
    fn batches() -> (Arc<Batches<u32, u32>>, Statements) {
        let (tell, statements) = mpsc::unbounded_channel();
        let read = move |keys: Vec<u32>| {
            let (end, ended) = oneshot::channel();
            tell.send((keys.clone(), end)).unwrap();
            async move {
                ended.await.unwrap()?;
                Ok(keys.into_iter().map(|key| Ok((key % 2 == 1).then_some(key * 2))).collect())
            }
        };
        (Arc::new(Batches::new(read)), statements)
    }

    fn ask(batches: &Arc<Batches<u32, u32>>, keys: impl IntoIterator<Item = u32>) -> JoinSet<(u32, Answer<u32>)> {
        let one = |key| {
            let batches = Arc::clone(batches);
            async move { (key, batches.ask(key).await) }
        };
        keys.into_iter().map(one).collect()
    }

    #[tokio::test]
    async fn keys_that_arrive_during_statements_are_batched() {
        let (batches, mut statements) = batches();
        let mut under_way = Vec::new();
        let mut asked = JoinSet::new();
        for key in 0..MAX_STATEMENTS as u32 {
            let batches = Arc::clone(&batches);
            asked.spawn(async move { (key, batches.ask(key).await) });
            let (keys, end) = statements.recv().await.unwrap();
            assert_eq!(keys, [key], "no key waits for others");
            under_way.push(end);
        }
        let many = 2 * MAX_KEYS as u32;
        let mut gone = ask(&batches, [5_001]);
        let mut late = ask(&batches, 100..100 + many);
        let mut last = ask(&batches, [5_002]);
        tokio::task::yield_now().await;
        gone.shutdown().await;
        assert!(statements.try_recv().is_err(), "there are further statements");
        under_way.remove(0).send(Ok(())).unwrap();
        let mut carried = Vec::new();
        while carried.len() <= many as usize {
            let (keys, end) = statements.recv().await.unwrap();
            assert!(keys.len() <= MAX_KEYS, "{}", keys.len());
            carried.extend(keys);
            end.send(Ok(())).unwrap();
        }
        carried.sort_unstable();
        assert!(carried.into_iter().eq((100..100 + many).chain([5_002])), "each once, without the cancelled one");
        under_way.remove(0).send(Ok(())).unwrap();
        while let Some(answered) = late.join_next().await {
            let (key, answer) = answered.unwrap();
            assert_eq!(answer.unwrap(), (key % 2 == 1).then_some(key * 2), "each key has its own answer");
        }
        assert!(last.join_next().await.unwrap().unwrap().1.is_ok());
        asked.join_all().await;
    }

    #[tokio::test]
    async fn all_callers_of_a_failed_batch_get_the_error_and_a_panic_stops_nothing() {
        let (batches, mut statements) = batches();
        let asked = ask(&batches, [1, 3]);
        let (keys, end) = statements.recv().await.unwrap();
        assert_eq!(keys, [1, 3], "one round of the runtime");
        end.send(Err(StoreError::panicked())).unwrap();
        assert!(asked.join_all().await.iter().all(|(_, answer)| answer.is_err()));
        for _ in 0..=MAX_STATEMENTS {
            let asked = ask(&batches, [1]);
            drop(statements.recv().await.unwrap());
            assert!(asked.join_all().await[0].1.is_err());
        }
        let asked = ask(&batches, [1]);
        statements.recv().await.unwrap().1.send(Ok(())).unwrap();
        assert_eq!(asked.join_all().await[0].1.as_ref().unwrap(), &Some(2));
    }
}
