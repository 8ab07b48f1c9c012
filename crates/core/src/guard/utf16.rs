//! UTF-16 as bytes, of either byte order, at either alignment.

use super::digits;

/// So many digits of base64 in a row, each beside a zero byte, are text rather than chance.
const TELLING_UNITS: usize = 6;

/// A byte order.
#[derive(Clone, Copy)]
pub(super) struct Order {
    is_big_endian: bool,
}

/// Both.
pub(super) const ORDERS: [Order; 2] = [Order { is_big_endian: false }, Order { is_big_endian: true }];

impl Order {
    const fn unit(self, bytes: [u8; 2]) -> u16 {
        if self.is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }
}

/// Adds a text's bytes in the given byte order.
pub(super) fn encode(text: &str, order: Order, bytes: &mut Vec<u8>) {
    for unit in text.encode_utf16() {
        bytes.extend_from_slice(&if order.is_big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
    }
}

/// The character at `at`, and how many bytes it takes.
pub(super) fn character(text: &[u8], at: usize, order: Order) -> Option<(char, usize)> {
    let unit = |at: usize| Some(u32::from(order.unit([*text.get(at)?, *text.get(at + 1)?])));
    let first = unit(at)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 2));
    }
    // Half of a surrogate pair.
    let code_point = 0x1_0000 + ((first & 0x3ff) << 10) + (unit(at + 2)? & 0x3ff);
    Some((char::from_u32(code_point)?, 4))
}

/// Hands every reading of `bytes` as UTF-16 in which something encoded could stand to `read`, until one is a hit.
///
/// What stands there as it is is found without a reading, by its bytes. What is encoded needs ASCII: the start of an
/// escape with what follows, or a run of digits, of at least `shortest_run` where that is few. Pictures and the like have
/// neither.
pub(super) fn readings<T>(bytes: &[u8], shortest_run: usize, mut read: impl FnMut(&[u8]) -> Option<T>) -> Option<T> {
    if !holds_ascii_code(bytes, shortest_run.min(TELLING_UNITS)) {
        return None;
    }
    ORDERS.into_iter().find_map(|order| {
        (0..2).find_map(|skip| {
            let units = bytes.get(skip..)?.chunks_exact(2).map(|pair| order.unit([pair[0], pair[1]]));
            read(decode(units).as_bytes())
        })
    })
}

/// Whether ASCII stands between zeros so that it could be an escape, or `telling` digits.
fn holds_ascii_code(bytes: &[u8], telling: usize) -> bool {
    let is = |at: Option<usize>, which: fn(&u8) -> bool| at.and_then(|at| bytes.get(at)).is_some_and(which);
    let marker = |byte: &u8| matches!(byte, b'\\' | b'%' | b'&');
    let (mut last, mut in_a_row) = (None, 0);
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == 0) {
        // Little-endian digits stand before their zeros, big-endian ones behind.
        in_a_row = match last {
            Some(last) if last + 2 == at && digits::is_digit(bytes[at - 1]) => in_a_row + 1,
            _ => 0,
        };
        last = Some(at);
        if in_a_row + 1 >= telling {
            return true;
        }
        if is(Some(at + 2), |byte| *byte == 0) {
            let little_endian = is(at.checked_sub(1), marker) && is(Some(at + 1), u8::is_ascii_graphic);
            let big_endian = is(Some(at + 1), marker) && is(Some(at + 3), u8::is_ascii_graphic);
            if little_endian || big_endian {
                return true;
            }
        }
    }
    false
}

fn decode(units: impl Iterator<Item = u16>) -> String {
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_escape_between_other_characters_is_reached(before in "\\PC{0,9}", after in "\\PC{0,9}", odd in any::<bool>()) {
            for (escape, order) in ["\\u5f20", "%41", "&lt;", "\\/", "5byg5Lyf"].into_iter().zip(ORDERS.into_iter().cycle()) {
                let text = format!("{before}{escape}{after}");
                let mut bytes = if odd { vec![7] } else { vec![] };
                encode(&text, order, &mut bytes);
                let found = readings(&bytes, 6, |read| read.windows(text.len()).find(|here| *here == text.as_bytes()).map(|_| ()));
                prop_assert!(found.is_some());
            }
        }

        #[test]
        fn no_bytes_make_it_fail(bytes in proptest::collection::vec(0_u8..128, 0..300)) {
            readings::<()>(&bytes, 6, |text| { assert!(text.len() <= bytes.len() * 2); None });
        }
    }

    #[test]
    fn a_picture_is_not_read_as_text() {
        let noise: Vec<u8> = (0_u32..200_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(readings(&noise, 16, |_| Some(())), None);
    }
}
