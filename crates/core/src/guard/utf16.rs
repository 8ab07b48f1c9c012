//! UTF-16 as bytes, of either byte order, at either alignment.

use super::{
    Encoding, digits,
    encoding::{Decoded, Limits, Outcome, Read},
    escapes,
};

/// This many consecutive base64 digits, each beside a zero byte, are text rather than chance.
const TEXT_RUN: usize = 6;

/// Combines two bytes.
type Order = fn([u8; 2]) -> u16;

/// Both byte orders.
pub(super) const ORDERS: [Order; 2] = [u16::from_le_bytes, u16::from_be_bytes];

/// Decodes bytes as UTF-16 if they could contain something encoded.
///
/// Plain values are found by their bytes. Encoded ones need ASCII: the start of an escape with the next character, or a
/// run of digits, of at least the shortest length if that is small. Pictures and the like have neither.
pub(super) fn decode(bytes: &[u8], limits: Limits, read: Read<'_>) -> Outcome {
    if !holds_ascii_code(bytes, limits.shortest_run().min(TEXT_RUN)) {
        return Ok(());
    }
    for order in ORDERS {
        for bytes in [bytes, &bytes[1..]] {
            read(Decoded::whole(0, text(bytes, order).as_bytes(), &[Encoding::Utf16]))?;
        }
    }
    Ok(())
}

/// Decodes UTF-16 bytes.
pub(super) fn text(bytes: &[u8], order: Order) -> String {
    let units = bytes.chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Returns whether ASCII between zeros could be an escape, or `run` digits.
fn holds_ascii_code(bytes: &[u8], run: usize) -> bool {
    // The character of the unit at `at`. Its zero byte comes second in little-endian order, and first in big-endian.
    let ascii = |at: usize, zero: usize| {
        let is_ascii = bytes.get(at + zero) == Some(&0);
        bytes.get(at + 1 - zero).copied().filter(|_| is_ascii)
    };
    let is_code = |at: usize, zero: usize| {
        let escape = ascii(at, zero).zip(ascii(at + 2, zero));
        escape.is_some_and(|(first, second)| escapes::may_begin(first, second))
            || (0..run).all(|unit| ascii(at + 2 * unit, zero).is_some_and(digits::is_digit))
    };
    let is_between = |pair: &[u8]| pair[0] == 0 && pair[1].is_ascii_graphic();
    let mut zeros = bytes.windows(2).enumerate().filter(|(_, pair)| is_between(pair));
    zeros.any(|(zero, _)| is_code(zero, 0) || zero > 0 && is_code(zero - 1, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Reason;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits { shortest: 4, reach: 0, is_cut: [false; 2] };

    proptest! {
        #[test]
        fn an_escape_between_other_characters_is_reached(before in "\\PC{0,9}", after in "\\PC{0,9}", odd in any::<bool>()) {
            let orders = [u16::to_le_bytes, u16::to_be_bytes];
            for (escape, order) in ["\\u5f20", "%41", "&lt;", "\\/", "5byg5Lyf"].into_iter().zip(orders.into_iter().cycle()) {
                let text = format!("{before}{escape}{after}");
                let mut bytes = if odd { vec![7] } else { vec![] };
                bytes.extend(text.encode_utf16().flat_map(order));
                let is_it = |found: Decoded<'_>| found.bytes.windows(text.len()).any(|here| here == text.as_bytes());
                let mut read = |found: Decoded<'_>| if is_it(found) { Err(Reason::NickName) } else { Ok(()) };
                prop_assert!(decode(&bytes, LIMITS, &mut read).is_err());
            }
        }

        #[test]
        fn no_bytes_make_it_fail(bytes in proptest::collection::vec(0_u8..128, 0..300)) {
            let _ = decode(&bytes, LIMITS, &mut |found| { assert!(found.bytes.len() <= bytes.len() * 2); Ok(()) });
        }
    }

    #[test]
    fn a_picture_is_not_read_as_text() {
        let noise: Vec<u8> = (0_u32..200_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let limits = Limits { shortest: 12, ..LIMITS };
        assert_eq!(decode(&noise, limits, &mut |_| Err(Reason::NickName)), Ok(()));
    }
}
