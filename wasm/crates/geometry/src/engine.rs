//! Numbers, symbols and flags as trees of decisions: of a number its length first, then its sign with the bits below.

use numbers::coder::Coder;
use numbers::decisions::{Decisions, Tuning};

pub use numbers::decisions::CHOICES;

/// How many contexts a decision has.
pub const CONTEXTS: usize = 8;
pub type Contexts = [u32; CONTEXTS];

const INPUTS: usize = 24;
/// Bits below the highest that contexts predict; the others have their place alone.
const MODELLED: u32 = 3;

#[inline(always)]
pub fn hash(parts: &[i64]) -> u32 {
    let mixed = parts.iter().fold(0x9e37_79b9_7f4a_7c15u64, |sum, &part| {
        (sum ^ part as u64).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(29)
    });
    (mixed >> 32) as u32
}

struct Trees;

impl Tuning for Trees {
    const PLACES: usize = 256;
    const RATE: i32 = 500;
    const MARGIN: u32 = 16;
    const MOST_LINE_BITS: u32 = 18;
}

pub struct Engine(Decisions<CONTEXTS, INPUTS, Trees>);

impl Engine {
    /// For about so many numbers.
    pub fn new(fields: usize, numbers: usize) -> Self {
        Engine(Decisions::new(fields, numbers))
    }

    /// Codes a number of any size that is likely near 0. `choice`, below [`CHOICES`], picks weights.
    pub fn number<C: Coder>(
        &mut self, coder: &mut C, field: usize, value: i64, contexts: &Contexts, choice: usize,
    ) -> i64 {
        self.0.choose(choice);
        let size = value.unsigned_abs();
        let bits = 64 - size.leading_zeros();
        let upper = self.tree(coder, field, bits >> 2, 4, contexts, 0, 0);
        let lower = self.tree(coder, field, bits & 3, 2, contexts, 1 + upper as u64, 16 + 4 * upper as usize);
        let bits = upper << 2 | lower;
        if bits == 0 {
            return 0;
        }
        let modelled = (bits - 1).min(MODELLED);
        let shift = bits - 1 - modelled;
        let head = (size >> shift & ((1 << modelled) - 1)) as u32 | ((value < 0) as u32) << modelled;
        let weights = 96 + 16 * bits.min(9) as usize;
        let head = self.tree(coder, field, head, modelled + 1, contexts, 100 + bits as u64, weights);
        let mut known = 1u64 << modelled | (head & ((1 << modelled) - 1)) as u64;
        for place in (0..shift).rev() {
            let bit = (size >> place & 1) as u32;
            let bit = self.0.low_bit(coder, field, bits as usize - 1, place as usize, bit);
            known = known << 1 | bit as u64;
        }
        if head >> modelled != 0 { (known as i64).wrapping_neg() } else { known as i64 }
    }

    /// Codes a byte.
    pub fn symbol<C: Coder>(
        &mut self, coder: &mut C, field: usize, value: u8, contexts: &Contexts, choice: usize,
    ) -> u8 {
        self.0.choose(choice);
        let high = self.tree(coder, field, value as u32 >> 4, 4, contexts, 200, 0);
        let low = self.tree(coder, field, value as u32 & 15, 4, contexts, 201 + high as u64, 16);
        (high << 4 | low) as u8
    }

    /// Codes a yes or no.
    pub fn flag<C: Coder>(
        &mut self, coder: &mut C, field: usize, value: bool, contexts: &Contexts, choice: usize,
    ) -> bool {
        self.0.choose(choice);
        self.tree(coder, field, value as u32, 1, contexts, 220, 0) != 0
    }

    /// Codes a number of at most four bits; `part` tells trees of a field apart, `place` is where their weights begin.
    #[allow(clippy::too_many_arguments)]
    #[inline(always)]
    fn tree<C: Coder>(
        &mut self, coder: &mut C, field: usize, value: u32, bits: u32, contexts: &Contexts, part: u64, place: usize,
    ) -> u32 {
        self.0.find(contexts, part << 16 ^ (field as u64) << 8);
        let mut node = 1;
        for shift in (0..bits).rev() {
            node = node << 1 | self.0.bit(coder, field, value >> shift & 1, node as usize, place + node as usize);
        }
        node & ((1 << bits) - 1)
    }
}
