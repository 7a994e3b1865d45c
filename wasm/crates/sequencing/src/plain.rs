//! Bases by one context each, in tables that stay in a processor's cache, for speed.

use crate::shares::Four;
use coding::symbols::SymbolCoder;

const ORDER: u32 = 8;
/// What is kept differs from even shares, so that fresh memory is a fresh table.
const EVEN: u64 = Four::EVEN.0;

const CONTEXT_MASK: u64 = (1 << (2 * ORDER)) - 1;

/// Bases that say where their like stood before.
const SEED: u32 = 12;
/// Of the seeds, only one of four is noted and looked for: the same ones wherever they stand.
const SAMPLE_MASK: u64 = 3;
const MOST_SLOT_BITS: u32 = 17;
/// A slot holds a place in this many bits, and a check above them.
const PLACE_BITS: u32 = 24;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;
/// Outcomes that a match is judged by, and how many of them may be wrong.
const HISTORY_MASK: usize = 0xff;
const MOST_WRONG: u32 = 4;
/// What a match begins with: it ends with the next wrong base unless right ones have come before.
const DOUBTFUL: usize = 0x0f;
/// A match that has been right for so long is kept.
const PROVEN_MASK: usize = 0xffff;

/// Behind an earlier place that goes on like this one, the shares of its base under how often it was right of late;
/// elsewhere the shares of what follows the last eight.
pub struct PlainBases {
    short: Vec<u64>,
    /// By the outcomes of the match and its base.
    matched: Vec<[Four; 4]>,
    /// Places behind seeds, 0 for none.
    slots: Vec<u32>,
    bases: Vec<u8>,
    context: u64,
    /// The place whose base is expected; 0 for none.
    place: usize,
    /// Which of the latest expected bases did not come, latest lowest.
    wrong: usize,
}

impl PlainBases {
    /// `count`: how many bases there are.
    pub fn new(count: usize) -> Self {
        let bits = (count as u64).max(1).ilog2();
        PlainBases {
            short: vec![0; CONTEXT_MASK as usize + 1],
            matched: vec![[Four::EVEN; 4]; HISTORY_MASK + 1],
            slots: vec![0; 1 << bits.clamp(8, MOST_SLOT_BITS)],
            bases: Vec::with_capacity(count),
            context: 0,
            place: 0,
            wrong: 0,
        }
    }

    pub fn start_read(&mut self) {
        (self.context, self.place) = (0, 0);
    }

    #[inline(always)]
    pub fn code<C: SymbolCoder>(&mut self, coder: &mut C, base: u8) -> u8 {
        let short = (self.context & CONTEXT_MASK) as usize;
        let in_short = Four(self.short[short] ^ EVEN);
        let found = if self.place > 0 {
            let expected = self.bases[self.place];
            let shares = &mut self.matched[self.wrong & HISTORY_MASK][expected as usize & 3];
            let found = coder.code_symbol(base as usize, shares);
            *shares = shares.after::<7>(found);
            self.wrong = self.wrong << 1 | (found != expected as usize) as usize;
            self.place = if (self.wrong & HISTORY_MASK).count_ones() > MOST_WRONG { 0 } else { self.place + 1 };
            found
        } else {
            coder.code_symbol(base as usize, &in_short)
        };
        self.short[short] = in_short.after::<5>(found).0 ^ EVEN;
        self.context = self.context << 2 | found as u64;
        self.bases.push(found as u8);
        self.seek();
        found as u8
    }

    /// Takes in a base that was coded otherwise; earlier places neither go on behind it nor find it.
    #[inline(always)]
    pub fn skip(&mut self, base: u8) {
        self.place = 0;
        self.context = self.context << 2 | base as u64;
        self.bases.push(base);
    }

    /// Notes where seeds of some kinds stand, and takes up a place where one stood before.
    #[inline(always)]
    fn seek(&mut self) {
        let hash = (self.context & ((1 << (2 * SEED)) - 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if hash >> 20 & SAMPLE_MASK != 0 {
            return;
        }
        let mask = self.slots.len() - 1;
        let slot = &mut self.slots[(hash >> 40) as usize & mask];
        let check = (hash >> 28) as u32 & !PLACE_MASK | 1 << PLACE_BITS;
        let before = core::mem::replace(slot, check | self.bases.len() as u32 & PLACE_MASK);
        if before & !PLACE_MASK == check && (self.place == 0 || self.wrong & PROVEN_MASK != 0) {
            let place = (before & PLACE_MASK) as usize;
            if place != self.place && place < self.bases.len() {
                self.place = place;
                self.wrong = DOUBTFUL;
            }
        }
    }
}
