//! Randomness as text, and randomness that repeats itself.

use fastrand::Rng;
use miniauth_core::random::Random;
use parking_lot::Mutex;

/// A random source whose bytes follow from a seed: the same calls in the same order get the same auth codes, tokens and
/// faults.
///
/// For a sandbox only: whoever knows the seed knows every token.
#[derive(Debug)]
pub struct SeededRandom(Mutex<Rng>);

impl SeededRandom {
    /// A source that begins at the beginning.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Rng::with_seed(seed)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().fill(bytes);
    }
}

/// `bytes` random bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(random: &dyn Random, bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    random.fill(&mut buffer);
    buffer.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `count` random decimal digits.
pub(crate) fn digits(random: &dyn Random, count: usize) -> String {
    let mut buffer = vec![0; count];
    random.fill(&mut buffer);
    // Slightly uneven, which does not matter for the ids of test users.
    buffer.iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let bytes = |seed| {
            let (random, mut bytes) = (SeededRandom::new(seed), [0; 21]);
            random.fill(&mut bytes);
            bytes
        };
        assert_eq!(bytes(1), bytes(1));
        assert_ne!(bytes(1), bytes(2));
    }
}
