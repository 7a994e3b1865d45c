//! Bytes bit by bit, for those that nothing suggests: histories of four contexts, mixed by one set of weights.

use crate::suggestion::{NONE, ROUNDS};
use coding::adaptive::AdaptiveBit;
use coding::apm::Apm;
use coding::logistic::squash;
use coding::maps::StateMaps;
use coding::mixer::{Inputs, Mixer};
use coding::slots::{Slot, Slots};
use coding::states;
use general::{hash, Question};

/// Hashed contexts.
pub const SLOTS: usize = 3;
/// Those, and the byte alone under the byte before.
const STATES: usize = SLOTS + 1;
const INPUTS: usize = 8;
const BIAS: i16 = 256;
/// Of the weights: error times rate in 1/1024.
const RATE: i32 = 900;
/// Histories' probabilities move by 1/16 of their error at first, and in the end by 1/128.
const MAP_RATES: [u32; 2] = [4, 7];

#[derive(Clone)]
pub struct Speller {
    slots: Slots,
    lines: [Slot; SLOTS],
    bases: [Slot; SLOTS],
    /// Histories of the byte alone under the byte before: few enough for a plain table.
    pairs: Vec<u8>,
    states: [u8; STATES],
    maps: StateMaps<STATES>,
    inputs: Inputs<INPUTS>,
    mixer: Mixer<INPUTS, 1>,
    apm: Apm<6, 9>,
    spelt: usize,
    plain: [AdaptiveBit<7>; 256],
}

impl Speller {
    pub fn new(slots: Slots) -> Self {
        Speller {
            slots,
            lines: [0; SLOTS],
            bases: [0; SLOTS],
            pairs: vec![0; 1 << 16],
            states: [0; STATES],
            maps: StateMaps::new(),
            inputs: Inputs([0; INPUTS]),
            mixer: Mixer::new([256 * 3], 10_000),
            apm: Apm::with_step(256),
            spelt: 0,
            plain: [AdaptiveBit::new(); 256],
        }
    }

    pub fn replace_slots(&mut self, slots: Slots) -> Slots {
        std::mem::replace(&mut self.slots, slots)
    }

    /// Codes a byte behind the byte `before`, which is none of `rejected`.
    #[inline(always)]
    pub fn spell(
        &mut self,
        contexts: [u64; SLOTS],
        before: u8,
        rejected: [u16; ROUNDS],
        mut coder: impl FnMut(Question, u32) -> u32,
    ) -> u8 {
        self.find(contexts);
        let [first, last] = MAP_RATES;
        let rate = last.min(first + (self.spelt / 2048 + 1).ilog2());
        let mut node = 1u32;
        for known in 0..8 {
            if known == 4 {
                for i in 0..SLOTS {
                    self.bases[i] = self.slots.second(self.lines[i], node & 15);
                }
            }
            let pair = (before as usize) << 8 | node as usize & 255;
            let place = place(node, known);
            let one = self.predict(node, place, pair, rejected_bit(rejected, node, known));
            let bit = coder(Question::Bit(7 - known), one);
            self.update(bit, place, pair, rate);
            node = node << 1 | bit;
        }
        self.spelt += 1;
        node as u8
    }

    /// Codes a byte by how often bytes are spelt so, whatever stands before it.
    #[inline(always)]
    pub fn spell_plainly(&mut self, mut coder: impl FnMut(Question, u32) -> u32) -> u8 {
        let mut node = 1u32;
        for known in 0..8 {
            let plain = &mut self.plain[node as usize & 255];
            let bit = coder(Question::Bit(7 - known), plain.one());
            plain.update(bit);
            node = node << 1 | bit;
        }
        node as u8
    }

    #[inline(always)]
    fn find(&mut self, contexts: [u64; SLOTS]) {
        let mut candidates = [Default::default(); SLOTS];
        for i in 0..SLOTS {
            candidates[i] = self.slots.look(hash(contexts[i], i as u64));
        }
        for i in 0..SLOTS {
            self.lines[i] = self.slots.first(candidates[i]);
        }
        self.bases = self.lines;
    }

    #[inline(always)]
    fn predict(&mut self, node: u32, place: u32, pair: usize, rejected: usize) -> u32 {
        for i in 0..SLOTS {
            self.states[i] = self.slots.state(self.bases[i] + place);
        }
        self.states[SLOTS] = self.pairs[pair];
        self.maps.predict_all(&self.states, &mut self.inputs.0);
        self.inputs.0[INPUTS - 1] = BIAS;
        let [mixed] = self.mixer.mix(&self.inputs, &[node as usize * 3 + rejected]);
        let refined = self.apm.refine(mixed, node as usize);
        (squash(mixed) + refined * 3 + 2 >> 2).clamp(1, 65_535)
    }

    #[inline(always)]
    fn update(&mut self, bit: u32, place: u32, pair: usize, rate: u32) {
        self.mixer.update(&self.inputs, bit, RATE);
        self.maps.update_all(&self.states, bit, rate);
        for i in 0..SLOTS {
            self.slots.set(self.bases[i] + place, states::next(self.states[i], bit));
        }
        self.pairs[pair] = states::next(self.states[SLOTS], bit);
        self.apm.update(bit);
    }
}

/// 1 + the next bit of the first rejected byte that began with the bits known; 0 if none did.
#[inline(always)]
fn rejected_bit(rejected: [u16; ROUNDS], node: u32, known: u32) -> usize {
    let [first, second] = rejected.map(|byte| {
        let began = (byte ^ NONE) as u32 >> (8 - known) == node;
        if began {
            1 + (byte as usize >> (7 - known) & 1)
        } else {
            0
        }
    });
    if first == 0 {
        second
    } else {
        first
    }
}

/// The node within a nibble's tree.
#[inline(always)]
fn place(node: u32, known: u32) -> u32 {
    let depth = known & 3;
    1 << depth | node & ((1 << depth) - 1)
}
