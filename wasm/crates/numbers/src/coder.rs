//! Bits that no model foretells.

pub use coding::arithmetic::Coder;

/// `count` bits without a model, highest first.
#[inline(always)]
pub fn plain_bits<C: Coder>(coder: &mut C, value: u64, count: u32) -> u64 {
    (0..count).rev().fold(0, |known, shift| known << 1 | coder.code((value >> shift & 1) as u32, 1 << 15) as u64)
}
