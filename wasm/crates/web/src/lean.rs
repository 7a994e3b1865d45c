//! The engine of level balanced: few contexts, two votes, one refinement, for several times the speed of the engine of the
//! general model.

use crate::code::Code;
use crate::matcher::Matcher;
use crate::shortcut::Shortcut;
use coding::apm::Apm;
use coding::logistic::squash;
use coding::maps::StateMaps;
use coding::matching::{Voter, CONFIDENCES};
use coding::mixer::{Inputs, TwoLayers};
use coding::slots::{Slot, Slots};
use coding::states;
use general::{hash, recent, Question};

const SLOTS: usize = 4;
const VOTES: usize = 2;
/// Slots, the byte alone under the byte before, the votes and the bias; in vectors of eight.
const INPUTS: usize = 8;
const BIAS: i16 = 256;

#[derive(Clone)]
pub struct Lean {
    code: Code,
    long: Matcher<16, 18>,
    short: Matcher<6, 18>,
    slots: Slots,
    lines: [Slot; SLOTS],
    bases: [Slot; SLOTS],
    states: [u8; SLOTS],
    maps: StateMaps<SLOTS>,
    pairs: Vec<u8>,
    pair_map: StateMaps<1>,
    voters: [Voter; VOTES],
    inputs: Inputs<INPUTS>,
    mixer: TwoLayers<INPUTS, 2>,
    apm: Apm<6, 9>,
    shortcut: Shortcut,
    last: usize,
    spelt: usize,
}

impl Lean {
    pub fn new(slots: Slots) -> Self {
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[INPUTS - 1] = BIAS;
        Lean {
            code: Code::new(),
            long: Matcher::new(),
            short: Matcher::new(),
            slots,
            lines: [0; SLOTS],
            bases: [0; SLOTS],
            states: [0; SLOTS],
            maps: StateMaps::new(),
            pairs: vec![0; 1 << 16],
            pair_map: StateMaps::new(),
            voters: [Voter::new(CONFIDENCES), Voter::new(CONFIDENCES)],
            inputs,
            mixer: TwoLayers::new([256 * 3, 256], 1, 6000),
            apm: Apm::with_step(1 << 16),
            shortcut: Shortcut::new(),
            last: 0,
            spelt: 0,
        }
    }

    pub fn replace_slots(&mut self, slots: Slots) -> Slots {
        std::mem::replace(&mut self.slots, slots)
    }

    /// Codes one byte: `coder` gets each question with the probability of yes, and answers.
    #[inline(always)]
    pub fn code(&mut self, history: &[u8], mut coder: impl FnMut(Question, u32) -> u32) -> u8 {
        self.read(history);
        let mut votes = [self.long.pointer(), self.short.pointer()]
            .map(|pointer| (pointer.expected(history), pointer.confidence()));
        let recent = recent(history);
        let best = votes.iter().position(|vote| vote.0.is_some());
        let expected = best.and_then(|who| votes[who].0);
        let chance = best.zip(expected).and_then(|(who, byte)| {
            let who = if who == 0 && votes[1].0 == expected { 2 } else { who };
            let last = |count: u32| recent & (u64::MAX >> (64 - 8 * count));
            let signs = [last(2), last(4), hash(self.code.word, self.code.delimiter())];
            self.shortcut.chance(byte, votes[who & 1].1 << 2 | who, signs)
        });
        if let (Some(byte), Some(chance)) = (expected, chance) {
            let came = coder(Question::Byte(byte), chance) != 0;
            self.shortcut.update(came);
            if came {
                self.last = byte as usize;
                return byte;
            }
            votes.iter_mut().filter(|vote| vote.0 == Some(byte)).for_each(|vote| vote.0 = None);
        }
        let byte = self.spell(recent, votes, coder);
        if expected.is_some() && chance.is_none() {
            self.shortcut.update(expected == Some(byte));
        }
        self.last = byte as usize;
        byte
    }

    /// Reads on in `history`, whose last byte need not be coded.
    pub fn skip(&mut self, history: &[u8]) {
        self.read(history);
    }

    #[inline(always)]
    fn read(&mut self, history: &[u8]) {
        self.long.update(history);
        self.short.update(history);
        self.code.read(history);
    }

    #[inline(always)]
    fn spell(
        &mut self,
        recent: u64,
        votes: [(Option<u8>, usize); VOTES],
        mut coder: impl FnMut(Question, u32) -> u32,
    ) -> u8 {
        for (voter, (byte, confidence)) in self.voters.iter_mut().zip(votes) {
            voter.expect(byte, confidence);
        }
        self.find(recent);
        let confidence = if votes[0].0.is_some() { votes[0].1 } else { votes[1].1 };
        let rate = 4 + (self.spelt / 2048 + 1).ilog2().min(2);
        let mut node = 1u32;
        for known in 0..8 {
            if known == 4 {
                for i in 0..SLOTS {
                    self.bases[i] = self.slots.second(self.lines[i], node & 15);
                }
            }
            let one = self.predict(node, known, confidence);
            let bit = coder(Question::Bit(7 - known), one);
            self.update(bit, node, known, rate);
            node = node << 1 | bit;
        }
        self.spelt += 1;
        node as u8
    }

    #[inline(always)]
    fn find(&mut self, recent: u64) {
        let last = |count: u32| recent & (u64::MAX >> (64 - 8 * count));
        let code = &self.code;
        let named = hash(hash(code.word, code.delimiter()), code.words[0]);
        let contexts = [last(2), last(3), last(5), named];
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
    fn predict(&mut self, node: u32, known: u32, confidence: usize) -> u32 {
        let place = place(node, known);
        for i in 0..SLOTS {
            let state = self.slots.state(self.bases[i] + place);
            self.states[i] = state;
            self.inputs.0[i] = self.maps.stretched(i, state);
        }
        self.inputs.0[SLOTS] = self.pair_map.stretched(0, self.pairs[self.pair(node)]);
        for (i, voter) in self.voters.iter_mut().enumerate() {
            self.inputs.0[SLOTS + 1 + i] = voter.vote(node, known) as i16;
        }
        let expected = self.voters[0].expected_bit().or(self.voters[1].expected_bit());
        let vote = expected.map_or(0, |bit| 1 + bit as usize);
        let trust = if vote == 0 { 0 } else { confidence >> 3 };
        let sets = [node as usize * 3 + vote, (self.last & 0xf0) | trust];
        let mixed = self.mixer.mix(&self.inputs, &sets, 0);
        let refined = self.apm.refine(mixed, self.pair(node));
        (squash(mixed) + refined * 3 + 2 >> 2).clamp(1, 65_535)
    }

    #[inline(always)]
    fn update(&mut self, bit: u32, node: u32, known: u32, rate: u32) {
        self.mixer.update(&self.inputs, bit, 90, 30);
        let place = place(node, known);
        for i in 0..SLOTS {
            let state = self.states[i];
            self.maps.update(i, state, bit, rate);
            self.slots.set(self.bases[i] + place, states::next(state, bit));
        }
        let pair = self.pair(node);
        let state = self.pairs[pair];
        self.pair_map.update(0, state, bit, rate);
        self.pairs[pair] = states::next(state, bit);
        self.voters.iter_mut().for_each(|voter| voter.update(bit));
        self.apm.update(bit);
    }

    #[inline(always)]
    fn pair(&self, node: u32) -> usize {
        self.last << 8 | node as usize & 255
    }
}

/// The node within a nibble's tree.
#[inline(always)]
fn place(node: u32, known: u32) -> u32 {
    let depth = known & 3;
    1 << depth | node & ((1 << depth) - 1)
}
