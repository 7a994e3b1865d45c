//! Bytes predicted by a handful of hashed contexts, mixed: for names, numbers and optional fields.

use crate::nibbles::Nibbles;
use crate::pairing::Weights;
use coding::counters::Counters;
use coding::logistic::squash;
use coding::symbols::SymbolCoder;
use coding::vector::{Eight, LANES};

/// How many contexts predict a byte at most.
pub const CONTEXTS: usize = 7;
/// What a context foretells may change.
const STEADY: u32 = 120;
/// Levels of trust in the byte that is near.
pub const TRUSTS: usize = 16;
/// The node of a line that tells whether the byte is the near one.
const SAME: usize = 0;
const RATE: i32 = 120;
/// Where bytes take two steps, levels of trust share weights.
const TRUST_GROUPS: usize = 4;
const TRUST_GROUP: [usize; TRUSTS] = [0, 1, 2, 2, 3, 3, 3, 3, 0, 1, 2, 2, 3, 3, 3, 3];
/// A line of shares takes as much as so many answers: the logarithm of it.
const LINE_BITS: u32 = 4;

/// How many of the contexts are used, from the first on, and how.
#[derive(Clone, Copy)]
pub enum Effort {
    /// Three, in two steps a byte.
    Shares,
    Three,
    All,
}

pub struct TextModel {
    model: Model,
    effort: Effort,
}

enum Model {
    Shares(Nibbles),
    Mixed(Mixed),
}

/// Bit by bit, mixed in the logistic domain.
struct Mixed {
    counters: Counters,
    /// By field and bit.
    by_field: Weights,
    /// By trust and bit.
    by_trust: Weights,
    fields: usize,
    table_bits: u32,
}

impl TextModel {
    /// `fields`: how many kinds of bytes there are, each with weights of its own; `effort`: how many contexts predict.
    pub fn new(effort: Effort, fields: usize, table_bits: u32) -> Self {
        let model = match effort {
            Effort::Shares => Model::Shares(Nibbles::new(fields * TRUST_GROUPS, table_bits - LINE_BITS)),
            _ => Model::Mixed(Mixed {
                counters: Counters::new(1 << table_bits, STEADY),
                by_field: Weights::new(fields * 9, 9000),
                by_trust: Weights::new(TRUSTS * 9, 9000),
                fields,
                table_bits,
            }),
        };
        TextModel { model, effort }
    }

    /// Codes a byte of kind `field` under contexts that are well mixed hashes; `near` is a byte worth relying on, as
    /// much as `trust` (below [`TRUSTS`]) says.
    #[inline(always)]
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        byte: u8,
        contexts: &[u32; CONTEXTS],
        field: usize,
        near: u8,
        trust: usize,
    ) -> u8 {
        match (&mut self.model, self.effort) {
            (Model::Shares(model), _) => {
                let [first, second, third, ..] = *contexts;
                model.code(coder, byte, &[first, second, third], field * TRUST_GROUPS + TRUST_GROUP[trust % TRUSTS])
            }
            (Model::Mixed(model), Effort::All) => {
                model.code_by::<C, CONTEXTS>(coder, byte, contexts, field, near, trust)
            }
            (Model::Mixed(model), _) => model.code_by::<C, 3>(coder, byte, contexts, field, near, trust),
        }
    }
}

impl Mixed {
    fn code_by<C: SymbolCoder, const USED: usize>(
        &mut self,
        coder: &mut C,
        byte: u8,
        contexts: &[u32; CONTEXTS],
        field: usize,
        near: u8,
        trust: usize,
    ) -> u8 {
        let field = field.min(self.fields - 1);
        let mut lines = self.lines_of::<USED>(contexts, 0);
        let sets = [field * 9 + 8, trust * 9 + 8];
        if self.code_bit(coder, (byte == near) as u32, &lines, SAME, sets) != 0 {
            return near;
        }
        let mut node = 1usize;
        for level in 0..8 {
            if level == 4 {
                lines = self.lines_of::<USED>(contexts, (node as u32) << 5);
            }
            // A nibble's nodes lie together.
            let inner = if level < 4 { node } else { node & ((1 << (level - 4)) - 1) | 1 << (level - 4) };
            let bit = (byte >> (7 - level) & 1) as u32;
            let bit = self.code_bit(coder, bit, &lines, inner, [field * 9 + level, trust * 9 + level]);
            node = node << 1 | bit as usize;
        }
        node as u8
    }

    #[inline(always)]
    fn code_bit<C: SymbolCoder, const USED: usize>(
        &mut self,
        coder: &mut C,
        bit: u32,
        lines: &[usize; USED],
        inner: usize,
        sets: [usize; 2],
    ) -> u32 {
        let mut ones = [32768u16; LANES];
        for i in 0..USED {
            ones[i] = self.counters.one(lines[i] | inner) as u16;
        }
        let inputs = Eight::new(ones).stretched();
        let [by_field, by_trust] = [self.by_field.sum(inputs, sets[0]), self.by_trust.sum(inputs, sets[1])];
        let one = squash((by_field + by_trust) / 2).clamp(16, 65520);
        let bit = coder.code(bit, one);
        for line in lines {
            self.counters.update(line | inner, bit);
        }
        self.by_field.update(inputs, sets[0], squash(by_field), bit, RATE);
        self.by_trust.update(inputs, sets[1], squash(by_trust), bit, RATE);
        bit
    }

    /// Where the answers begin that stand under the contexts and what is known of the byte.
    #[inline(always)]
    fn lines_of<const USED: usize>(&self, contexts: &[u32; CONTEXTS], known: u32) -> [usize; USED] {
        let mut lines = [0; USED];
        for i in 0..USED {
            lines[i] = (((contexts[i] ^ known).wrapping_mul(0x9e37_79b1) >> (36 - self.table_bits)) as usize) << 4;
        }
        lines
    }
}

/// A hash of two numbers, another one for each kind.
#[inline(always)]
pub fn mix(kind: u32, a: u32, b: u32) -> u32 {
    let hash = (a.wrapping_mul(0x85eb_ca6b) ^ b.wrapping_add(kind << 24)).wrapping_mul(0xc2b2_ae35);
    (hash ^ hash >> 15).wrapping_mul(0x2545_f491)
}

pub fn hash_of(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |hash, &byte| mix(9, hash, byte as u32))
}
