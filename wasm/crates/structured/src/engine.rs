//! The bit loop that all kinds share. A byte that the past foretells is asked for outright ([`crate::gate`]); any other
//! is spelt bit by bit from hashed histories and votes, mixed in two layers and refined.

use crate::gate::Gate;
use crate::layers::Layers;
use coding::apm::Apm;
use coding::logistic::squash;
use coding::maps::{Map, StateMaps};
use coding::matching::Voter;
use coding::mixer::Inputs;
use coding::slots::{Candidate, Slot, Slots};
use coding::states;

/// How many hashed contexts a source knows; an engine takes the first of them.
pub const HASHES: usize = 25;
/// How many bytes a source may expect outright; an engine takes the first of them.
pub const VOTES: usize = 11;
/// How far an expectation may be trusted: below this.
pub const CONFIDENCES: usize = 128;
/// How many contexts the gate is given.
pub const SIGNS: usize = 4;

const BIAS: i16 = 256;
/// Weight sets chosen by the place in the record.
pub const PLACES: usize = 1 << 11;
/// How many of the first contexts count for the weight set "how many are known".
const ORDERS: usize = 4;
/// The votes that choose a weight set by how they agree.
const JURY: usize = 5;
/// How many contexts each weight set has; an engine takes the first of them.
const SET_SIZES: [usize; 8] = [PLACES, CONFIDENCES * 3, 243, (ORDERS + 1) * 8, 256, 257 * 8, 512, 256];
/// From a probability to an input that says how sure it is.
const SURENESS_SHIFT: u32 = 5;

/// For the smallest result.
pub type Thorough<S> = Engine<S, 25, 8, VOTES, 64>;
/// For more speed.
pub type Light<S> = Engine<S, 8, 4, 9, 24>;

/// What a source says of the next byte.
#[derive(Clone)]
pub struct Contexts {
    /// A byte and how far it is to be trusted, below [`CONFIDENCES`].
    pub expected: [(Option<u8>, usize); VOTES],
    /// The place in the record, as a hash.
    pub place: u64,
    /// What decides whether an expected byte comes, as hashes.
    pub signs: [u64; SIGNS],
}

impl Contexts {
    pub const fn new() -> Self {
        Contexts { expected: [(None, 0); VOTES], place: 0, signs: [0; SIGNS] }
    }
}

/// Knows the structure of some kind of data: reads what has been coded and says what matters for the next byte. It
/// sees the past alone, so encoder and decoder agree.
pub trait Source {
    /// Above this chance (of 65536) an expected byte is asked for outright: the lower, the faster.
    fn sure(&self) -> u32;
    /// Takes in the newest byte of `history` (empty at first) and says what matters for the next.
    fn update(&mut self, history: &[u8], next: &mut Contexts);
    /// The contexts of the next byte, as hashes: made only for bytes that are spelt, which are few.
    fn hashes(&self, history: &[u8], next: &Contexts) -> [u64; HASHES];
}

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

/// Mixes a value into a context hash.
#[inline(always)]
pub fn hash(context: u64, value: u64) -> u64 {
    (context ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// The inputs are a vote of each slot, the source's votes, three more; then, if there is room, how sure each slot is.
#[derive(Clone)]
pub struct Engine<S, const SLOTS: usize, const SETS: usize, const VOTES: usize, const INPUTS: usize> {
    source: S,
    contexts: Contexts,
    slots: Slots,
    lines: [Slot; SLOTS],
    bases: [Slot; SLOTS],
    states: [u8; SLOTS],
    /// From the history of each slot to a probability.
    maps: StateMaps<SLOTS>,
    /// Histories of the byte alone under the byte before: few enough for a plain table.
    pairs: Vec<u8>,
    pair_map: StateMaps<1>,
    order0: Map,
    voters: [Voter; VOTES],
    inputs: Inputs<INPUTS>,
    mixer: Layers<INPUTS, SETS>,
    apms: [Apm<6, 8>; 3],
    gate: Gate<VOTES>,
    foretold: Option<u8>,
    /// Bytes that were coded bit by bit.
    spelt: usize,
    /// The last three bytes, latest lowest.
    recent: usize,
    place: usize,
}

impl<S: Source, const SLOTS: usize, const SETS: usize, const VOTES: usize, const INPUTS: usize>
    Engine<S, SLOTS, SETS, VOTES, INPUTS>
{
    const PAIR: usize = SLOTS + VOTES;
    const ORDER0: usize = Self::PAIR + 1;
    const ALWAYS: usize = Self::PAIR + 2;
    const SURE: usize = Self::PAIR + 3;
    const WEIGHS_SURENESS: bool = INPUTS >= Self::SURE + SLOTS;

    /// How large the table of histories is for `length` bytes, as a power of two.
    pub fn slot_bits(length: usize) -> u32 {
        // What lies in the processor's caches answers sooner.
        let most_bits = if Self::WEIGHS_SURENESS { 27 } else { 22 };
        (length.max(1) * 256).ilog2().clamp(16, most_bits)
    }

    /// For `length` bytes.
    pub fn new(source: S, length: usize) -> Self {
        Self::with_slots(source, Slots::new(Self::slot_bits(length)))
    }

    /// Keeps histories in `slots`.
    pub fn with_slots(source: S, slots: Slots) -> Self {
        assert!(INPUTS >= Self::SURE && SLOTS <= HASHES);
        let sets = std::array::from_fn(|set| SET_SIZES[set]);
        let mut inputs = Inputs([0; INPUTS]);
        inputs.0[Self::ALWAYS] = BIAS;
        let gate = Gate::new(source.sure());
        Engine {
            source,
            contexts: Contexts::new(),
            slots,
            lines: [0; SLOTS],
            bases: [0; SLOTS],
            states: [0; SLOTS],
            maps: StateMaps::new(),
            pairs: vec![0; 1 << 16],
            pair_map: StateMaps::new(),
            order0: Map::new(256, 255),
            voters: std::array::from_fn(|_| Voter::new(CONFIDENCES)),
            inputs,
            mixer: Layers::new(sets, [256, PLACES], (32768 * 4 / (INPUTS as i32)) as i16),
            apms: [Apm::with_step(1 << 12), Apm::with_step(1 << 12), Apm::with_step(3 << 8)],
            gate,
            foretold: None,
            spelt: 0,
            recent: 0,
            place: 0,
        }
    }

    /// Before a first byte again, and as quick to learn as then, but with all that its weights and maps have learnt.
    /// What was read and the histories are those of `source` and `slots`.
    pub fn begun_anew(self, source: S, slots: Slots) -> Self {
        Engine { source, slots, contexts: Contexts::new(), foretold: None, spelt: 0, recent: 0, place: 0, ..self }
    }

    /// Puts other histories in place of its own.
    pub fn replace_slots(&mut self, slots: Slots) -> Slots {
        std::mem::replace(&mut self.slots, slots)
    }

    /// Codes one byte: `coder` gets each question with the probability of yes, and answers.
    #[inline(always)]
    pub fn code(&mut self, history: &[u8], mut coder: impl FnMut(Question, u32) -> u32) -> u8 {
        self.source.update(history, &mut self.contexts);
        let byte = match self.foretell(&mut coder) {
            Some(byte) => byte,
            None => self.spell(history, coder),
        };
        self.recent = self.recent << 8 & 0xffffff | byte as usize;
        byte
    }

    /// The byte, if it is the one expected and that is hardly news.
    #[inline(always)]
    fn foretell(&mut self, coder: &mut impl FnMut(Question, u32) -> u32) -> Option<u8> {
        self.foretold = self.gate.best(self.contexts.expected.first_chunk()?);
        let byte = self.foretold?;
        let chance = self.gate.chance(byte, self.recent, &self.contexts)?;
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
    fn spell(&mut self, history: &[u8], mut coder: impl FnMut(Question, u32) -> u32) -> u8 {
        self.begin_byte(history);
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
    fn begin_byte(&mut self, history: &[u8]) {
        for (voter, (byte, confidence)) in self.voters.iter_mut().zip(self.contexts.expected) {
            voter.expect(byte, confidence);
        }
        let hashes = self.source.hashes(history, &self.contexts);
        let mut candidates = [Candidate::default(); SLOTS];
        for i in 0..SLOTS {
            candidates[i] = self.slots.look(hash(hashes[i], i as u64));
        }
        for i in 0..SLOTS {
            self.lines[i] = self.slots.first(candidates[i]);
        }
        self.bases = self.lines;
        self.place = (self.contexts.place >> 40) as usize;
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
        let mut jury = 0;
        for voter in &self.voters[..JURY] {
            jury = jury * 3 + voter.expected_bit().map_or(0, |bit| 1 + bit as usize);
        }
        let vote = self.voters[0].expected_bit().map_or(0, |bit| 1 + bit as usize);
        let confident = self.contexts.expected[0].1 * 3 + vote;
        let all = [
            self.place & (PLACES - 1),
            confident,
            jury,
            known_orders * 8 + known as usize,
            node as usize,
            self.contexts.expected[2].0.map_or(256, |byte| byte as usize) * 8 + known as usize,
            classes(self.recent) * 8 + known as usize,
            self.recent & 255,
        ];
        let sets = std::array::from_fn(|set| all[set]);
        let mixed = self.mixer.mix(&self.inputs, &sets, [node as usize, self.place & (PLACES - 1)]);
        self.refine(mixed, node as usize)
    }

    /// Returns how many of the first contexts have been here before.
    #[inline(always)]
    fn fill_inputs(&mut self, node: u32, known: u32) -> usize {
        let small = small(node, known);
        let mut known_orders = 0;
        for i in 0..SLOTS {
            self.states[i] = self.slots.state(self.bases[i] + small);
        }
        self.maps.predict_all(&self.states, &mut self.inputs.0);
        known_orders += self.states[..ORDERS].iter().filter(|state| **state != 0).count();
        if Self::WEIGHS_SURENESS {
            for i in 0..SLOTS {
                let sureness = squash(self.inputs.0[i] as i32) as i32 - 32768 >> SURENESS_SHIFT;
                self.inputs.0[Self::SURE + i] = if self.states[i] == 0 { 0 } else { sureness as i16 };
            }
        }
        for (i, voter) in self.voters.iter_mut().enumerate() {
            self.inputs.0[SLOTS + i] = voter.vote(node, known) as i16;
        }
        let pair = self.pairs[self.pair(node)];
        self.inputs.0[Self::PAIR] = self.pair_map.stretched(0, pair);
        self.inputs.0[Self::ORDER0] = self.order0.stretched(node as usize);
        known_orders
    }

    #[inline(always)]
    fn pair(&self, node: u32) -> usize {
        (self.recent & 255) << 8 | node as usize & 255
    }

    #[inline(always)]
    fn refine(&mut self, mixed: i32, node: usize) -> u32 {
        let order1 = (self.recent & 0xff | node << 8).wrapping_mul(0x9e35_3d4f) >> 18 & 0xfff;
        let place = (self.place << 8 ^ node.wrapping_mul(0x9e35_3d4f)) >> 5 & 0xfff;
        let likely = self.voters[..JURY].iter().zip(&self.contexts.expected);
        let expected = likely
            .filter_map(|(voter, expected)| Some((voter.expected_bit()?, expected.0?)))
            .next()
            .map_or(node * 3, |(bit, byte)| byte as usize * 3 + 1 + bit as usize);
        let a = self.apms[0].refine(mixed, place);
        let b = self.apms[1].refine(mixed, order1);
        let c = self.apms[2].refine(mixed, expected);
        ((a * 3 + b * 2 + c * 3 + 4) >> 3).clamp(1, 65535)
    }

    #[inline(never)]
    fn update(&mut self, bit: u32, node: u32, known: u32, rates: (i32, i32, u32)) {
        self.mixer.update(&self.inputs, bit, rates.0, rates.1);
        self.maps.update_all(&self.states, bit, rates.2);
        let small = small(node, known);
        for i in 0..SLOTS {
            let state = self.states[i];
            self.slots.set(self.bases[i] + small, states::next(state, bit));
        }
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
        let extra = (900 * 16384 / (self.spelt + 16384)) as i32;
        (100 + extra, 20 + extra / 3, 4 + (self.spelt / 2048 + 1).ilog2().min(2))
    }
}

/// The node within a nibble's tree.
#[inline(always)]
fn small(node: u32, known: u32) -> u32 {
    let depth = known & 3;
    1 << depth | node & ((1 << depth) - 1)
}

/// Kinds of the last three bytes, below 64.
fn classes(recent: usize) -> usize {
    let class = |back: usize| match (recent >> back) as u8 {
        b'0'..=b'9' => 0,
        b'a'..=b'z' | b'A'..=b'Z' => 1,
        b' ' | b'\t' | b'\n' => 2,
        _ => 3,
    };
    class(16) << 4 | class(8) << 2 | class(0)
}
