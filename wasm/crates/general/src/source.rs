//! What a context-mixing engine is told before each byte.

use crate::gate;

/// How many mixer weight sets a source selects by itself.
pub const SELECTORS: usize = 2;

/// The contexts of the next byte: `SLOTS` hashes of bit histories, `VOTES` bytes expected outright.
#[derive(Clone)]
pub struct Contexts<const SLOTS: usize, const VOTES: usize> {
    pub hashes: [u64; SLOTS],
    /// A byte and how far it is to be trusted, below the source's `CONFIDENCES`.
    pub expected: [(Option<u8>, usize); VOTES],
    /// Which weight set to use, each below its size in `SELECTOR_SIZES`.
    pub selectors: [usize; SELECTORS],
}

/// Knows the structure of some kind of data: reads what has been coded and says what matters for the next byte. It
/// sees the past alone, so encoder and decoder agree.
pub trait ContextSource<const SLOTS: usize, const VOTES: usize> {
    const SELECTOR_SIZES: [usize; SELECTORS];
    const CONFIDENCES: usize;
    /// Above which chance (of 65536) an expected byte is asked for outright.
    const SURE: u32 = gate::SURE;
    /// Takes in the newest byte of `history` (which may be empty at first) and fills the contexts of the next.
    fn update(&mut self, history: &[u8], next: &mut Contexts<SLOTS, VOTES>);
}

/// Mixes a value into a context hash.
#[inline(always)]
pub fn hash(context: u64, value: u64) -> u64 {
    (context ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// The last eight bytes, latest lowest; zeros before the beginning.
#[inline(always)]
pub fn recent(history: &[u8]) -> u64 {
    if let Some(last) = history.last_chunk() {
        return u64::from_be_bytes(*last);
    }
    history.iter().fold(0, |recent, &byte| recent << 8 | byte as u64)
}

/// How large a table with a place for each of `length` positions is to be.
pub fn table_bits(length: usize) -> u32 {
    length.max(1).ilog2().clamp(10, 19) + 1
}

/// The size of the table of histories for `length` positions, as a power of two.
pub fn slot_bits(length: usize) -> u32 {
    (length.max(1).ilog2() + 8).clamp(16, 26)
}
