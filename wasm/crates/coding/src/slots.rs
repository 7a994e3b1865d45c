//! Bit histories of hashed contexts, one cache line for a context and a byte: the 15 nodes of the first nibble's tree,
//! then three trees for second nibbles, each tagged with its first nibble. (lpaq spends a line a nibble; here memory
//! that answers in a hundred nanoseconds is asked once a byte.) Check bytes tell contexts apart.

use crate::states;
use std::alloc::{alloc_zeroed, dealloc, handle_alloc_error, Layout};

const LINE: usize = 64;
const TREE: usize = 16;
/// Two neighbouring lines are candidates for a context.
const PAIR: usize = 2 * LINE;

/// Where a nibble's histories begin; add a node (1..=15) to get a history's place.
pub type Slot = u32;

/// Where a context may live: the first of two lines, and the check byte.
#[derive(Clone, Copy, Default)]
pub struct Candidate {
    pair: u32,
    check: u8,
    /// The check bytes that stand there.
    found: [u8; 2],
}

/// A hash table of lines that forgets the less used one of a pair.
pub struct Slots {
    bytes: *mut u8,
    layout: Layout,
    pair_bits: u32,
}

impl Slots {
    /// A table of `1 << bits` bytes, `10 <= bits <= 30`.
    pub fn new(bits: u32) -> Self {
        assert!((10..=30).contains(&bits));
        let layout = Layout::from_size_align(1 << bits, PAIR).expect("a power of two");
        // SAFETY: the layout is not empty.
        let bytes = unsafe { alloc_zeroed(layout) };
        if bytes.is_null() {
            handle_alloc_error(layout);
        }
        Slots { bytes, layout, pair_bits: bits - PAIR.ilog2() }
    }

    /// First step of finding: only loads, so that many contexts wait for memory at the same time.
    #[inline(always)]
    pub fn look(&self, hash: u64) -> Candidate {
        // The upper bits choose the pair, so the check takes others.
        let pair = (hash >> (64 - self.pair_bits)) as usize * PAIR;
        let check = (hash >> 8) as u8;
        // SAFETY: pairs are whole, so both lines are within the table.
        let found = unsafe { [*self.bytes.add(pair), *self.bytes.add(pair + LINE)] };
        Candidate { pair: pair as u32, check: check.max(1), found }
    }

    /// Second step: the first nibble's histories, made empty if the context is new.
    #[inline(always)]
    pub fn first(&mut self, candidate: Candidate) -> Slot {
        let Candidate { pair, check, found } = candidate;
        if found[0] == check {
            return pair;
        }
        if found[1] == check {
            return pair + LINE as u32;
        }
        self.replace(pair, check)
    }

    #[inline(never)]
    fn replace(&mut self, pair: u32, check: u8) -> Slot {
        let uses = [self.state(pair + 1), self.state(pair + LINE as u32 + 1)];
        let line = if uses[1] < uses[0] { pair + LINE as u32 } else { pair };
        self.clear(line, LINE, check);
        line
    }

    /// The second nibble's histories under the line that [`Slots::first`] gave.
    #[inline(always)]
    pub fn second(&mut self, line: Slot, nibble: u32) -> Slot {
        let tag = nibble as u8 + 1;
        let line = line & !(LINE as u32 - 1);
        let mut worst = line;
        let mut worst_uses = u8::MAX;
        for tree in [line + TREE as u32, line + 2 * TREE as u32, line + 3 * TREE as u32] {
            if self.state(tree) == tag {
                return tree;
            }
            let uses = self.state(tree + 1);
            if uses < worst_uses {
                (worst, worst_uses) = (tree, uses);
            }
        }
        self.clear(worst, TREE, tag);
        worst
    }

    /// The history at a place that was found, plus a node.
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

    /// Takes all histories for no longer than `bits`, so that what comes now counts the more, and makes every line the
    /// first to be replaced: the history of its first bit, by which uses are counted, is forgotten.
    pub fn weaken(&mut self, bits: u8) {
        let weaker: [u8; 256] = std::array::from_fn(|state| states::weakened(state as u8, bits));
        for line in (0..(PAIR << self.pair_bits) as Slot).step_by(LINE) {
            if self.state(line) == 0 {
                continue;
            }
            for tree in (line..line + LINE as Slot).step_by(TREE) {
                if self.state(tree) > 0 {
                    (tree + 1..tree + TREE as Slot)
                        .for_each(|node| self.set(node, weaker[self.state(node) as usize]));
                }
            }
            self.set(line + 1, 0);
        }
    }

    /// A copy in a table `1 << more` times as large, in which every context finds its histories.
    pub fn grown(&self, more: u32) -> Self {
        let copy = Slots::new(self.layout.size().ilog2() + more);
        for pair in 0..1usize << self.pair_bits {
            for twin in 0..1usize << more {
                // SAFETY: the larger table has room for every pair as often as it has grown.
                unsafe {
                    let place = copy.bytes.add(((pair << more) + twin) * PAIR);
                    core::ptr::copy_nonoverlapping(self.bytes.add(pair * PAIR), place, PAIR);
                }
            }
        }
        copy
    }

    #[inline(always)]
    fn clear(&mut self, at: Slot, length: usize, mark: u8) {
        // SAFETY: lines and trees begin at multiples of their size, so this is within the table.
        unsafe {
            let start = self.bytes.add(self.place(at));
            core::ptr::write_bytes(start, 0, length);
            *start = mark;
        }
    }

    #[inline(always)]
    fn place(&self, at: Slot) -> usize {
        at as usize & ((PAIR << self.pair_bits) - 1)
    }
}

impl Clone for Slots {
    fn clone(&self) -> Self {
        self.grown(0)
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

    fn find(slots: &mut Slots, hash: u64) -> Slot {
        slots.first(slots.look(hash))
    }

    #[test]
    fn a_context_finds_its_histories_again() {
        let mut slots = Slots::new(16);
        let hashes: Vec<u64> = (1..100u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        for (i, &hash) in hashes.iter().enumerate() {
            let first = find(&mut slots, hash);
            slots.set(first + 1, 7);
            slots.set(first + 15, i as u8);
            let second = slots.second(first, 9);
            slots.set(second + 15, 100 + i as u8);
        }
        for (i, &hash) in hashes.iter().enumerate() {
            let first = find(&mut slots, hash);
            assert_eq!(slots.state(first + 15), i as u8);
            let second = slots.second(first, 9);
            assert_eq!(slots.state(second + 15), 100 + i as u8);
        }
    }

    #[test]
    fn a_grown_table_keeps_its_histories() {
        let mut slots = Slots::new(12);
        let hashes: Vec<u64> = (1..10u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        for (i, &hash) in hashes.iter().enumerate() {
            let first = find(&mut slots, hash);
            slots.set(first + 3, 50 + i as u8);
        }
        for more in 0..3 {
            let mut grown = slots.grown(more);
            for (i, &hash) in hashes.iter().enumerate() {
                let first = find(&mut grown, hash);
                assert_eq!(grown.state(first + 3), 50 + i as u8);
            }
        }
    }

    #[test]
    fn weakened_histories_say_the_same_with_less_weight() {
        let mut slots = Slots::new(10);
        let line = find(&mut slots, 5 << 8);
        let long = (0..20).fold(0, |state, _| states::next(state, 1));
        let second = slots.second(line, 3);
        for (place, state) in [(line + 1, long), (line + 2, 1), (line + 3, long), (second + 1, long)] {
            slots.set(place, state);
        }
        slots.weaken(3);
        let line = find(&mut slots, 5 << 8);
        let second = slots.second(line, 3);
        assert_eq!([line + 3, second + 1].map(|place| states::counts(slots.state(place))), [[0, 3]; 2]);
        assert_eq!([slots.state(line + 1), slots.state(line + 2)], [0, 1]);
    }

    #[test]
    fn a_full_pair_loses_what_is_used_least() {
        let mut slots = Slots::new(10);
        for check in 1..=2u64 {
            let line = find(&mut slots, check << 8);
            slots.set(line + 1, 10 + check as u8);
        }
        let new = find(&mut slots, 9 << 8);
        assert_eq!(slots.state(new + 1), 0);
        slots.set(new + 1, 99);
        let kept = find(&mut slots, 2 << 8);
        assert_eq!(slots.state(kept + 1), 12);
        let lost = find(&mut slots, 1 << 8);
        assert_eq!(slots.state(lost + 1), 0);
    }

    #[test]
    fn second_nibbles_share_a_line() {
        let mut slots = Slots::new(10);
        let line = find(&mut slots, 5 << 8);
        let mut claim = |nibble| {
            let tree = slots.second(line, nibble);
            slots.set(tree + 1, 50);
            tree
        };
        let trees: Vec<Slot> = (0..3).map(&mut claim).collect();
        assert_eq!((0..3).map(|nibble| slots.second(line, nibble)).collect::<Vec<_>>(), trees);
        assert!(trees.contains(&slots.second(line, 15)));
    }
}
