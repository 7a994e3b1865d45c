//! Flags, symbols and numbers, bit by bit, and the parts of a payload that they are of.

use coding::adaptive::TwoRateBit;
use coding::arithmetic::Coder;
use coding::ranges::{Decoder, Encoder};
use coding::symbols::SymbolCoder;

/// What the bits that follow belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Layout,
    Place,
    Mates,
    Names,
    Cigars,
    Bases,
    Qualities,
    Templates,
    /// A column of optional fields, by its number.
    Field(usize),
}

/// A coder that is told which part follows, for those that keep books.
pub trait PartCoder: SymbolCoder {
    fn enter(&mut self, _part: Part) {}
}

impl PartCoder for Encoder {}

impl PartCoder for Decoder<'_> {}

/// A flag predicted by its own past.
pub type Flag = TwoRateBit<4, 7>;

#[inline(always)]
pub fn code_flag<C: Coder>(coder: &mut C, flag: &mut Flag, bit: bool) -> bool {
    let bit = coder.code(bit as u32, flag.one());
    flag.update(bit);
    bit != 0
}

/// Symbols of `BITS` bits, bit by bit from the top.
#[derive(Clone)]
pub struct Symbol {
    nodes: Vec<Flag>,
    bits: u32,
}

impl Symbol {
    pub fn new(bits: u32) -> Self {
        Symbol { nodes: vec![Flag::new(); 1 << bits], bits }
    }

    pub fn code<C: Coder>(&mut self, coder: &mut C, value: u32) -> u32 {
        let mut node = 1u32;
        for level in (0..self.bits).rev() {
            let bit = code_flag(coder, &mut self.nodes[node as usize], value >> level & 1 != 0);
            node = node << 1 | bit as u32;
        }
        node - (1 << self.bits)
    }
}

/// Numbers below 2^32: the count of their bits, then the bits, the upper three of them predicted.
#[derive(Clone)]
pub struct Number {
    size: Symbol,
    upper: Vec<Flag>,
}

impl Number {
    pub fn new() -> Self {
        Number { size: Symbol::new(6), upper: vec![Flag::new(); 64 * 8] }
    }

    pub fn code<C: Coder>(&mut self, coder: &mut C, value: u32) -> u32 {
        let size = self.size.code(coder, 32 - value.leading_zeros()).min(32);
        if size < 2 {
            return size;
        }
        let mut found = 1u32;
        for level in (0..size - 1).rev() {
            let bit = value >> level & 1;
            let bit = if size - 2 - level < 3 {
                let node = (size * 8 + (found & 7)) as usize;
                code_flag(coder, &mut self.upper[node], bit != 0) as u32
            } else {
                coder.code(bit, 32768)
            };
            found = found << 1 | bit;
        }
        found
    }
}

/// A signed number as an unsigned one: small ones stay small.
pub fn zigzag(value: i32) -> u32 {
    (value << 1 ^ value >> 31) as u32
}

/// The inverse of [`zigzag`].
pub fn unzigzag(value: u32) -> i32 {
    (value >> 1) as i32 ^ -((value & 1) as i32)
}
