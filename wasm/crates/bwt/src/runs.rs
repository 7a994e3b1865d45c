//! Runs of transformed text with light context mixing.
//!
//! Bytes are coded bit by bit under the bytes before and under what the front of a move-to-front list would let one
//! expect (Bentley, Sleator, Tarjan and Wei, "A locally adaptive data compression scheme", 1986): the list is a
//! witness among others, not the alphabet. Lengths are coded as an exponent and the bits below it (Elias, 1975).

use crate::past::{Distances, Lengths, BEHIND, CLASSES, FAR, MAX_EXPONENT};
use crate::predictor::{tables, Contexts, Kind, Predictor, Table, INPUTS};
use crate::text::{self, RunModel};
use abi::Fault;
use coding::arithmetic::{Coder, Decoder, Encoder};

/// Repetitions that still count as news for the statistics of bytes.
const TAUGHT: u32 = 3;
/// The two tables of single bytes, quick and slow.
const PLAIN: [usize; 2] = [0, 1];

/// The bits of bytes.
struct Bytes;

impl Kind for Bytes {
    const TABLES: [Table; INPUTS] = tables([(8, 1), (8, 4), (16, 3), (16, 6), (16, 4), (13, 6), (14, 5), (16, 4)]);
    const WEIGHTS: usize = 256;
    const RATE: i32 = 120;
    const CURVES: usize = 1024;
}

/// Whether a length's exponent is larger than what is known of it.
struct Exponents;

impl Kind for Exponents {
    const TABLES: [Table; INPUTS] =
        tables([(16, 5), (12, 5), (16, 5), (16, 5), (16, 5), (17, 5), (16, 5), (12, 4)]);
    const WEIGHTS: usize = 256;
    const RATE: i32 = 80;
    const CURVES: usize = 256;
}

/// The bits of lengths below the highest one.
struct Mantissas;

impl Kind for Mantissas {
    const TABLES: [Table; INPUTS] = tables([(9, 4), (9, 6), (16, 5), (16, 5), (16, 5), (14, 5), (14, 5), (16, 5)]);
    const WEIGHTS: usize = 32;
    const RATE: i32 = 60;
    const CURVES: usize = 512;
}

struct Model {
    /// The byte of the last run first, then the others by how long ago they ran.
    recent: [u8; 256],
    before: u8,
    distances: Distances,
    lengths: Lengths,
    bytes: Predictor<Bytes>,
    exponent: Predictor<Exponents>,
    mantissa: Predictor<Mantissas>,
}

impl Model {
    fn new(first: u8) -> Self {
        let mut recent = std::array::from_fn(|byte| byte as u8);
        recent[..=first as usize].rotate_right(1);
        Model {
            recent,
            before: first,
            distances: Distances::new(),
            lengths: Lengths::new(),
            bytes: Predictor::new(),
            exponent: Predictor::new(),
            mantissa: Predictor::new(),
        }
    }

    fn bring_forward(&mut self, byte: u8) {
        let last = self.recent[0];
        let distance = self.recent.iter().position(|&other| other == byte).unwrap_or(0);
        let class = CLASSES.get(distance).copied().unwrap_or(BEHIND);
        self.distances.learn(last, class);
        self.before = last;
        self.recent.copy_within(..distance, 1);
        self.recent[0] = byte;
    }

    #[inline(always)]
    fn code_exponent<C: Coder>(&mut self, coder: &mut C, exponent: usize) -> usize {
        let byte = self.recent[0] as usize;
        let own = self.lengths.exponents_of[byte] & 255;
        let all = self.lengths.exponents & 255;
        let mean = (self.lengths.mean_of[byte] as usize >> 7).min(31) << 4;
        let near = self.distances.all & 3;
        let mut reached = 0;
        while reached < MAX_EXPONENT - 1 {
            let step = reached.min(FAR);
            let cells = [
                step | byte << 4 | (own & 15) << 12,
                step | own << 4,
                mixed(step | byte << 4 | (self.before as usize) << 12),
                step | all << 4 | near << 12,
                step | byte << 4 | near << 12 | (all & 15).min(3) << 14,
                step | mean | byte << 9,
                step | mean | (all & 15).min(7) << 9 | near << 12,
                step | (all & 15) << 4 | (own & 15) << 8,
            ];
            let contexts = Contexts { cells, weights: step | (own & 15) << 4, curve: step | (all & 15) << 4 };
            if self.exponent.code(coder, &contexts, (exponent > reached) as u32) == 0 {
                break;
            }
            reached += 1;
        }
        reached
    }

    #[inline(always)]
    fn code_mantissa<C: Coder>(&mut self, coder: &mut C, exponent: usize, length: u32) -> u32 {
        let byte = self.recent[0] as usize;
        let own = self.lengths.exponents_of[byte];
        let mean = (self.lengths.mean_of[byte] as usize >> 7).min(31);
        let mut value = 1u32;
        for place in (0..exponent).rev() {
            // The upper bits under those above them, the lower by their place alone.
            let depth = exponent - place;
            let node = exponent.min(FAR) << 5 | if depth <= 4 { value as usize } else { 16 + (depth - 5).min(15) };
            let cells = [
                node,
                node,
                mixed(node | byte << 9),
                mixed(node | byte << 9 | (own & 15) << 17),
                mixed(node | (own & 0xfff) << 9),
                node | (self.lengths.exponents & 15) << 9,
                node | mean << 9,
                mixed(node | byte << 9 | (self.before as usize) << 17),
            ];
            let contexts = Contexts { cells, weights: depth.min(31), curve: node };
            value = value << 1 | self.mantissa.code(coder, &contexts, length >> place & 1);
        }
        value
    }

    /// Repetitions are not coded as bytes, but tell which bytes are frequent here.
    fn teach_repetitions(&mut self, byte: usize, length: u32) {
        for _ in 1..length.min(TAUGHT) {
            for place in (0..8).rev() {
                let path = (byte | 256) >> (place + 1);
                PLAIN.iter().for_each(|&table| self.bytes.teach(table, path, (byte >> place & 1) as u32));
            }
        }
    }
}

impl<C: Coder> RunModel<C> for Model {
    #[inline(always)]
    fn code_byte(&mut self, coder: &mut C, byte: u8) -> u8 {
        let last = self.recent[0] as usize;
        // A leading 1, as the path to a bit has.
        let front = [1, 2, 0].map(|place| self.recent[place] as usize | 256);
        let pair = (last * 0x9d ^ self.before as usize * 0x3b & 255) << 8;
        let behind = (self.distances.behind[last] as usize & 15) << 5 | last << 9;
        let length = (self.lengths.exponents & 15).min(3) << 8;
        let mut path = 1;
        for place in (0..8).rev() {
            // What each byte in front expects of this bit: 0 nothing, since the path has left it.
            let expected = front.map(|byte| if byte >> (place + 1) == path { 1 + (byte >> place & 1) } else { 0 });
            let witnesses = expected[0] + 3 * expected[1] + 9 * expected[2];
            let cells = [
                path,
                path,
                path | last << 8,
                path | last << 8,
                path | pair,
                witnesses | (self.distances.all & 255) << 5,
                witnesses | behind,
                path | front[0] << 8,
            ];
            let contexts = Contexts { cells, weights: witnesses | place << 5, curve: path | length };
            let bit = self.bytes.code(coder, &contexts, (byte >> place & 1) as u32);
            path = path << 1 | bit as usize;
        }
        self.bring_forward(path as u8);
        path as u8
    }

    #[inline(always)]
    fn code_length(&mut self, coder: &mut C, length: u32) -> u32 {
        let exponent = self.code_exponent(coder, length.max(1).ilog2() as usize);
        let length = self.code_mantissa(coder, exponent, length);
        let byte = self.recent[0] as usize;
        self.lengths.learn(byte, exponent, length);
        self.teach_repetitions(byte, length);
        length
    }
}

/// Spreads a context over the low bits; clashes cost a little, never an error (Knuth's multiplicative hashing).
#[inline(always)]
fn mixed(context: usize) -> usize {
    let product = (context as u32).wrapping_mul(0x9e37_79b1);
    (product ^ product >> 15) as usize
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
    if coder.is_at_end() && !coder.is_lost() {
        Ok(text)
    } else {
        Err(Fault::Damaged)
    }
}
