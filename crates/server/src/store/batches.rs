//! What is asked for at the same time, read by one statement.
//!
//! A round trip costs database and server many times what one more row costs. So a question that arrives while statements are under way
//! waits until one of them ends; the next statement carries it together with all others that arrived meanwhile. A question never waits for
//! others to arrive: if no statement is under way, it is sent at once. No answer is older than its question.

use super::StoreError;
use parking_lot::Mutex;
use std::{pin::Pin, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Statements under way at once. With more of them, each would carry less.
const STATEMENTS: usize = 2;

/// The most questions in one statement.
const MOST: usize = 256;

/// What is known of a key.
pub(super) type Answer<V> = Result<Option<V>, StoreError>;

type Reading<V> = Pin<Box<dyn Future<Output = Result<Vec<Answer<V>>, StoreError>> + Send>>;

/// A key, and who asks for it.
type Question<K, V> = (K, oneshot::Sender<Answer<V>>);

/// Questions of one kind.
pub(super) struct Batches<K, V>(Arc<Queue<K, V>>);

struct Queue<K, V> {
    /// Gives an answer for each key, in their order.
    read: Box<dyn Fn(Vec<K>) -> Reading<V> + Send + Sync>,
    waiting: Mutex<Vec<Question<K, V>>>,
    places: Arc<Semaphore>,
}

impl<K: Send + 'static, V: Send + 'static> Batches<K, V> {
    pub(super) fn new<F>(read: impl Fn(Vec<K>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<Answer<V>>, StoreError>> + Send + 'static,
    {
        Self(Arc::new(Queue {
            read: Box::new(move |keys| Box::pin(read(keys))),
            waiting: Mutex::default(),
            places: Arc::new(Semaphore::new(STATEMENTS)),
        }))
    }

    pub(super) async fn ask(&self, key: K) -> Answer<V> {
        let (tell, answer) = oneshot::channel();
        self.0.waiting.lock().push((key, tell));
        if let Ok(place) = Arc::clone(&self.0.places).try_acquire_owned() {
            tokio::spawn(Arc::clone(&self.0).read_all(place));
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::panicked()))
    }
}

impl<K, V> Queue<K, V> {
    /// Reads until no question waits.
    async fn read_all(self: Arc<Self>, mut place: OwnedSemaphorePermit) {
        loop {
            // Lets other tasks ask that are ready to run, so that they go along.
            tokio::task::yield_now().await;
            while let Some(questions) = self.next() {
                self.read_batch(questions).await;
            }
            drop(place);
            // A question may have arrived that still found the place taken.
            if self.waiting.lock().is_empty() {
                return;
            }
            match Arc::clone(&self.places).try_acquire_owned() {
                Ok(again) => place = again,
                Err(_) => return,
            }
        }
    }

    /// The questions that wait, without those whose asker has given up.
    fn next(&self) -> Option<Vec<Question<K, V>>> {
        let mut waiting = self.waiting.lock();
        waiting.retain(|(_, asker)| !asker.is_closed());
        let count = waiting.len().min(MOST);
        (count > 0).then(|| waiting.drain(..count).collect())
    }

    async fn read_batch(&self, questions: Vec<Question<K, V>>) {
        let (keys, askers): (Vec<_>, Vec<_>) = questions.into_iter().unzip();
        // An asker that has given up meanwhile takes no answer.
        match (self.read)(keys).await {
            Ok(answers) => askers.into_iter().zip(answers).for_each(|(asker, answer)| drop(asker.send(answer))),
            Err(error) => askers.into_iter().for_each(|asker| drop(asker.send(Err(error.clone())))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{sync::mpsc, task::JoinSet};

    type Told = mpsc::UnboundedReceiver<(Vec<u32>, oneshot::Sender<Result<(), StoreError>>)>;

    /// Statements that end when the test says so, and give twice an odd key.
    fn batches() -> (Arc<Batches<u32, u32>>, Told) {
        let (tell, told) = mpsc::unbounded_channel();
        let read = move |keys: Vec<u32>| {
            let (end, ended) = oneshot::channel();
            tell.send((keys.clone(), end)).unwrap();
            async move {
                ended.await.unwrap()?;
                Ok(keys.into_iter().map(|key| Ok((key % 2 == 1).then_some(key * 2))).collect())
            }
        };
        (Arc::new(Batches::new(read)), told)
    }

    fn ask(batches: &Arc<Batches<u32, u32>>, keys: impl IntoIterator<Item = u32>) -> JoinSet<(u32, Answer<u32>)> {
        let one = |key| {
            let batches = Arc::clone(batches);
            async move { (key, batches.ask(key).await) }
        };
        keys.into_iter().map(one).collect()
    }

    #[tokio::test]
    async fn who_comes_while_statements_are_under_way_goes_with_the_next() {
        let (batches, mut told) = batches();
        let mut under_way = Vec::new();
        let mut asked = JoinSet::new();
        for key in 0..STATEMENTS as u32 {
            let batches = Arc::clone(&batches);
            asked.spawn(async move { (key, batches.ask(key).await) });
            let (keys, end) = told.recv().await.unwrap();
            assert_eq!(keys, [key], "nobody waits for others");
            under_way.push(end);
        }
        let many = 2 * MOST as u32;
        let mut gone = ask(&batches, [5_001]);
        let mut late = ask(&batches, 100..100 + many);
        let mut last = ask(&batches, [5_002]);
        tokio::task::yield_now().await;
        gone.shutdown().await;
        assert!(told.try_recv().is_err(), "no statement beside those");
        under_way.remove(0).send(Ok(())).unwrap();
        let mut carried = Vec::new();
        while carried.len() <= many as usize {
            let (keys, end) = told.recv().await.unwrap();
            assert!(keys.len() <= MOST, "{}", keys.len());
            carried.extend(keys);
            end.send(Ok(())).unwrap();
        }
        carried.sort_unstable();
        assert!(carried.into_iter().eq((100..100 + many).chain([5_002])), "each once, without the one who has gone");
        under_way.remove(0).send(Ok(())).unwrap();
        while let Some(answered) = late.join_next().await {
            let (key, answer) = answered.unwrap();
            assert_eq!(answer.unwrap(), (key % 2 == 1).then_some(key * 2), "each has its own answer");
        }
        assert!(last.join_next().await.unwrap().unwrap().1.is_ok());
        asked.join_all().await;
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_whom_it_concerns_and_a_panic_ends_nothing() {
        let (batches, mut told) = batches();
        let asked = ask(&batches, [1, 3]);
        let (keys, end) = told.recv().await.unwrap();
        assert_eq!(keys, [1, 3], "one turn of the runtime");
        end.send(Err(StoreError::panicked())).unwrap();
        assert!(asked.join_all().await.iter().all(|(_, answer)| answer.is_err()));
        for _ in 0..=STATEMENTS {
            let asked = ask(&batches, [1]);
            drop(told.recv().await.unwrap());
            assert!(asked.join_all().await[0].1.is_err());
        }
        let asked = ask(&batches, [1]);
        told.recv().await.unwrap().1.send(Ok(())).unwrap();
        assert_eq!(asked.join_all().await[0].1.as_ref().unwrap(), &Some(2));
    }
}
