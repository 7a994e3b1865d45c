//! Numbers, symbols and flags as decisions: of a number its length first, then its sign and the bits below.

use crate::coder::{plain_bits, Coder};
use crate::decisions::{Decisions, Tuning};

pub use crate::decisions::CHOICES;

/// A context of a decision, already hashed by [`hash`].
pub type Context = u32;

#[inline(always)]
pub fn hash(parts: &[i32]) -> Context {
    let mixed = parts.iter().fold(0x9e37_79b9_7f4a_7c15u64, |sum, &part| {
        (sum ^ part as u32 as u64).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(29)
    });
    (mixed >> 32) as u32
}

/// Lengths from here on are escaped.
const LONG: u32 = 31;
/// Where the probability of a sign stands among those of the lower bits.
const SIGN_PLACE: usize = 63;
const FLAG_PLACE: usize = 127;

struct Lengths;

impl Tuning for Lengths {
    const PLACES: usize = 128;
    const RATE: i32 = 600;
    const MARGIN: u32 = 24;
    const MOST_LINE_BITS: u32 = 19;
}

pub struct Engine<const N: usize, const INPUTS: usize>(Decisions<N, INPUTS, Lengths>);

impl<const N: usize, const INPUTS: usize> Engine<N, INPUTS> {
    /// Whether contexts tell of signs and of second bits: little, for a quarter of the time.
    const IS_THOROUGH: bool = Decisions::<N, INPUTS, Lengths>::IS_THOROUGH;

    /// For about so many numbers.
    pub fn new(fields: usize, numbers: usize) -> Self {
        Engine(Decisions::new(fields, numbers))
    }

    /// Codes a number of any size that is likely near 0. `choice` picks weights.
    pub fn number<C: Coder>(&mut self, coder: &mut C, field: usize, value: i64, contexts: &[Context; N], choice: usize) -> i64 {
        self.0.choose(choice % CHOICES);
        let size = value.unsigned_abs();
        let bits = 64 - size.leading_zeros();
        let bits = self.length(coder, field, bits, contexts);
        if bits == 0 {
            return 0;
        }
        let low = bits as usize % 64;
        let negative = if Self::IS_THOROUGH {
            self.0.bit(coder, field, (value < 0) as u32, 2 + (bits as usize & 1), 32 + bits.min(15) as usize)
        } else {
            self.0.low_bit(coder, field, low, SIGN_PLACE, (value < 0) as u32)
        };
        let mut known = 1u64;
        for place in (0..bits - 1).rev() {
            let bit = (size >> place & 1) as u32;
            let bit = if Self::IS_THOROUGH && place + 2 == bits {
                self.0.bit(coder, field, bit, 4 + 4 * (bits as usize & 1), 48 + bits.min(15) as usize)
            } else {
                self.0.low_bit(coder, field, low, place as usize, bit)
            };
            known = known << 1 | bit as u64;
        }
        if negative != 0 { (known as i64).wrapping_neg() } else { known as i64 }
    }

    /// The length of a number in bits; finds the lines of its sign and its next bit.
    fn length<C: Coder>(&mut self, coder: &mut C, field: usize, bits: u32, contexts: &[Context; N]) -> u32 {
        let short = bits.min(LONG);
        self.find(field, contexts, 0);
        let mut node = 1;
        for shift in (1..5).rev() {
            node = node << 1 | self.0.bit(coder, field, short >> shift & 1, node as usize, node as usize);
        }
        self.find(field, contexts, (node as usize) << 12 | 2);
        node = node << 1 | self.0.bit(coder, field, short & 1, 1, node as usize);
        match node - 32 {
            LONG => LONG + plain_bits(coder, bits.wrapping_sub(LONG) as u64, 6).min(33) as u32,
            short => short,
        }
    }

    /// Codes a byte.
    pub fn symbol<C: Coder>(&mut self, coder: &mut C, field: usize, value: u8, contexts: &[Context; N], choice: usize) -> u8 {
        let high = self.nibble(coder, field, value >> 4, contexts, 3, choice, 0);
        let low = self.nibble(coder, field, value & 15, contexts, (high as usize) << 8 | 4, choice, 16);
        high << 4 | low
    }

    /// Codes a number below 16; `part` tells apart several numbers of a field, `nodes` (a multiple of 16) their weights.
    #[allow(clippy::too_many_arguments)]
    pub fn nibble<C: Coder>(
        &mut self, coder: &mut C, field: usize, value: u8, contexts: &[Context; N], part: usize, choice: usize, nodes: usize,
    ) -> u8 {
        self.0.choose(choice % CHOICES);
        self.find(field, contexts, part);
        let mut node = 1;
        for shift in (0..4).rev() {
            node = node << 1 | self.0.bit(coder, field, (value >> shift & 1) as u32, node as usize, nodes + node as usize);
        }
        node as u8 & 15
    }

    /// Codes a yes or no.
    pub fn flag<C: Coder>(&mut self, coder: &mut C, field: usize, value: bool, contexts: &[Context; N], choice: usize) -> bool {
        self.0.choose(choice % CHOICES);
        self.find(field, contexts, 5);
        self.0.bit(coder, field, value as u32, 1, FLAG_PLACE) != 0
    }

    #[inline(always)]
    fn find(&mut self, field: usize, contexts: &[Context; N], part: usize) {
        self.0.find(contexts, (part as u64) << 24 ^ (field as u64) << 4);
    }
}
