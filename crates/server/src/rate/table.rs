//! What is remembered of each key: bounded, whoever comes.

use governor::{nanos::Nanos, state::StateStore};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    mem,
    time::{Duration, Instant},
};

/// How many keys each of the two generations has at most. Both together take about 5 MB when they are full.
const LARGEST_GENERATION: usize = 32 * 1024;

/// The state of each key, in two generations: a key that is used goes into the young one; when that is full, or as old as
/// it takes a key to have all its requests back, it becomes the old one, and the old one is forgotten.
///
/// So a key that is forgotten for its age would have been allowed everything again. One that is forgotten because very many
/// others came is allowed everything too early: to refuse newcomers instead would let who fills the table lock everyone out.
pub(super) struct Table {
    lives: Duration,
    generations: Mutex<Generations>,
}

struct Generations {
    young: HashMap<u128, Nanos>,
    old: HashMap<u128, Nanos>,
    since: Instant,
}

impl Table {
    /// `lives`: after how long without use a key has all its requests back.
    pub(super) fn new(lives: Duration) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new(), since: Instant::now() };
        Self { lives, generations: Mutex::new(generations) }
    }
}

impl Generations {
    /// Gives what is to be forgotten, for the caller to drop when others need not wait for that.
    fn turn(&mut self, lives: Duration) -> Option<HashMap<u128, Nanos>> {
        let due = self.young.len() >= LARGEST_GENERATION || self.since.elapsed() >= lives;
        due.then(|| {
            self.since = Instant::now();
            mem::replace(&mut self.old, mem::take(&mut self.young))
        })
    }
}

impl StateStore for Table {
    type Key = u128;

    fn measure_and_replace<T, F, E>(&self, key: &u128, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut generations = self.generations.lock();
        let forgotten = generations.turn(self.lives);
        let known = generations.young.get(key).or_else(|| generations.old.get(key)).copied();
        let decided = decide(known);
        // A refused key stays young as well: it is in use.
        if let Some(state) = decided.as_ref().map_or(known, |(_, state)| Some(*state)) {
            generations.young.insert(*key, state);
        }
        drop(generations);
        drop(forgotten);
        decided.map(|(outcome, _)| outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(table: &Table, key: u128) -> Option<Nanos> {
        table.measure_and_replace(&key, |known| Ok::<_, ()>((known, Nanos::new(1)))).unwrap()
    }

    #[test]
    fn no_number_of_keys_makes_it_grow_beyond_its_bound() {
        let table = Table::new(Duration::from_secs(60));
        for key in 0..200_000 {
            visit(&table, key);
            visit(&table, 7);
        }
        assert_eq!(visit(&table, 7), Some(Nanos::new(1)), "a key in use is never forgotten");
        assert_eq!(visit(&table, 8), None, "one of long ago is");
        let generations = table.generations.lock();
        assert!(generations.young.len() + generations.old.len() <= 2 * LARGEST_GENERATION);
    }

    #[test]
    fn what_is_not_used_is_forgotten_in_time() {
        let table = Table::new(Duration::from_millis(5));
        visit(&table, 1);
        for other in 2..4 {
            std::thread::sleep(Duration::from_millis(10));
            visit(&table, other);
        }
        assert_eq!(visit(&table, 1), None);
    }
}
