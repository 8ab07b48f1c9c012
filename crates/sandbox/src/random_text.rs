//! Unguessable text from the random source.

use miniauth_core::random::Random;

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
