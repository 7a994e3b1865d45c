//! Codes one byte after the other: by the gate, or bit by bit; and what all engines share.

use crate::gaps::Gaps;
use crate::gate::Gate;
use crate::hash::hash;
use crate::scene::{Scene, SIGNS};
use coding::apm::Apm;
use coding::arithmetic::Coder;
use coding::logistic::squash;
use coding::maps::{Map, StateMaps};
use coding::matching::Voter;
use coding::mixer::{Inputs, TwoLayers};
use coding::slots::{Candidate, Slot, Slots};
use coding::states;
use coding::symbols::SymbolCoder;

const SETS: usize = 4;
const CONFIDENCES: usize = 128;
const FIELDS: usize = 1024;

/// Codes some bytes after the others.
pub trait TextModel {
    /// Codes the bytes behind `history`, at least one and at most a token. An encoder knows the `rest` of the text,
    /// which begins with them. The next history is this one with these bytes behind.
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, history: &[u8], rest: &[u8]) -> &[u8];

    /// Area and key of the bytes coded last, and how many were spelt so far, for those who keep books.
    fn place(&self) -> (u8, u32, usize);
}

/// Expected bytes are asked for if their chance (of 65536) is larger.
const THRESHOLD: u32 = 45000;
const MOST_SLOT_BITS: u32 = 22;

/// `INPUTS` is a multiple of 8 and at least `SLOTS + SIGNS + 3`.
pub struct Engine<const SLOTS: usize, const INPUTS: usize> {
    /// Which of the contexts of [`Scene::slot_context`] it uses.
    kinds: [usize; SLOTS],
    scene: Scene,
    gate: Gate,
    slots: Slots,
    lines: [Slot; SLOTS],
    bases: [Slot; SLOTS],
    states: [u8; SLOTS],
    maps: StateMaps<SLOTS>,
    order0: Map,
    order1: Map,
    voters: [Voter; SIGNS],
    inputs: Inputs<INPUTS>,
    mixer: TwoLayers<INPUTS, SETS>,
    apms: [Apm<6>; 2],
    field: usize,
    spelt: usize,
    gaps: Gaps,
    /// Bytes that are known already, and how many of them were given.
    known: Vec<u8>,
    given: usize,
}

impl<const SLOTS: usize, const INPUTS: usize> Engine<SLOTS, INPUTS> {
    /// For a text of `length` bytes.
    pub fn new(kinds: [usize; SLOTS], length: usize) -> Self {
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[INPUTS - 1] = 256;
        Engine {
            kinds,
            scene: Scene::new(length),
            gate: Gate::new(length),
            slots: Slots::new((length.max(1) * SLOTS).ilog2().clamp(16, MOST_SLOT_BITS)),
            lines: [0; SLOTS],
            bases: [0; SLOTS],
            states: [0; SLOTS],
            maps: StateMaps::new(),
            order0: Map::new(256, 255),
            order1: Map::new(1 << 16, 255),
            voters: core::array::from_fn(|_| Voter::new(CONFIDENCES)),
            inputs,
            mixer: TwoLayers::new([256, CONFIDENCES * 3, FIELDS, 1 << 10], 256, (32768 * 4 / INPUTS as i32) as i16),
            apms: [Apm::new(1 << 16), Apm::new(FIELDS)],
            field: 0,
            spelt: 0,
            gaps: Gaps::new(),
            known: Vec::new(),
            given: 0,
        }
    }

    /// The field, or how haplotypes that have been alike go on.
    #[inline(always)]
    fn gate_field(&self) -> usize {
        if self.scene.alike > 0 { self.scene.alike as usize } else { self.field }
    }

    fn spell<C: Coder>(
        &mut self,
        coder: &mut C,
        history: &[u8],
        byte: u8,
        expected: &[(Option<u8>, usize); SIGNS],
    ) -> u8 {
        for (voter, &(byte, confidence)) in self.voters.iter_mut().zip(expected) {
            voter.expect(byte, confidence);
        }
        let mut candidates = [Candidate::default(); SLOTS];
        for i in 0..SLOTS {
            let context = self.scene.slot_context(history, self.kinds[i]);
            candidates[i] = self.slots.look(hash(context, i as u64 + 1));
        }
        for i in 0..SLOTS {
            self.lines[i] = self.slots.first(candidates[i]);
        }
        self.bases = self.lines;
        let first = expected.iter().position(|sign| sign.0.is_some());
        let confident = first.map_or(0, |first| expected[first].1);
        let rate = 4 + (self.spelt / 2048 + 1).ilog2().min(2);
        let extra = (300 * 4096 / (self.spelt + 4096)) as i32;
        let depth = self.scene.depth(history).min(3);
        let field = self.gate_field();
        let mut node = 1usize;
        for known in 0..8u32 {
            if known == 4 {
                for i in 0..SLOTS {
                    self.bases[i] = self.slots.second(self.lines[i], node as u32 & 15);
                }
            }
            let small = (1 << (known & 3) | node & ((1 << (known & 3)) - 1)) as u32;
            let mut seen = 0;
            for i in 0..SLOTS {
                let state = self.slots.state(self.bases[i] + small);
                self.states[i] = state;
                seen += (state != 0) as usize;
                self.inputs.0[i] = self.maps.stretched(i, state);
            }
            for (i, voter) in self.voters.iter_mut().enumerate() {
                self.inputs.0[SLOTS + i] = voter.vote(node as u32, known) as i16;
            }
            let pair = (self.scene.recent as usize & 255) << 8 | node;
            self.inputs.0[SLOTS + SIGNS] = self.order1.stretched(pair);
            self.inputs.0[SLOTS + SIGNS + 1] = self.order0.stretched(node);
            let vote = match first.and_then(|first| self.voters[first].expected_bit()) {
                Some(bit) => 1 + bit as usize,
                None => 0,
            };
            let known_slots = (seen.min(31) << 3 | known as usize) << 2 | depth;
            let sets = [node, confident * 3 + vote, field, known_slots];
            let mixed = self.mixer.mix(&self.inputs, &sets, node);
            let a = self.apms[0].refine(mixed, pair);
            let b = self.apms[1].refine(mixed, field);
            let one = ((squash(mixed) * 2 + a + b) / 4).clamp(1, 65535);
            let bit = coder.code((byte >> (7 - known) & 1) as u32, one);
            self.mixer.update(&self.inputs, bit, 90 + extra, 30 + extra / 4);
            self.apms.iter_mut().for_each(|apm| apm.update(bit));
            for i in 0..SLOTS {
                let state = self.states[i];
                self.maps.update(i, state, bit, rate);
                self.slots.set(self.bases[i] + small, states::next(state, bit));
            }
            self.order1.update(pair, bit);
            self.order0.update(node, bit);
            self.voters.iter_mut().for_each(|voter| voter.update(bit));
            node = node << 1 | bit as usize;
        }
        self.spelt += 1;
        node as u8
    }
}

impl<const SLOTS: usize, const INPUTS: usize> Engine<SLOTS, INPUTS> {
    #[inline(always)]
    fn code_byte<C: Coder>(&mut self, coder: &mut C, history: &[u8], rest: &[u8]) -> u8 {
        self.field = (self.scene.field >> 40) as usize & (FIELDS - 1);
        let byte = rest.first().copied().unwrap_or(0);
        self.scene.expect(history);
        let mut expected = self.scene.expected;
        let mut asked = None;
        if let Some(candidate) = self.gate.best(&expected) {
            let contexts = self.scene.gate_contexts(history);
            let chance = self.gate.chance(candidate, &contexts, self.gate_field());
            asked = Some(candidate.byte);
            if chance > THRESHOLD {
                let came = coder.code((byte == candidate.byte) as u32, chance) != 0;
                self.gate.update(came);
                asked = None;
                if came {
                    return candidate.byte;
                }
                for sign in expected.iter_mut().filter(|sign| sign.0 == Some(candidate.byte)) {
                    sign.0 = None;
                }
            }
        }
        let found = self.spell(coder, history, byte, &expected);
        if let Some(asked) = asked {
            self.gate.update(found == asked);
        }
        found
    }
}

impl<const SLOTS: usize, const INPUTS: usize> TextModel for Engine<SLOTS, INPUTS> {
    #[inline(always)]
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, history: &[u8], rest: &[u8]) -> &[u8] {
        self.scene.update(history);
        if self.given == self.known.len() {
            self.given = 0;
            let before = self.scene.position_before(history);
            if !self.gaps.code_position(coder, before, rest, &mut self.known) {
                let byte = self.code_byte(coder, history, rest);
                self.known.clear();
                self.known.push(byte);
            }
        }
        self.given += 1;
        &self.known[self.given - 1..self.given]
    }

    fn place(&self) -> (u8, u32, usize) {
        (self.scene.columns.area as u8, self.scene.columns.key, self.spelt)
    }
}
