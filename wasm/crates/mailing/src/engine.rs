//! The bit loop: what the contexts know goes in, one probability comes out, everything is taught the bit. It is that
//! of `general::engine` with two inputs for each context (how likely, and how sure), maps of states that count, and
//! more sets of weights.

use crate::contexts::{Contexts, Mail, CONTEXTS, SELECTORS, SELECTOR_SIZES, VOTES};
use coding::apm::Apm;
use coding::histories::Histories;
use coding::maps::{Map, StateMaps};
use coding::matching::{Voter, CONFIDENCES};
use coding::mixer::{Inputs, TwoLayers};
use coding::slots::{Candidate, Slot, Slots};
use coding::states;
use general::{hash, Gate, Question};

const SETS: usize = 3 + SELECTORS;
const BIAS: i16 = 256;
/// Errors below are not worth a step of the weights.
const LEAST_ERROR: u16 = 150;
/// How many of the first contexts count for the weight set "how many are known".
const ORDERS: usize = 4;

/// The state of a model of mail between two bytes, which uses `SLOTS` of the contexts. `INPUTS` is a multiple of 8 with
/// room for one input a slot, or for two.
pub struct Engine<const SLOTS: usize, const INPUTS: usize> {
    /// Which contexts.
    chosen: [usize; SLOTS],
    source: Mail,
    contexts: Contexts,
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

impl<const SLOTS: usize, const INPUTS: usize> Engine<SLOTS, INPUTS> {
    /// Where the inputs that come once stand: the histories under one byte and none, before them the votes.
    const SECOND: usize = SLOTS + VOTES + 2;
    /// Whether there is room to say of each context how sure it is.
    const TELLS_SURE: bool = INPUTS > Self::SECOND + SLOTS;

    /// For `length` bytes: tables are as large as they need.
    pub fn new(chosen: [usize; SLOTS], length: usize) -> Self {
        let table_bits = (length.max(1) * 256).ilog2().clamp(16, 28);
        let [a, b, c, d] = SELECTOR_SIZES;
        let sets = [256, CONFIDENCES * 3, (ORDERS + 1) * 8, a, b, c, d];
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[INPUTS - 1] = BIAS;
        Engine {
            chosen,
            source: Mail::new(length),
            contexts: Contexts { hashes: [0; CONTEXTS], expected: [(None, 0); VOTES], selectors: [0; SELECTORS] },
            slots: Slots::new(table_bits),
            lines: [0; SLOTS],
            bases: [0; SLOTS],
            states: [0; SLOTS],
            maps: Histories::new(),
            pairs: vec![0; 1 << 16],
            pair_map: StateMaps::new(),
            order0: Map::new(256, 255),
            voters: std::array::from_fn(|_| Voter::new(CONFIDENCES)),
            inputs,
            mixer: TwoLayers::new(sets, 256, (32768 * 4 / (INPUTS as i32)) as i16),
            apms: [Apm::with_step(1 << 14), Apm::with_step(1 << 12), Apm::with_step(3 << 8)],
            gate: Gate::new(),
            foretold: None,
            bytes: 0,
            spelt: 0,
            recent: 0,
        }
    }

    /// Codes one byte: `coder` gets each question with the probability of yes, and answers.
    #[inline(always)]
    pub fn code(&mut self, history: &[u8], mut coder: impl FnMut(Question, u32) -> u32) -> u8 {
        self.source.update(history, &mut self.contexts);
        let byte = match self.foretell(&mut coder) {
            Some(byte) => byte,
            None => self.spell(coder),
        };
        self.bytes += 1;
        self.recent = self.recent << 8 & 0xffffff | byte as usize;
        byte
    }

    /// Takes in a byte that is known, in a third of the time of [`Engine::code`]: what its contexts saw is noted, but
    /// nothing learnt of how far to trust them.
    #[inline(always)]
    pub fn note(&mut self, history: &[u8], byte: u8) {
        self.source.update(history, &mut self.contexts);
        if self.foretell(&mut |question, _| question.answer(byte)).is_none() {
            self.note_histories(byte);
        }
        self.bytes += 1;
        self.recent = self.recent << 8 & 0xffffff | byte as usize;
    }

    /// Notes a byte in the histories of its contexts.
    #[inline(never)]
    fn note_histories(&mut self, byte: u8) {
        self.find_slots();
        let mut node = 1u32;
        for known in 0..8 {
            if known == 4 {
                self.begin_second_nibble(node & 15);
            }
            let bit = byte as u32 >> (7 - known) & 1;
            let small = small(node, known);
            for i in 0..SLOTS {
                let state = self.slots.state(self.bases[i] + small);
                self.slots.set(self.bases[i] + small, states::next(state, bit));
            }
            let pair = self.pair(node);
            self.pairs[pair] = states::next(self.pairs[pair], bit);
            node = node << 1 | bit;
        }
        if let Some(expected) = self.foretold {
            self.gate.update(expected == byte);
        }
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
        self.find_slots();
    }

    #[inline(always)]
    fn find_slots(&mut self) {
        let mut candidates = [Candidate::default(); SLOTS];
        for i in 0..SLOTS {
            candidates[i] = self.slots.look(hash(self.contexts.hashes[self.chosen[i]], i as u64));
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
        let [a, b, c, d] = self.contexts.selectors;
        let confident = self.contexts.expected[0].1 * 3 + vote;
        let sets = [node as usize, confident, known_orders * 8 + known as usize, a, b, c, d];
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
        let (likely, sure) = self.inputs.0.split_at_mut(Self::SECOND);
        self.maps.predict(&self.states, likely, Self::TELLS_SURE.then_some(sure));
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
        let expected = match self.contexts.expected[0].0 {
            Some(byte) if vote > 0 => (byte as usize) * 3 + vote,
            _ => node * 3,
        };
        let order2 = ((self.recent & 0xffff) << 8 | node & 255).wrapping_mul(0x9e37_79b1) >> 12 & 0x3fff;
        let a = self.apms[0].refine(mixed, order2);
        let b = self.apms[1].refine(mixed, order1);
        let c = self.apms[2].refine(mixed, expected);
        ((a * 3 + b * 3 + c * 2 + 4) >> 3).clamp(1, 65535)
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
        let extra = (600 * 4096 / (self.bytes + 4096)) as i32;
        (110 + extra, 60 + extra / 4, 4 + (self.spelt / 2048 + 1).ilog2().min(2))
    }
}

/// The node within a nibble's tree.
#[inline(always)]
fn small(node: u32, known: u32) -> u32 {
    let depth = known & 3;
    1 << depth | node & ((1 << depth) - 1)
}
