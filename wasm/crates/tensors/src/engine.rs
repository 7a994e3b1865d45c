//! Elements bit by bit, the highest first: exponents and the first bits of the mantissas by mixing what neighbours and
//! the column suggest, all else by what the bits above it have been followed by.

use coding::arithmetic::Coder;
use crate::mirror::Echoes;
use coding::apm::Apm;
use coding::logistic::squash;
use coding::maps::Map;
use coding::mixer::{Inputs, TwoLayers};
use std::ops::Range;

/// Bits that neighbours have a say in.
pub const TOP_BITS: u32 = 10;
const NODES: usize = 1 << TOP_BITS;
/// A level is the highest byte of an element: an exponent, or the better part of one.
const LEVEL_BITS: u32 = 8;
const LEVELS: usize = 1 << LEVEL_BITS;

const CONTEXTS: usize = 10;
const INPUTS: usize = 16;
/// How many observations a map remembers: for the last context, which sees the node alone, few.
const MEMORY: u32 = 500;
const SHORT_MEMORY: u32 = 60;
const EXACT_BITS: u32 = 20;
const EXACT_MEMORY: u32 = 255;

const SPREADS: usize = 16;
const RATE: i32 = 300;
const LAST_RATE: i32 = 30;
/// Probabilities stay so far from certainty.
const MARGIN: u32 = 16;

/// What is known of an element before it is coded: the highest bits of others, up to [`TOP_BITS`] of them.
pub struct Surroundings {
    /// The elements before, the last one first.
    pub last: [u32; 2],
    /// A lag before.
    pub above: u32,
    /// Means of a few and of many elements before, and of the column.
    pub near: u32,
    pub far: u32,
    pub column: u32,
}

/// The adaptive state of all elements of a kind.
pub struct Engine {
    bits: u32,
    top: u32,
    maps: [Map; CONTEXTS],
    bases: [usize; CONTEXTS],
    inputs: Inputs<INPUTS>,
    mixer: TwoLayers<INPUTS, 2>,
    apm: Apm<6>,
    exact: Map,
    pub echoes: Echoes,
}

impl Engine {
    /// For elements of `bits` bits.
    pub fn new(bits: u32) -> Self {
        let top = bits.min(TOP_BITS);
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[CONTEXTS] = 256;
        let map =
            |i| if i < CONTEXTS - 1 { Map::new(LEVELS << top, MEMORY) } else { Map::new(1 << top, SHORT_MEMORY) };
        Engine {
            bits,
            top,
            maps: std::array::from_fn(map),
            bases: [0; CONTEXTS],
            inputs,
            mixer: TwoLayers::new([NODES, SPREADS * TOP_BITS as usize], TOP_BITS as usize, 7000),
            apm: Apm::new(NODES),
            exact: Map::new(1 << EXACT_BITS, EXACT_MEMORY),
            echoes: Echoes::new(),
        }
    }

    /// Codes the highest bits of `value`, and gives them.
    pub fn top<B: Coder>(&mut self, coder: &mut B, value: u64, around: &Surroundings) -> u64 {
        let spread = self.enter(around);
        let mut node = 1usize;
        for place in 0..self.top {
            for i in 0..CONTEXTS {
                self.inputs.0[i] = self.maps[i].stretched(self.bases[i] + node);
            }
            let sets = [node, spread * TOP_BITS as usize + place as usize];
            let mixed = self.mixer.mix(&self.inputs, &sets, place as usize);
            let refined = self.apm.refine(mixed, node);
            let one = ((refined + 3 * squash(mixed)) / 4).clamp(MARGIN, 65536 - MARGIN);
            let bit = coder.code((value >> (self.bits - 1 - place)) as u32 & 1, one);
            for i in 0..CONTEXTS {
                self.maps[i].update(self.bases[i] + node, bit);
            }
            self.mixer.update(&self.inputs, bit, RATE, LAST_RATE);
            self.apm.update(bit);
            node = node * 2 + bit as usize;
        }
        (node - (1 << self.top)) as u64
    }

    /// Chooses the contexts of an element. @returns how far the two last ones lay apart
    fn enter(&mut self, around: &Surroundings) -> usize {
        let shift = self.top.saturating_sub(LEVEL_BITS);
        let level = |top: u32| (top >> shift) as usize % LEVELS;
        // Levels of neighbours seldom differ by much: their lower bits tell more than the upper ones.
        let pair = |a: usize, b: usize| a % 16 << 4 | b % 16;
        let [last, before] = around.last.map(level);
        let [above, near, far, column] = [around.above, around.near, around.far, around.column].map(level);
        let half = LEVELS / 32;
        let contexts = [
            0,
            last,
            above,
            near,
            far,
            column,
            pair(column * 4 / half, near * 4 / half),
            pair(last * 4 / half, before * 4 / half),
            pair(above * 4 / half, far * 4 / half),
            0,
        ];
        self.bases = contexts.map(|context| context << self.top);
        last.abs_diff(before).min(SPREADS - 1)
    }

    /// Codes the bits below the highest, but for those that are 0, as what followed the same bits before; gives the whole
    /// element.
    pub fn rest<B: Coder>(&mut self, coder: &mut B, value: u64, top: u64, zeros: Range<u32>) -> u64 {
        let mut known = 1u128 << self.top | top as u128;
        for place in (0..self.bits - self.top).rev() {
            if zeros.contains(&place) {
                known <<= 1;
                continue;
            }
            let slot = ((known as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - EXACT_BITS)) as usize;
            let one = self.exact.one(slot).clamp(2 * MARGIN, 65536 - 2 * MARGIN);
            let bit = coder.code((value >> place) as u32 & 1, one);
            self.exact.update(slot, bit);
            known = known << 1 | bit as u128;
        }
        known as u64 & (u64::MAX >> (64 - self.bits))
    }
}
