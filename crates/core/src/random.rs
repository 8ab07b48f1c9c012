//! Randomness as an argument.

/// A cryptographic source of random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}
