//! One walk over the vertices serves both directions: an encoder is told each bit, a decoder tells it.

use coding::arithmetic::{Decoder, Encoder};

/// Where bits go to or come from.
pub trait Coder {
    /// Codes `bit`, 1 with probability `one / 65536`. A decoder ignores `bit`; both give back the bit that counts.
    fn code(&mut self, bit: u32, one: u32) -> u32;
}

impl Coder for Encoder {
    #[inline(always)]
    fn code(&mut self, bit: u32, one: u32) -> u32 {
        self.encode(bit, one);
        bit
    }
}

impl Coder for Decoder<'_> {
    #[inline(always)]
    fn code(&mut self, _bit: u32, one: u32) -> u32 {
        self.decode(one)
    }
}
