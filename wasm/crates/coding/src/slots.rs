//! Bit histories of hashed contexts: one slot holds the 15 nodes of a nibble's tree, one cache line four slots, so a
//! context costs two cache lines a byte (the layout of lpaq, with check bytes against collisions).

use std::alloc::{alloc_zeroed, dealloc, handle_alloc_error, Layout};

const LINE: usize = 64;
const SLOT: usize = 16;

/// Where a nibble's histories begin; add a node (1..=15) to get a history's place.
pub type Slot = u32;

/// A hash table of slots that forgets the least used one of a full line.
pub struct Slots {
    bytes: *mut u8,
    layout: Layout,
    line_bits: u32,
}

impl Slots {
    /// A table of `1 << bits` bytes, `10 <= bits <= 30`.
    pub fn new(bits: u32) -> Self {
        assert!((10..=30).contains(&bits));
        let layout = Layout::from_size_align(1 << bits, LINE).expect("a power of two");
        // SAFETY: the layout is not empty.
        let bytes = unsafe { alloc_zeroed(layout) };
        if bytes.is_null() {
            handle_alloc_error(layout);
        }
        Slots { bytes, layout, line_bits: bits - 6 }
    }

    /// The slot of a context, made empty if it is new. Sets `known` where it was there already.
    #[inline(always)]
    pub fn find(&mut self, hash: u64) -> Slot {
        // The upper bits choose the line, so the check takes others.
        let line = ((hash >> (64 - self.line_bits)) as usize & ((1 << self.line_bits) - 1)) * LINE;
        let check = (hash >> 8) as u8;
        let mut worst = line;
        let mut worst_priority = u8::MAX;
        for slot in [line, line + SLOT, line + 2 * SLOT, line + 3 * SLOT] {
            // SAFETY: lines are whole, so the slot's 16 bytes are within the table.
            let (found, priority) = unsafe { (*self.bytes.add(slot), *self.bytes.add(slot + 1)) };
            if found == check && priority != 0 {
                return slot as Slot;
            }
            if priority < worst_priority {
                (worst, worst_priority) = (slot, priority);
            }
        }
        // SAFETY: as above.
        unsafe {
            core::ptr::write_bytes(self.bytes.add(worst), 0, SLOT);
            *self.bytes.add(worst) = check;
        }
        worst as Slot
    }

    /// The history at a place that [`Slots::find`] gave, plus a node.
    #[inline(always)]
    pub fn state(&self, at: Slot) -> u8 {
        // SAFETY: masked to the table.
        unsafe { *self.bytes.add(self.place(at)) }
    }

    #[inline(always)]
    pub fn set(&mut self, at: Slot, state: u8) {
        // SAFETY: masked to the table.
        unsafe { *self.bytes.add(self.place(at)) = state };
    }

    #[inline(always)]
    fn place(&self, at: Slot) -> usize {
        at as usize & ((LINE << self.line_bits) - 1)
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.bytes, self.layout) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_finds_its_histories_again() {
        let mut slots = Slots::new(16);
        for hash in 0..100u64 {
            let at = slots.find(hash.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            slots.set(at + 1, 7);
            slots.set(at + 15, hash as u8);
        }
        for hash in 0..100u64 {
            let at = slots.find(hash.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            assert_eq!(slots.state(at + 15), hash as u8);
        }
    }

    #[test]
    fn a_full_line_loses_what_is_used_least() {
        let mut slots = Slots::new(10);
        for check in 1..=4u64 {
            let at = slots.find(check << 8);
            slots.set(at + 1, 10 + check as u8);
        }
        let new = slots.find(9 << 8);
        assert_eq!(slots.state(new + 1), 0);
        slots.set(new + 1, 99);
        let kept = slots.find(4 << 8);
        assert_eq!(slots.state(kept + 1), 14);
        let lost = slots.find(1 << 8);
        assert_eq!(slots.state(lost + 1), 0);
    }
}
