//! Randomness as text, and randomness that repeats itself.

use miniauth_core::random::Random;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the state of the generator grows by at each step.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Sebastiano Vigna's SplitMix64: small, even, and predictable.
const fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// A generator for one owner.
#[derive(Debug)]
pub(crate) struct Seeded(u64);

impl Seeded {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 up to, but not including, 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(STEP);
        // As many bits as the fraction of a double holds.
        (mixed(self.0) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A random source whose bytes follow from a seed: the same calls in the same order get the same auth codes, tokens and
/// faults.
///
/// For a sandbox only: whoever knows the seed knows every token.
#[derive(Debug)]
pub struct SeededRandom(AtomicU64);

impl SeededRandom {
    /// A source that begins at the beginning.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let state = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
            chunk.copy_from_slice(&mixed(state).to_le_bytes()[..chunk.len()]);
        }
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
        // The first number of the published generator for the seed 1234567.
        assert_eq!(bytes(1_234_567)[..8], 6_457_827_717_110_365_317_u64.to_le_bytes());
    }
}
