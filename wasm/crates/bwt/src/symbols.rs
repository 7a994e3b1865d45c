//! Runs of transformed text, as in [`crate::runs`], but four bits at a time: three times as fast, and larger by a
//! fiftieth.

use crate::mixture::{Kind, Mixture, INPUTS, SYMBOLS};
use crate::past::{Distances, Lengths, BEHIND, CLASSES, FAR, FRONT, MAX_EXPONENT};
use crate::text::{self, RunModel};
use abi::Fault;
use coding::adaptive::TwoRateBit;
use coding::arithmetic::Coder;
use coding::ranges::{Decoder, Encoder};
use coding::symbols::SymbolCoder;

/// The symbol of exponents from [`FAR`] on is followed by how much they exceed it.
const _: () = assert!(FAR == SYMBOLS - 1);
/// Below the highest one, so many bits of a length are coded under those above them.
const KNOWN_BITS: usize = 4;

/// The upper half of a byte.
struct Upper;

impl Kind for Upper {
    const CONTEXTS: [usize; INPUTS] = [1, 256, 256, 4096];
    const LIMITS: [u8; INPUTS] = [25, 16, 20, 250];
    const WEIGHTS: usize = 64;
    const LEARNING: f32 = 0.0625;
}

/// The lower half.
struct Lower;

impl Kind for Lower {
    const CONTEXTS: [usize; INPUTS] = [16, 4096, 4096, 8192];
    const LIMITS: [u8; INPUTS] = [25, 16, 20, 250];
    const WEIGHTS: usize = 128;
    const LEARNING: f32 = 0.1;
}

/// The place of a length's highest bit.
struct Exponents;

impl Kind for Exponents {
    const CONTEXTS: [usize; INPUTS] = [256, 4096, 2048, 4096];
    const LIMITS: [u8; INPUTS] = [60; INPUTS];
    const WEIGHTS: usize = 64;
    const LEARNING: f32 = 0.0625;
}

type Bits = [TwoRateBit<4, 7>; 1 << KNOWN_BITS];

struct Model {
    /// The byte of the last run first, then the others by how long ago they ran.
    recent: [u8; FRONT],
    distances: Distances,
    lengths: Lengths,
    upper: Mixture<Upper>,
    lower: Mixture<Lower>,
    exponent: Mixture<Exponents>,
    excess: Bits,
    mantissas: [[Bits; 2]; MAX_EXPONENT],
}

impl Model {
    fn new(first: u8) -> Self {
        Model {
            recent: std::array::from_fn(|place| if place == 0 { first } else { first.wrapping_add(place as u8) }),
            distances: Distances::new(),
            lengths: Lengths::new(),
            upper: Mixture::new(),
            lower: Mixture::new(),
            exponent: Mixture::new(),
            excess: Bits::default(),
            mantissas: Default::default(),
        }
    }

    #[inline(always)]
    fn bring_forward(&mut self, byte: u8) {
        let last = self.recent[0];
        let mut class = BEHIND;
        let mut displaced = byte;
        for (slot, there) in self.recent.iter_mut().zip(CLASSES) {
            std::mem::swap(slot, &mut displaced);
            if displaced == byte {
                class = there;
                break;
            }
        }
        self.distances.learn(last, class);
    }

    #[inline(always)]
    fn code_exponent<C: SymbolCoder>(&mut self, coder: &mut C, exponent: usize) -> usize {
        let byte = self.recent[0] as usize;
        let own = self.lengths.exponents_of[byte] & 15;
        let all = self.lengths.exponents & 255;
        let mean = (self.lengths.mean_of[byte] as usize >> 6).min(63);
        let near = self.distances.all & 15;
        let contexts = [
            byte,
            all | near << 8,
            mean | (near & 3) << 6 | (all & 15).min(7) << 8,
            byte | (all & 15).min(3) << 8 | own.min(3) << 10,
        ];
        let symbol = self.exponent.code(coder, contexts, own | (near & 3) << 4, exponent.min(FAR));
        if symbol < FAR {
            return symbol;
        }
        FAR + code_bits(coder, &mut self.excess, KNOWN_BITS, exponent.wrapping_sub(FAR) as u32) as usize
    }

    #[inline(always)]
    fn code_mantissa<C: Coder>(&mut self, coder: &mut C, exponent: usize, length: u32) -> u32 {
        let known = exponent.min(KNOWN_BITS);
        let rest = exponent - known;
        let steady = (self.lengths.exponents & 15 == exponent) as usize;
        let bits = &mut self.mantissas[exponent.min(MAX_EXPONENT - 1)][steady];
        let value = 1 << known | code_bits(coder, bits, known, length >> rest);
        (0..rest).rev().fold(value, |value, place| value << 1 | coder.code(length >> place & 1, 1 << 15))
    }
}

impl<C: SymbolCoder> RunModel<C> for Model {
    #[inline(always)]
    fn code_byte(&mut self, coder: &mut C, byte: u8) -> u8 {
        let [last, first, second] = [0, 1, 2].map(|place| self.recent[place] as usize);
        let near = self.distances.all & 15;
        let behind = self.distances.behind[last] as usize & 15;
        let contexts = [0, last, first, first >> 4 | behind << 4 | last >> 4 << 8];
        let length = (self.lengths.exponents & 15).min(3);
        let upper = self.upper.code(coder, contexts, near | length << 4, (byte >> 4) as usize);
        // What bytes in front expect of the lower half: 0 nothing, since their upper half is another.
        let expected = [last, first, second].map(|byte| if byte >> 4 == upper { (byte & 15) + 1 } else { 0 });
        let contexts = [upper, upper | last << 4, upper | first << 4, expected[1] * 17 + expected[0] | behind << 9];
        let [last, first, second] = expected.map(|lower| (lower > 0) as usize);
        let chosen = first | second << 1 | last << 2 | near << 3;
        let lower = self.lower.code(coder, contexts, chosen, (byte & 15) as usize);
        let byte = (upper << 4 | lower) as u8;
        self.bring_forward(byte);
        byte
    }

    #[inline(always)]
    fn code_length(&mut self, coder: &mut C, length: u32) -> u32 {
        let exponent = self.code_exponent(coder, length.max(1).ilog2() as usize);
        let length = self.code_mantissa(coder, exponent, length);
        let byte = self.recent[0] as usize;
        self.lengths.learn(byte, exponent, length);
        length
    }
}

/// The low `count` bits of a number, highest first, each under those above it.
#[inline(always)]
fn code_bits<C: Coder>(coder: &mut C, bits: &mut Bits, count: usize, number: u32) -> u32 {
    let mut path = 1;
    for place in (0..count).rev() {
        let expected = &mut bits[path];
        let bit = coder.code(number >> place & 1, expected.one());
        expected.update(bit);
        path = path << 1 | bit as usize;
    }
    path as u32 - (1 << count)
}

/// Codes a text of at least one byte, whose first the decoder must be told.
#[inline(never)]
pub fn encode(text: &[u8]) -> Vec<u8> {
    let mut coder = Encoder::new(Vec::new());
    text::encode(&mut coder, Model::new(text[0]), text);
    coder.finish()
}

/// Gives back `length` bytes that begin with `first`, or a fault.
#[inline(never)]
pub fn decode(payload: &[u8], first: u8, length: usize) -> Result<Vec<u8>, Fault> {
    let mut coder = Decoder::new(payload);
    let text = text::decode(&mut coder, Model::new(first), first, length)?;
    if coder.is_at_end() && !coder.is_lost() { Ok(text) } else { Err(Fault::Damaged) }
}
