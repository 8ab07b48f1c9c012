//! A map that forgets its oldest entry when it is full.

use std::collections::{HashMap, VecDeque};

/// Keeps at most a fixed number of entries under text keys that are never inserted twice.
#[derive(Debug)]
pub(crate) struct BoundedMap<V> {
    entries: HashMap<String, V>,
    order: VecDeque<String>,
    maximum: usize,
}

impl<V> BoundedMap<V> {
    pub(crate) fn new(maximum: usize) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), maximum }
    }

    pub(crate) fn insert(&mut self, key: String, value: V) {
        if self.order.len() == self.maximum
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
    }

    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first() {
        let mut map = BoundedMap::new(2);
        for key in ["a", "b", "c"] {
            map.insert(key.to_owned(), key);
        }
        assert_eq!((map.get("a"), map.get("b"), map.get("c")), (None, Some(&"b"), Some(&"c")));
    }
}
