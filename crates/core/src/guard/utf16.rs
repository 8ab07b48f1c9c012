//! UTF-16 as bytes, of either byte order, at either alignment.

use super::digits;

/// So many digits of base64 in a row, each beside a zero byte, are text rather than chance.
const TELLING_UNITS: usize = 6;

/// The two byte orders.
pub(super) const ORDERS: [fn(u16) -> [u8; 2]; 2] = [u16::to_le_bytes, u16::to_be_bytes];

/// A text's bytes in the given byte order.
pub(super) fn encode(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

/// Hands every reading of `bytes` as UTF-16 in which something encoded could stand to `read`, until one is a hit.
///
/// What stands there as it is is found without a reading, by its bytes. What is encoded needs ASCII: the start of an
/// escape with what follows, or a run of digits, of at least `shortest_run` where that is few. Pictures and the like have
/// neither.
pub(super) fn readings<T>(bytes: &[u8], shortest_run: usize, mut read: impl FnMut(&[u8]) -> Option<T>) -> Option<T> {
    [u16::from_le_bytes, u16::from_be_bytes].into_iter().find_map(|order| {
        (0..2).find_map(|skip| {
            let bytes = bytes.get(skip..)?;
            let units = || bytes.chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
            holds_ascii_code(units(), shortest_run.min(TELLING_UNITS))
                .then(|| decode(units()))
                .and_then(|text| read(text.as_bytes()))
        })
    })
}

fn holds_ascii_code(units: impl Iterator<Item = u16>, telling: usize) -> bool {
    let (mut after_marker, mut in_a_row) = (false, 0);
    for unit in units {
        let printable = (0x21..0x7f).contains(&unit);
        let digit = printable && digits::is_digit(unit as u8);
        if after_marker && printable {
            return true;
        }
        in_a_row = if digit { in_a_row + 1 } else { 0 };
        if in_a_row >= telling && in_a_row > 0 {
            return true;
        }
        after_marker = printable && matches!(unit as u8, b'\\' | b'%' | b'&');
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
                bytes.extend(encode(&text, order));
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
