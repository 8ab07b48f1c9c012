//! LZMA's range coder: bits from bytes, by adaptive probabilities.

/// How many probabilities there are room for. A power of two, so that an index is brought within bounds by one instruction
/// instead of a comparison that could fail.
const ROOM: usize = 8192;

/// Reads bits. Beyond the end of its bytes it reads zeros: the caller knows how much there must be.
pub(crate) struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    range: u32,
    code: u32,
    /// That a bit is 0, of 2048.
    probabilities: [u16; ROOM],
}

impl<'a> Decoder<'a> {
    /// `None` when the first byte is not the zero with which every encoder begins.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (0, start) = (*bytes.first()?, bytes.get(1..5)?) else { return None };
        let code = start.iter().fold(0, |code, byte| code << 8 | u32::from(*byte));
        Some(Self { bytes, at: 5, range: u32::MAX, code, probabilities: [1024; ROOM] })
    }

    #[inline(always)]
    fn normalize(&mut self) {
        if self.range < 1 << 24 {
            let byte = self.bytes.get(self.at).copied().unwrap_or(0);
            self.at += 1;
            self.range <<= 8;
            self.code = self.code << 8 | u32::from(byte);
        }
    }

    /// Goes down a tree of probabilities from `node`, bit by bit, until the node's number is `end` or more. Every bit but
    /// those of equal probability is read here: engines make their fastest code of what is called often.
    #[inline(never)]
    pub(crate) fn descend(&mut self, base: u32, mut node: u32, end: u32) -> u32 {
        while node < end {
            let probability = &mut self.probabilities[base.wrapping_add(node) as usize % ROOM];
            let bound = (self.range >> 11) * u32::from(*probability);
            node <<= 1;
            if self.code < bound {
                self.range = bound;
                *probability += (2048 - *probability) >> 5;
            } else {
                self.range -= bound;
                self.code -= bound;
                *probability -= *probability >> 5;
                node += 1;
            }
            self.normalize();
        }
        node
    }

    /// One bit, from whose value the probability learns.
    pub(crate) fn bit(&mut self, index: u32) -> u32 {
        self.descend(index.wrapping_sub(1), 1, 2) & 1
    }

    /// `count` bits of equal probability, the highest first.
    pub(crate) fn direct(&mut self, count: u32) -> u32 {
        let mut value = 0;
        for _ in 0..count {
            self.range >>= 1;
            let bit = u32::from(self.code >= self.range);
            self.code -= self.range * bit;
            self.normalize();
            value = value << 1 | bit;
        }
        value
    }

    /// A number of `bits` bits, the highest first.
    pub(crate) fn tree(&mut self, base: u32, bits: u32) -> u32 {
        self.descend(base, 1, 1 << bits) - (1 << bits)
    }

    /// The same, the lowest bit first.
    pub(crate) fn reverse_tree(&mut self, base: u32, bits: u32) -> u32 {
        let (mut node, mut value) = (1, 0);
        for at in 0..bits {
            let bit = self.bit(base + node);
            node = node << 1 | bit;
            value |= bit << at;
        }
        value
    }
}
