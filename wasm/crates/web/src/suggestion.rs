//! One decision "it is this byte" for the byte that contexts and pointers find the likeliest, and one for the next: three
//! of four bytes, and a third of the others, are coded so instead of bit by bit.

use crate::guesses::{Guess, CONTEXTS};
use coding::apm::Apm;
use coding::logistic::squash;
use coding::maps::{Map, StateMaps};
use coding::matching::{Pointer, CONFIDENCES};
use coding::mixer::{Inputs, Mixer};

/// How many pointers there are.
pub const POINTERS: usize = 2;
/// How many bytes may be suggested.
pub const ROUNDS: usize = 2;
/// Stands for a byte where there is none.
pub const NONE: u16 = 256;

const INPUTS: usize = 8;
/// A byte whose likeliest source gives it no better chance (of 65536) is not worth the question.
const LEAST: u32 = 16000;
/// What may suggest a byte: each history of each context, each confidence of each pointer.
const SOURCES: usize = CONTEXTS * 256 + POINTERS * CONFIDENCES;
/// So many sources with neighbouring numbers share their weights.
const ALIKE_BITS: u32 = 4;
/// Of the weights: error times rate in 1/1024.
const RATE: i32 = 900;
/// Histories' probabilities move by 1/16 of their error at first, and in the end by 1/128.
const MAP_RATES: [u32; 2] = [4, 7];

/// The byte that a pointer expects.
#[derive(Clone, Copy)]
pub struct Vote {
    /// A byte or [`NONE`].
    pub byte: u16,
    pub confidence: usize,
}

impl Vote {
    #[inline(always)]
    pub fn of(pointer: &Pointer, history: &[u8]) -> Self {
        let byte = pointer.expected(history).map_or(NONE, |byte| byte as u16);
        Vote { byte, confidence: pointer.confidence() }
    }
}

/// What is known of the next byte.
pub struct Signs<'a> {
    pub guesses: &'a [Guess; CONTEXTS],
    pub votes: [Vote; POINTERS],
}

/// A byte and who says so.
pub struct Suggestion {
    pub byte: u8,
    source: usize,
}

/// Chooses bytes and tells their chances.
#[derive(Clone)]
pub struct Suggester {
    states: [u8; CONTEXTS],
    maps: StateMaps<CONTEXTS>,
    by_vote: [Map; POINTERS],
    inputs: Inputs<INPUTS>,
    mixer: Mixer<INPUTS, 1>,
    apm: Apm<6, 9>,
    asked: usize,
}

impl Suggester {
    pub fn new() -> Self {
        Suggester {
            states: [0; CONTEXTS],
            maps: StateMaps::new(),
            by_vote: std::array::from_fn(|_| Map::new(CONFIDENCES, 1023)),
            inputs: Inputs([0; INPUTS]),
            mixer: Mixer::new([(SOURCES >> ALIKE_BITS) * ROUNDS], 10_000),
            apm: Apm::with_step(256 * ROUNDS),
            asked: 0,
        }
    }

    /// The byte of the likeliest source, but not `rejected`; nothing if all are unlikely. Of equals the first counts.
    ///
    /// Without branches, since which source wins cannot be foretold: the largest of numbers that hold the chance, the
    /// source's rank, its number and its byte, from the upper bits down.
    #[inline(always)]
    pub fn best(&self, signs: &Signs, rejected: u16) -> Option<Suggestion> {
        const CHANCE: u32 = 40;
        const RANK: u32 = 32;
        let mut best = (LEAST as u64 + 1) << CHANCE;
        let mut rank = 255u64;
        let mut weigh = |chance: u32, answer: u64, counts: bool| {
            let weight = (chance as u64) << CHANCE | rank << RANK | answer;
            best = best.max(if counts { weight } else { 0 });
            rank -= 1;
        };
        for (i, vote) in signs.votes.iter().enumerate() {
            let source = CONTEXTS * 256 + i * CONFIDENCES + vote.confidence;
            let answer = (source as u64) << 8 | vote.byte as u64 & 255;
            weigh(self.by_vote[i].one(vote.confidence), answer, (vote.byte != NONE) & (vote.byte != rejected));
        }
        for (i, guess) in signs.guesses.iter().enumerate() {
            for guess in guess.both() {
                let history = (guess >> 8) as u8;
                let counts = (history != 0) & (guess as u8 as u16 != rejected);
                weigh(self.maps.one(i, history) as u32, (i as u64) << 16 | guess as u64, counts);
            }
        }
        let is_likely = best & (1 << CHANCE) - 1 != 0;
        is_likely.then_some(Suggestion { byte: best as u8, source: (best >> 8) as usize & 0xffff })
    }

    /// The chance of a suggested byte, which `round` others were suggested before.
    #[inline(always)]
    pub fn chance(&mut self, signs: &Signs, suggestion: &Suggestion, round: usize) -> u32 {
        let byte = suggestion.byte;
        for (state, guess) in self.states.iter_mut().zip(signs.guesses) {
            *state = guess.history(byte);
        }
        self.maps.predict_all(&self.states, &mut self.inputs.0);
        for (i, vote) in signs.votes.iter().enumerate() {
            let trust = self.by_vote[i].stretched(vote.confidence);
            let [for_it, for_another] = [vote.byte == byte as u16, vote.byte != NONE].map(|vote| vote as i16);
            // Products instead of branches, as in `best`.
            self.inputs.0[CONTEXTS + i] = trust * for_it - trust.max(0) * (for_another - for_it);
        }
        let [mixed] = self.mixer.mix(&self.inputs, &[(suggestion.source >> ALIKE_BITS) * ROUNDS + round]);
        let refined = self.apm.refine(mixed, round * 256 + byte as usize);
        (squash(mixed) + refined + 1 >> 1).clamp(1, 65_535)
    }

    /// Whether the byte of the last [`Suggester::chance`] came.
    #[inline(always)]
    pub fn update(&mut self, came: bool) {
        let [first, last] = MAP_RATES;
        let rate = last.min(first + (self.asked / 2048 + 1).ilog2());
        self.asked += 1;
        self.mixer.update(&self.inputs, came as u32, RATE);
        self.maps.update_all(&self.states, came as u32, rate);
        self.apm.update(came as u32);
    }

    /// `byte` came where pointers had voted so.
    #[inline(always)]
    pub fn learn(&mut self, votes: &[Vote; POINTERS], byte: u8) {
        for (map, vote) in self.by_vote.iter_mut().zip(votes) {
            if vote.byte != NONE {
                map.update(vote.confidence, (vote.byte == byte as u16) as u32);
            }
        }
    }
}
