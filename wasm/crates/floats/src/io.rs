//! One code path for both directions: a coder is told the bit or finds it out.

use coding::arithmetic::{Decoder, Encoder};

pub trait Bits {
    /// Codes `bit` (a decoder ignores it) with the probability of a one in 16 bits; gives the bit.
    fn bit(&mut self, bit: u32, one: u32) -> u32;

    /// Whether a decoder has read so far behind its payload that the payload must be damaged.
    fn is_lost(&self) -> bool {
        false
    }
}

impl Bits for Encoder {
    #[inline(always)]
    fn bit(&mut self, bit: u32, one: u32) -> u32 {
        self.encode(bit, one);
        bit
    }
}

impl Bits for Decoder<'_> {
    #[inline(always)]
    fn bit(&mut self, _bit: u32, one: u32) -> u32 {
        self.decode(one)
    }

    fn is_lost(&self) -> bool {
        self.overrun() > 4
    }
}
