//! How often each base followed a context of `order` bases: four counts of four bits.
//!
//! Contexts that differ in their last base alone are neighbours, so that the memory of a context can be asked for one
//! base before it is known.

/// A count stops here.
const MOST: u32 = 15;

pub struct KmerCounts {
    order: u32,
    /// Four counts in the lower half of an entry, in hashed tables a check in the upper half.
    entries: Vec<[u32; 4]>,
    bits: u32,
    /// Contexts have their own place or share one.
    is_direct: bool,
    ahead: [u32; 4],
    check_ahead: u32,
}

impl KmerCounts {
    /// Contexts are hashed to `bits` bits if there may be more of them.
    pub fn new(order: u32, bits: u32) -> Self {
        let is_direct = 2 * order <= bits;
        let bits = if is_direct { 2 * order } else { bits };
        KmerCounts {
            order,
            entries: vec![[0; 4]; 1 << (bits - 2)],
            bits,
            is_direct,
            ahead: [0; 4],
            check_ahead: 0,
        }
    }

    /// The counts behind `context`, packed, as they were when the context before was entered; asks for the memory of
    /// the contexts that may come next.
    #[inline(always)]
    pub fn enter(&mut self, context: u64) -> u32 {
        let base = context as usize & 3;
        let entry = self.ahead[base];
        let known = self.is_direct || entry >> 16 == self.check_ahead;
        let (next, check) = self.line_of(context);
        self.ahead = self.entries[next];
        self.check_ahead = check;
        if known { entry & 0xffff } else { 0 }
    }

    /// Counts `base` behind `context`.
    #[inline(always)]
    pub fn count(&mut self, context: u64, base: u8) {
        let (line, check) = self.line_of(context >> 2);
        let entry = &mut self.entries[line][context as usize & 3];
        let packed = if self.is_direct || *entry >> 16 == check { *entry & 0xffff } else { 0 };
        *entry = check << 16 | counted(packed, base);
    }

    /// The place and check of the four contexts that `before` and one more base make.
    #[inline(always)]
    fn line_of(&self, before: u64) -> (usize, u32) {
        let before = before & ((1 << (2 * (self.order - 1))) - 1);
        if self.is_direct {
            return (before as usize & (self.entries.len() - 1), 0);
        }
        let hash = (before + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((hash >> (66 - self.bits)) as usize & (self.entries.len() - 1), (hash >> 16) as u32 & 0xffff)
    }
}

/// One more of `base`, and the others forgotten a little where they are many.
#[inline(always)]
fn counted(packed: u32, base: u8) -> u32 {
    let shift = 4 * base as u32;
    let own = packed >> shift & 15;
    let rest = packed & !(15 << shift);
    let rest = rest - (rest >> 2 & 0x3333);
    rest | (own + (own < MOST) as u32) << shift
}
