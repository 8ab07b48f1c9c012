//! LZMA as Igor Pavlov's specification has it, for one choice of its parameters and a size that is known.

use crate::range::{Decoder, EVEN, Probability};

/// How many high bits of the byte before choose a literal's probabilities (`lc`); `lp` and `pb` are 0.
pub const LITERAL_CONTEXT_BITS: u32 = 3;

const STATES: usize = 12;
const SLOTS: usize = 64;
const SHORTEST_MATCH: usize = 2;

/// Decodes a raw stream, without header and end marker, until `output` is full.
///
/// `None` when it is not what an encoder writes. A stream that is cut short or changed may also decode to something else: it
/// has no checksum.
pub fn decode(stream: &[u8], output: &mut [u8]) -> Option<()> {
    let mut decoder = Decoder::new(stream)?;
    let mut model = Model::new();
    let mut state = 0;
    // The last four distances, less one, the latest first.
    let mut distances = [0; 4];
    let mut at = 0;
    while at < output.len() {
        if !decoder.bit(model.is_match.get_mut(state)?) {
            let before = if at == 0 { 0 } else { *output.get(at - 1)? };
            let matched = if state < 7 { None } else { Some(*output.get(at.checked_sub(distances[0] + 1)?)?) };
            *output.get_mut(at)? = model.literal(&mut decoder, before, matched)?;
            at += 1;
            state = match state {
                0..4 => 0,
                4..10 => state - 3,
                _ => state - 6,
            };
            continue;
        }
        let early = state < 7;
        let length = if !decoder.bit(model.is_repeated.get_mut(state)?) {
            let length = model.match_length.decode(&mut decoder)?;
            distances.rotate_right(1);
            distances[0] = model.distance(&mut decoder, length)?;
            state = if early { 7 } else { 10 };
            length
        } else if let Some(index) = model.repeated(&mut decoder, state)? {
            distances.get_mut(..=index)?.rotate_right(1);
            state = if early { 8 } else { 11 };
            model.repeated_length.decode(&mut decoder)?
        } else {
            state = if early { 9 } else { 11 };
            1
        };
        let from = at.checked_sub(distances[0] + 1)?;
        let end = (at + length).min(output.len());
        for offset in 0..end - at {
            // Byte by byte: a match may overlap what it makes.
            *output.get_mut(at + offset)? = *output.get(from + offset)?;
        }
        at = end;
    }
    Some(())
}

/// Everything that the decoder learns.
struct Model {
    is_match: [Probability; STATES],
    is_repeated: [Probability; STATES],
    /// Whether it is another distance than the latest, the second, the third; whether it is longer than one byte.
    is_not: [[Probability; STATES]; 3],
    is_long: [Probability; STATES],
    literals: [[Probability; 0x300]; 1 << LITERAL_CONTEXT_BITS],
    match_length: Lengths,
    repeated_length: Lengths,
    slots: [[Probability; SLOTS]; 4],
    near: [Probability; 128],
    align: [Probability; 16],
}

impl Model {
    const fn new() -> Self {
        Self {
            is_match: [EVEN; STATES],
            is_repeated: [EVEN; STATES],
            is_not: [[EVEN; STATES]; 3],
            is_long: [EVEN; STATES],
            literals: [[EVEN; 0x300]; 1 << LITERAL_CONTEXT_BITS],
            match_length: Lengths::new(),
            repeated_length: Lengths::new(),
            slots: [[EVEN; SLOTS]; 4],
            near: [EVEN; 128],
            align: [EVEN; 16],
        }
    }

    /// A byte. Straight after a match it is likely to differ from the byte that the match would go on with.
    fn literal(&mut self, decoder: &mut Decoder<'_>, before: u8, matched: Option<u8>) -> Option<u8> {
        let probabilities = self.literals.get_mut(usize::from(before >> (8 - LITERAL_CONTEXT_BITS)))?;
        let mut symbol = 1;
        if let Some(matched) = matched {
            let mut matched = usize::from(matched);
            while symbol < 0x100 {
                let expected = matched >> 7 & 1;
                matched <<= 1;
                let bit = usize::from(decoder.bit(probabilities.get_mut(((1 + expected) << 8) + symbol)?));
                symbol = symbol << 1 | bit;
                if bit != expected {
                    break;
                }
            }
        }
        while symbol < 0x100 {
            symbol = symbol << 1 | usize::from(decoder.bit(probabilities.get_mut(symbol)?));
        }
        Some(symbol as u8)
    }

    /// Which of the last distances is used again; no index for a single byte at the latest.
    fn repeated(&mut self, decoder: &mut Decoder<'_>, state: usize) -> Option<Option<usize>> {
        for (index, is_not) in self.is_not.iter_mut().enumerate() {
            if decoder.bit(is_not.get_mut(state)?) {
                continue;
            }
            let is_single = index == 0 && !decoder.bit(self.is_long.get_mut(state)?);
            return Some(if is_single { None } else { Some(index) });
        }
        Some(Some(3))
    }

    /// A distance, less one.
    fn distance(&mut self, decoder: &mut Decoder<'_>, length: usize) -> Option<usize> {
        let slot = decoder.tree(self.slots.get_mut((length - SHORTEST_MATCH).min(3))?, 6)?;
        if slot < 4 {
            return Some(slot as usize);
        }
        let low_bits = (slot >> 1) - 1;
        let high = (2 | slot & 1) << low_bits;
        let low = if slot < 14 {
            decoder.reverse_tree(self.near.get_mut((high - slot) as usize..)?, low_bits)?
        } else {
            decoder.direct(low_bits - 4) << 4 | decoder.reverse_tree(&mut self.align, 4)?
        };
        Some((high | low) as usize)
    }
}

/// The lengths of matches: 2 to 9, 10 to 17, 18 to 273.
struct Lengths {
    is_more: [Probability; 2],
    low: [Probability; 8],
    middle: [Probability; 8],
    high: [Probability; 256],
}

impl Lengths {
    const fn new() -> Self {
        Self { is_more: [EVEN; 2], low: [EVEN; 8], middle: [EVEN; 8], high: [EVEN; 256] }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Option<usize> {
        let [first, second] = &mut self.is_more;
        let beyond = if !decoder.bit(first) {
            decoder.tree(&mut self.low, 3)?
        } else if !decoder.bit(second) {
            8 + decoder.tree(&mut self.middle, 3)?
        } else {
            16 + decoder.tree(&mut self.high, 8)?
        };
        Some(SHORTEST_MATCH + beyond as usize)
    }
}
