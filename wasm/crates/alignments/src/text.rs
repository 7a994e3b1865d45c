//! Bytes predicted by a handful of hashed contexts, mixed: for names, numbers and optional fields.

use crate::bits::BitCoder;
use crate::counters::Counters;
use coding::apm::Apm;
use coding::logistic::squash;
use coding::mixer::{Inputs, Mixer};

/// How many contexts predict a byte.
pub const CONTEXTS: usize = 7;
const INPUTS: usize = 8;
/// What a context foretells may change.
const STEADY: u32 = 120;
/// Levels of trust in the byte that is near.
pub const TRUSTS: usize = 16;

pub struct TextModel {
    counters: Counters,
    mixer: Mixer<INPUTS, 2>,
    apm: Apm<6>,
    fields: usize,
    table_bits: u32,
}

impl TextModel {
    /// `fields`: how many kinds of bytes there are, each with weights of its own.
    pub fn new(fields: usize, table_bits: u32) -> Self {
        TextModel {
            counters: Counters::new(1 << table_bits, STEADY),
            mixer: Mixer::new([fields * 8, TRUSTS * 16], 9000),
            apm: Apm::new(1 << 16),
            fields,
            table_bits,
        }
    }

    /// Codes a byte of kind `field` under contexts that are well mixed hashes; `near` is a byte worth relying on, as
    /// much as `trust` (below [`TRUSTS`]) says.
    #[inline(always)]
    pub fn code<C: BitCoder>(
        &mut self,
        coder: &mut C,
        byte: u8,
        contexts: &[u32; CONTEXTS],
        field: usize,
        near: u8,
        trust: usize,
    ) -> u8 {
        let field = field.min(self.fields - 1);
        let mut node = 1usize;
        let mut lines = [0usize; CONTEXTS];
        while node < 256 {
            let level = node.ilog2();
            // A nibble's sixteen nodes lie together.
            let inner = if level < 4 { node } else { node & ((1 << (level - 4)) - 1) | 1 << (level - 4) };
            if level % 4 == 0 {
                let nibble = if level == 0 { 0 } else { node as u32 };
                lines = contexts.map(|context| self.line_of(context ^ nibble << 5));
            }
            let places = lines.map(|line| line | inner);
            let mut inputs = Inputs([0i16; INPUTS]);
            for i in 0..CONTEXTS {
                inputs.0[i] = self.counters.stretched(places[i]);
            }
            inputs.0[CONTEXTS] = 256;
            let expected = near as usize | 256;
            let agrees = expected >> (8 - level) == node;
            let bit_expected = if agrees { 1 + (near as usize >> (7 - level) & 1) } else { 0 };
            let chosen = [field * 8 + level as usize, trust * 16 + bit_expected * 4 + level as usize / 2];
            let outputs = self.mixer.mix(&inputs, &chosen);
            let mixed = (outputs[0] + outputs[1]) / 2;
            let refined = self.apm.refine(mixed, (near as usize) << 8 | node);
            let one = ((squash(mixed) * 3 + refined) / 4).clamp(1, 65535);
            let bit = coder.code((byte >> (7 - level) & 1) as u32, one);
            for place in places {
                self.counters.update(place, bit);
            }
            self.mixer.update(&inputs, bit, 120);
            self.apm.update(bit);
            node = node << 1 | bit as usize;
        }
        node as u8
    }

    #[inline(always)]
    fn line_of(&self, context: u32) -> usize {
        ((context.wrapping_mul(0x9e37_79b1) >> (36 - self.table_bits)) as usize) << 4
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
