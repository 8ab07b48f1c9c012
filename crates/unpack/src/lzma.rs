//! LZMA as Igor Pavlov's specification has it, for one choice of its parameters and a size that is known.

use crate::range::Decoder;

/// How many high bits of the byte before choose a literal's probabilities (`lc`); `lp` and `pb` are 0.
pub const LITERAL_CONTEXT_BITS: u32 = 3;

const SHORTEST_MATCH: usize = 2;

/// Where each group of probabilities begins.
mod base {
    /// For each of 12 states: whether it is a match.
    pub(super) const MATCH: u32 = 0;
    /// Whether it repeats one of the last distances.
    pub(super) const REPEATED: u32 = 16;
    /// Whether it is another distance than the latest, the second, the third.
    pub(super) const NOT: [u32; 3] = [32, 48, 64];
    /// Whether it is longer than one byte.
    pub(super) const LONG: u32 = 80;
    /// The low bits of distances: for far ones in all, for near ones each by itself.
    pub(super) const ALIGN: u32 = 96;
    pub(super) const NEAR: u32 = 112;
    /// Lengths: of new matches, of repeated ones.
    pub(super) const LENGTH: u32 = 256;
    pub(super) const REPEATED_LENGTH: u32 = 544;
    /// The highest bits of distances, by length.
    pub(super) const SLOTS: u32 = 832;
    /// Literals, by the byte before.
    pub(super) const LITERALS: u32 = 1088;
}

/// Decodes a raw stream, without header and end marker, until `output` is full.
///
/// `None` when it is not what an encoder writes. A stream that is cut short or changed may also decode to something else: it
/// has no checksum.
pub fn decode(stream: &[u8], output: &mut [u8]) -> Option<()> {
    let mut decoder = Decoder::new(stream)?;
    let mut state = 0;
    // The last four distances, less one, the latest first.
    let mut distances = [0_usize; 4];
    let mut at = 0;
    while at < output.len() {
        let expected = if state < 7 { None } else { Some(*output.get(at.wrapping_sub(distances[0] + 1))?) };
        if decoder.bit(base::MATCH + state) == 0 {
            let before = if at == 0 { 0 } else { *output.get(at - 1)? };
            *output.get_mut(at)? = literal(&mut decoder, before, expected);
            at += 1;
            state = match state {
                0..4 => 0,
                4..10 => state - 3,
                _ => state - 6,
            };
            continue;
        }
        let early = state < 7;
        let length = if decoder.bit(base::REPEATED + state) == 0 {
            let length = length(&mut decoder, base::LENGTH);
            let latest = distance(&mut decoder, length);
            distances = [latest, distances[0], distances[1], distances[2]];
            state = if early { 7 } else { 10 };
            length
        } else if repeated(&mut decoder, state, &mut distances) {
            state = if early { 8 } else { 11 };
            length(&mut decoder, base::REPEATED_LENGTH)
        } else {
            state = if early { 9 } else { 11 };
            1
        };
        let back = distances[0] + 1;
        let end = output.len().min(at + length);
        while at < end {
            // Byte by byte: a match may overlap what it makes.
            *output.get_mut(at)? = *output.get(at.wrapping_sub(back))?;
            at += 1;
        }
    }
    Some(())
}

/// A byte. Straight after a match it is likely to differ from the byte that the match would go on with.
#[inline(never)]
fn literal(decoder: &mut Decoder<'_>, before: u8, expected: Option<u8>) -> u8 {
    let base = base::LITERALS + 0x300 * u32::from(before >> (8 - LITERAL_CONTEXT_BITS));
    let mut symbol = 1;
    if let Some(expected) = expected {
        let mut expected = u32::from(expected);
        while symbol < 0x100 {
            expected <<= 1;
            let bit = expected >> 8 & 1;
            symbol = symbol << 1 | decoder.bit(base + 0x100 + (bit << 8) + symbol);
            if symbol & 1 != bit {
                break;
            }
        }
    }
    decoder.descend(base, symbol, 0x100) as u8
}

/// Brings the distance that is used again to the front. No, when it is a single byte at the latest.
fn repeated(decoder: &mut Decoder<'_>, state: u32, distances: &mut [usize; 4]) -> bool {
    let [first, second, third, fourth] = *distances;
    if decoder.bit(base::NOT[0] + state) == 0 {
        return decoder.bit(base::LONG + state) == 1;
    }
    *distances = if decoder.bit(base::NOT[1] + state) == 0 {
        [second, first, third, fourth]
    } else if decoder.bit(base::NOT[2] + state) == 0 {
        [third, first, second, fourth]
    } else {
        [fourth, first, second, third]
    };
    true
}

/// The length of a match: 2 to 9, 10 to 17, 18 to 273.
#[inline(never)]
fn length(decoder: &mut Decoder<'_>, base: u32) -> usize {
    let beyond = if decoder.bit(base) == 0 {
        decoder.tree(base + 8, 3)
    } else if decoder.bit(base + 1) == 0 {
        8 + decoder.tree(base + 16, 3)
    } else {
        16 + decoder.tree(base + 24, 8)
    };
    SHORTEST_MATCH + beyond as usize
}

/// A distance, less one.
#[inline(never)]
fn distance(decoder: &mut Decoder<'_>, length: usize) -> usize {
    let slot = decoder.tree(base::SLOTS + 64 * (length - SHORTEST_MATCH).min(3) as u32, 6);
    if slot < 4 {
        return slot as usize;
    }
    let low_bits = (slot >> 1) - 1;
    let high = (2 | slot & 1) << low_bits;
    let low = if slot < 14 {
        decoder.reverse_tree(base::NEAR + high - slot, low_bits)
    } else {
        decoder.direct(low_bits - 4) << 4 | decoder.reverse_tree(base::ALIGN, 4)
    };
    (high | low) as usize
}
