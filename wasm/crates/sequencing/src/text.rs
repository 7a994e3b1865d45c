//! Bytes predicted by a handful of hashed contexts, mixed: for names, and for lines that are no part of a record.

use crate::bits::BitCoder;
use crate::counters::Counters;
use coding::apm::Apm;
use coding::logistic::squash;
use coding::mixer::{Inputs, Mixer};

/// How many contexts predict a byte at most.
pub const CONTEXTS: usize = 7;
const INPUTS: usize = 8;
const TABLE_BITS: u32 = 20;
/// What a context foretells may change.
const STEADY: u32 = 60;

pub struct TextModel {
    counters: Counters,
    mixer: Mixer<INPUTS, 2>,
    apm: Apm<6>,
    fields: usize,
    /// How many of the contexts are used.
    used: usize,
}

impl TextModel {
    /// `fields`: how many kinds of bytes there are, each with weights of its own. `used`: how many of the contexts, from
    /// the first on, predict.
    pub fn new(fields: usize, used: usize) -> Self {
        TextModel {
            counters: Counters::new(1 << TABLE_BITS, STEADY),
            mixer: Mixer::new([fields, 256], 9000),
            apm: Apm::new(1 << 16),
            fields,
            used,
        }
    }

    /// Codes a byte of kind `field` under contexts that are well mixed hashes; `near` is a byte worth relying on.
    pub fn code<C: BitCoder>(
        &mut self,
        coder: &mut C,
        byte: u8,
        contexts: &[u32; CONTEXTS],
        field: usize,
        near: u8,
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
                for i in 0..self.used {
                    lines[i] = line_of(contexts[i] ^ nibble << 5);
                }
            }
            let mut inputs = Inputs([0i16; INPUTS]);
            for i in 0..self.used {
                inputs.0[i] = self.counters.stretched(lines[i] | inner);
            }
            inputs.0[CONTEXTS] = 256;
            let outputs = self.mixer.mix(&inputs, &[field, node]);
            let mixed = (outputs[0] + outputs[1]) / 2;
            let refined = self.apm.refine(mixed, (near as usize) << 8 | node);
            let one = ((squash(mixed) + refined) / 2).clamp(1, 65535);
            let bit = coder.code((byte >> (7 - level) & 1) as u32, one);
            for line in &lines[..self.used] {
                self.counters.update(line | inner, bit);
            }
            self.mixer.update(&inputs, bit, 200);
            self.apm.update(bit);
            node = node << 1 | bit as usize;
        }
        node as u8
    }
}

#[inline(always)]
fn line_of(context: u32) -> usize {
    ((context.wrapping_mul(0x9e37_79b1) >> (36 - TABLE_BITS)) as usize) << 4
}
