//! LZMA's range coder: bits from bytes, by adaptive probabilities.

/// The probability that a bit is 0, of 2048.
pub(crate) type Probability = u16;

/// Neither is likelier.
pub(crate) const EVEN: Probability = 1024;

/// Reads bits. Beyond the end of its bytes it reads zeros: the caller knows how much there must be.
pub(crate) struct Decoder<'a> {
    bytes: &'a [u8],
    range: u32,
    code: u32,
}

impl<'a> Decoder<'a> {
    /// `None` when the first byte is not the zero with which every encoder begins.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (&0, bytes) = bytes.split_first()? else { return None };
        let mut decoder = Self { bytes, range: u32::MAX, code: 0 };
        for _ in 0..4 {
            decoder.code = decoder.code << 8 | decoder.byte();
        }
        Some(decoder)
    }

    fn byte(&mut self) -> u32 {
        let Some((&byte, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        u32::from(byte)
    }

    fn normalize(&mut self) {
        if self.range < 1 << 24 {
            self.range <<= 8;
            self.code = self.code << 8 | self.byte();
        }
    }

    /// One bit, from whose value the probability learns.
    pub(crate) fn bit(&mut self, probability: &mut Probability) -> bool {
        let bound = (self.range >> 11) * u32::from(*probability);
        let bit = self.code >= bound;
        if bit {
            self.range -= bound;
            self.code -= bound;
            *probability -= *probability >> 5;
        } else {
            self.range = bound;
            *probability += (2048 - *probability) >> 5;
        }
        self.normalize();
        bit
    }

    /// `count` bits of equal probability, the highest first.
    pub(crate) fn direct(&mut self, count: u32) -> u32 {
        (0..count).fold(0, |value, _| {
            self.range >>= 1;
            let bit = self.code >= self.range;
            if bit {
                self.code -= self.range;
            }
            self.normalize();
            value << 1 | u32::from(bit)
        })
    }

    /// A number of `bits` bits, the highest first, by a tree of probabilities.
    pub(crate) fn tree(&mut self, probabilities: &mut [Probability], bits: u32) -> Option<u32> {
        let mut node = 1;
        for _ in 0..bits {
            node = node << 1 | u32::from(self.bit(probabilities.get_mut(node as usize)?));
        }
        Some(node - (1 << bits))
    }

    /// The same, the lowest bit first.
    pub(crate) fn reverse_tree(&mut self, probabilities: &mut [Probability], bits: u32) -> Option<u32> {
        let (mut node, mut value) = (1, 0);
        for at in 0..bits {
            let bit = u32::from(self.bit(probabilities.get_mut(node as usize)?));
            node = node << 1 | bit;
            value |= bit << at;
        }
        Some(value)
    }
}
