//! Quality values by mixed contexts: the values before, the place in the read, and the bases.

use coding::apm::Apm;
use coding::arithmetic::Coder;
use coding::counters::Counters;
use coding::logistic::squash;
use coding::mixer::{Inputs, Mixer};
use sequencing::alphabet::Tree;
use sequencing::qualities::{contexts_of, foretold, step_of, Near, Sums};

const SETS: usize = 2;
const RANKS: usize = 128;

/// Contexts for reads whose bases are not known yet.
pub const WITHOUT_BASES: [usize; 3] = [0, 2, 5];
/// Contexts for reads whose bases are known.
pub const WITH_BASES: [usize; 4] = [2, 7, 8, 10];

/// `CONTEXTS < INPUTS`.
pub struct MixedQualities<const CONTEXTS: usize, const INPUTS: usize> {
    kinds: [usize; CONTEXTS],
    node_bits: u32,
    tables: [Counters; CONTEXTS],
    mixer: Mixer<INPUTS, SETS>,
    apm: Apm<6>,
}

impl<const CONTEXTS: usize, const INPUTS: usize> MixedQualities<CONTEXTS, INPUTS> {
    /// `count`: how many values there are; `most_bits`: what a table may take.
    pub fn new(kinds: [usize; CONTEXTS], tree: &Tree, count: usize, most_bits: u32) -> Self {
        let bits = (count as u64 * 8).max(1).ilog2().clamp(12, most_bits);
        MixedQualities {
            kinds,
            node_bits: tree.len().next_power_of_two().ilog2(),
            tables: kinds.map(|_| Counters::new(1 << bits, 255)),
            mixer: Mixer::new([RANKS * 16, RANKS * 16], (40000 / CONTEXTS) as i16),
            apm: Apm::new(RANKS * RANKS),
        }
    }

    /// Codes the value that follows `near.values`; `sums` has taken those.
    #[inline(always)]
    pub fn code<C: Coder>(&mut self, coder: &mut C, tree: &Tree, value: u8, near: &Near, sums: &Sums) -> u8 {
        let at = near.values.len();
        let last = near.values.last().copied().unwrap_or(0) as usize;
        let all = contexts_of(near, sums);
        let mut contexts = [0; CONTEXTS];
        for i in 0..CONTEXTS {
            contexts[i] = (all[self.kinds[i]] as usize) << self.node_bits;
        }
        let step = step_of(at) as usize / 8;
        let surprise = near.surprises.get(at).copied().unwrap_or(0) as usize;
        let run = sums.run.min(7) as usize + (surprise.min(1) << 3);
        let mut node = 0;
        loop {
            let mut places = contexts;
            for place in &mut places {
                *place |= node;
            }
            let mut inputs: Inputs<INPUTS> = foretold(&self.tables, &places);
            inputs.0[INPUTS - 1] = 256;
            let outputs = self.mixer.mix(&inputs, &[node * 16 + step, node * 16 + run]);
            let mixed = (outputs[0] + outputs[1]) / 2;
            let refined = self.apm.refine(mixed, node * RANKS + last);
            let one = ((squash(mixed) + refined) / 2).clamp(1, 65535);
            let bit = coder.code(tree.bit(node, value), one);
            for i in 0..CONTEXTS {
                self.tables[i].update(places[i], bit);
            }
            self.mixer.update(&inputs, bit, 30);
            self.apm.update(bit);
            match tree.step(node, bit) {
                Ok(next) => node = next,
                Err(value) => return value,
            }
        }
    }
}
