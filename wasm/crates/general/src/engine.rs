//! The bit loop that all sources share: histories and votes in, one probability out, everything updated.

use crate::gate::Gate;
use crate::source::{hash, ContextSource, Contexts, SELECTORS};
use coding::apm::Apm;
use coding::histories::Histories;
use coding::logistic::squash;
use coding::maps::{Map, StateMaps};
use coding::matching::Voter;
use coding::mixer::{Inputs, TwoLayers};
use coding::slots::{Candidate, Slot, Slots};
use coding::states;

const SETS: usize = 3 + SELECTORS;
const BIAS: i16 = 256;
/// Errors below are not worth a step of the weights.
const LEAST_ERROR: u16 = 1000;
/// How many of the first contexts count for the weight set "how many are known".
const ORDERS: usize = 4;

/// What a coder is asked.
#[derive(Clone, Copy)]
pub enum Question {
    /// Is the byte this one?
    Byte(u8),
    /// Which bit has the byte at this shift?
    Bit(u32),
}

impl Question {
    /// The answer for a known byte.
    #[inline(always)]
    pub fn answer(self, byte: u8) -> u32 {
        match self {
            Question::Byte(expected) => (byte == expected) as u32,
            Question::Bit(shift) => byte as u32 >> shift & 1,
        }
    }
}

/// `INPUTS` is a multiple of 8, at least `SLOTS + VOTES + 3`, and above `SLOTS` rounded up to a multiple of 8.
#[derive(Clone)]
pub struct Engine<C, const SLOTS: usize, const VOTES: usize, const INPUTS: usize> {
    source: C,
    contexts: Contexts<SLOTS, VOTES>,
    slots: Slots,
    lines: [Slot; SLOTS],
    bases: [Slot; SLOTS],
    states: [u8; SLOTS],
    maps: Histories<SLOTS>,
    /// Histories of the byte alone under the byte before: few enough for a plain table.
    pairs: Vec<u8>,
    pair_map: StateMaps<1>,
    order0: Map,
    voters: [Voter; VOTES],
    inputs: Inputs<INPUTS>,
    mixer: TwoLayers<INPUTS, SETS>,
    apms: [Apm<6, 8>; 3],
    gate: Gate,
    /// The byte that the gate was asked about and not yet told.
    foretold: Option<u8>,
    bytes: usize,
    /// Bytes that were coded bit by bit.
    spelt: usize,
    /// The last three bytes, latest lowest.
    recent: usize,
}

impl<C, const SLOTS: usize, const VOTES: usize, const INPUTS: usize> Engine<C, SLOTS, VOTES, INPUTS>
where
    C: ContextSource<SLOTS, VOTES>,
{
    /// Keeps histories in `slots`.
    pub fn new(source: C, slots: Slots) -> Self {
        assert!(INPUTS >= SLOTS + VOTES + 3 && INPUTS > SLOTS.next_multiple_of(8));
        let [a, b] = C::SELECTOR_SIZES;
        let sets = [256, C::CONFIDENCES * 3, (ORDERS + 1) * 8, a, b];
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[INPUTS - 1] = BIAS;
        Engine {
            source,
            contexts: Contexts { hashes: [0; SLOTS], expected: [(None, 0); VOTES], selectors: [0; SELECTORS] },
            slots,
            lines: [0; SLOTS],
            bases: [0; SLOTS],
            states: [0; SLOTS],
            maps: Histories::new(),
            pairs: vec![0; 1 << 16],
            pair_map: StateMaps::new(),
            order0: Map::new(256, 255),
            voters: std::array::from_fn(|_| Voter::new(C::CONFIDENCES)),
            inputs,
            mixer: TwoLayers::new(sets, 256, (32768 * 4 / (INPUTS as i32)) as i16),
            apms: [Apm::with_step(1 << 12), Apm::with_step(1 << 12), Apm::with_step(3 << 8)],
            gate: Gate::opening_above(C::SURE),
            foretold: None,
            bytes: 0,
            spelt: 0,
            recent: 0,
        }
    }

    /// Codes one byte: `coder` gets each question with the probability of yes, and answers.
    #[inline(always)]
    pub fn code(&mut self, history: &[u8], coder: impl FnMut(Question, u32) -> u32) -> u8 {
        self.code_unlike(history, None, coder)
    }

    /// The same, where `barred` is known not to come, whatever stood at the same place before.
    #[inline(always)]
    pub fn code_unlike(
        &mut self,
        history: &[u8],
        barred: Option<u8>,
        mut coder: impl FnMut(Question, u32) -> u32,
    ) -> u8 {
        self.source.update(history, &mut self.contexts);
        if barred.is_some() {
            self.contexts.expected.iter_mut().filter(|expected| expected.0 == barred).for_each(|one| one.0 = None);
        }
        let byte = match self.foretell(&mut coder) {
            Some(byte) => byte,
            None => self.spell(coder),
        };
        self.bytes += 1;
        self.recent = self.recent << 8 & 0xffffff | byte as usize;
        byte
    }

    /// Changes what it knows of the structure of its data.
    pub fn with_source(mut self, change: impl FnOnce(&mut C)) -> Self {
        change(&mut self.source);
        self
    }

    /// Puts other histories in place of its own.
    pub fn replace_slots(&mut self, slots: Slots) -> Slots {
        std::mem::replace(&mut self.slots, slots)
    }

    /// Reads on in `history`, whose last byte need not be coded: its structure and its matches count, its statistics do
    /// not.
    pub fn skip(&mut self, history: &[u8]) {
        self.source.update(history, &mut self.contexts);
    }

    /// The byte, if it is the one expected and that is hardly news.
    #[inline(always)]
    fn foretell(&mut self, coder: &mut impl FnMut(Question, u32) -> u32) -> Option<u8> {
        self.foretold = None;
        let (context, byte) = self.gate.best(self.contexts.expected.first_chunk()?)?;
        self.foretold = Some(byte);
        let chance = self.gate.chance(context, byte, self.recent)?;
        let came = coder(Question::Byte(byte), chance) != 0;
        self.gate.update(came);
        self.foretold = None;
        if came {
            return Some(byte);
        }
        for expected in self.contexts.expected.iter_mut().filter(|expected| expected.0 == Some(byte)) {
            expected.0 = None;
        }
        None
    }

    /// Codes a byte bit by bit.
    #[inline(always)]
    fn spell(&mut self, mut coder: impl FnMut(Question, u32) -> u32) -> u8 {
        self.begin_byte();
        let rates = self.rates();
        let mut node = 1u32;
        for known in 0..8 {
            if known == 4 {
                self.begin_second_nibble(node & 15);
            }
            let one = self.predict(node, known);
            let bit = coder(Question::Bit(7 - known), one);
            self.update(bit, node, known, rates);
            node = node << 1 | bit;
        }
        self.spelt += 1;
        if let Some(byte) = self.foretold {
            self.gate.update(byte == node as u8);
        }
        node as u8
    }

    #[inline(never)]
    fn begin_byte(&mut self) {
        for (voter, (byte, confidence)) in self.voters.iter_mut().zip(self.contexts.expected) {
            voter.expect(byte, confidence);
        }
        let mut candidates = [Candidate::default(); SLOTS];
        for i in 0..SLOTS {
            candidates[i] = self.slots.look(hash(self.contexts.hashes[i], i as u64));
        }
        for i in 0..SLOTS {
            self.lines[i] = self.slots.first(candidates[i]);
        }
        self.bases = self.lines;
    }

    #[inline(never)]
    fn begin_second_nibble(&mut self, first: u32) {
        for i in 0..SLOTS {
            self.bases[i] = self.slots.second(self.lines[i], first);
        }
    }

    /// The probability of 1 for the bit under `node`.
    #[inline(never)]
    fn predict(&mut self, node: u32, known: u32) -> u32 {
        let known_orders = self.fill_inputs(node, known);
        let vote = match self.voters[0].expected_bit() {
            Some(bit) => 1 + bit as usize,
            None => 0,
        };
        let [a, b] = self.contexts.selectors;
        let confident = self.contexts.expected[0].1 * 3 + vote;
        let sets = [node as usize, confident, known_orders * 8 + known as usize, a, b];
        let mixed = self.mixer.mix(&self.inputs, &sets, node as usize);
        self.refine(mixed, node as usize, vote)
    }

    /// Returns how many of the first contexts have been here before.
    #[inline(always)]
    fn fill_inputs(&mut self, node: u32, known: u32) -> usize {
        let small = small(node, known);
        let mut known_orders = 0;
        for i in 0..SLOTS {
            let state = self.slots.state(self.bases[i] + small);
            self.states[i] = state;
            if i < ORDERS {
                known_orders += (state != 0) as usize;
            }
        }
        self.maps.predict(&self.states, &mut self.inputs.0, None);
        for (i, voter) in self.voters.iter_mut().enumerate() {
            self.inputs.0[SLOTS + i] = voter.vote(node, known) as i16;
        }
        let pair = self.pairs[self.pair(node)];
        self.inputs.0[SLOTS + VOTES] = self.pair_map.stretched(0, pair);
        self.inputs.0[SLOTS + VOTES + 1] = self.order0.stretched(node as usize);
        known_orders
    }

    #[inline(always)]
    fn pair(&self, node: u32) -> usize {
        (self.recent & 255) << 8 | node as usize & 255
    }

    #[inline(always)]
    fn refine(&mut self, mixed: i32, node: usize, vote: usize) -> u32 {
        let order1 = (self.recent & 0xff | node << 8).wrapping_mul(0x9e35_3d4f) >> 18 & 0xfff;
        let order2 = ((self.recent & 0xffff) << 8 | node & 0xff) as u32;
        let order2 = (order2.wrapping_mul(0x9e37_79b1) >> 20) as usize;
        let expected = match self.contexts.expected[0].0 {
            Some(byte) if vote > 0 => (byte as usize) * 3 + vote,
            _ => node * 3,
        };
        let plain = squash(mixed);
        let by_order2 = self.apms[0].refine(mixed, order2);
        let by_order1 = self.apms[1].refine(mixed, order1);
        let by_expected = self.apms[2].refine(mixed, expected);
        ((plain + by_order2 * 2 + by_order1 * 3 + by_expected * 2 + 4) >> 3).clamp(1, 65535)
    }

    #[inline(never)]
    fn update(&mut self, bit: u32, node: u32, known: u32, rates: (i32, i32, u32)) {
        self.mixer.update_beyond(&self.inputs, bit, rates.0, rates.1, LEAST_ERROR);
        let small = small(node, known);
        for i in 0..SLOTS {
            let state = self.states[i];
            self.slots.set(self.bases[i] + small, states::next(state, bit));
        }
        self.maps.update(&self.states, bit);
        let pair = self.pair(node);
        let state = self.pairs[pair];
        self.pair_map.update(0, state, bit, rates.2);
        self.pairs[pair] = states::next(state, bit);
        self.order0.update(node as usize, bit);
        self.voters.iter_mut().for_each(|voter| voter.update(bit));
        self.apms.iter_mut().for_each(|apm| apm.update(bit));
    }

    /// The mixers learn fast at first.
    fn rates(&self) -> (i32, i32, u32) {
        let extra = (400 * 65536 / (self.bytes + 65536)) as i32;
        (150 + extra, 30 + extra / 4, 4 + (self.spelt / 2048 + 1).ilog2().min(2))
    }
}

/// The node within a nibble's tree.
#[inline(always)]
fn small(node: u32, known: u32) -> u32 {
    let depth = known & 3;
    1 << depth | node & ((1 << depth) - 1)
}
