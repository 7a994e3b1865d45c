//! One walk over the numbers serves both directions: an encoder is told each bit, a decoder tells it.

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

/// `count` bits without a model, highest first.
#[inline(always)]
pub fn plain_bits<C: Coder>(coder: &mut C, value: u64, count: u32) -> u64 {
    (0..count).rev().fold(0, |known, shift| known << 1 | coder.code((value >> shift & 1) as u32, 1 << 15) as u64)
}
