//! A session as a text in the platform's storage.
//!
//! A phone can lose power while it writes: a checksum tells a whole text from a half-written one. It is no protection
//! against whoever can write to the storage.

use crate::{text::joined, time::Timestamp, wire::SessionToken};

/// The version of the form, which comes first.
const VERSION: &str = "1";

/// Writes a session.
///
/// ```
/// use miniauth_core::{stored_session, time::Timestamp, wire::SessionToken};
/// let token = SessionToken::parse("s".repeat(43)).unwrap();
/// let text = stored_session::write(&token, Timestamp::from_seconds(1_800_000_000));
/// assert_eq!(stored_session::read(&text), Some((token, Timestamp::from_seconds(1_800_000_000))));
/// assert_eq!(stored_session::read(&text[..text.len() - 1]), None);
/// ```
pub fn write(token: &SessionToken, expires_at: Timestamp) -> String {
    let content = joined(&[VERSION, " ", token.expose(), " ", &expires_at.as_millis().to_string()]);
    let sum = checksum(content.as_bytes()).to_string();
    joined(&[&content, " ", &sum])
}

/// Reads what [`write`] wrote, and nothing else.
pub fn read(text: &str) -> Option<(SessionToken, Timestamp)> {
    let mut parts = text.split(' ');
    let (version, token, expires_at, sum) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let content = text.as_bytes().get(..text.len() - sum.len() - 1)?;
    if version != VERSION || parts.next().is_some() || sum.parse() != Ok(checksum(content)) {
        return None;
    }
    Some((SessionToken::parse(token).ok()?, Timestamp::from_millis(expires_at.parse().ok()?)))
}

/// FNV-1a, 32 bits: enough to notice a torn write.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_other_text_is_a_session(cut in 0_usize..70, at in 0_usize..70, byte in 32_u8..127) {
            let token = SessionToken::parse("a-Z_9".repeat(9)[..43].to_owned()).unwrap();
            let text = write(&token, Timestamp::from_millis(1_800_000_000_123));
            let cut = cut.min(text.len() - 1);
            prop_assert_eq!(read(&text[..cut]), None);
            let mut changed = text.clone().into_bytes();
            let at = at.min(changed.len() - 1);
            if changed[at] != byte {
                changed[at] = byte;
                prop_assert_eq!(read(std::str::from_utf8(&changed).unwrap()), None);
            }
        }
    }
}
