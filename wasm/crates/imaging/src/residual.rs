//! The residual of a prediction as binary decisions, each with a mixed probability.

use crate::curve::Curve;
use crate::exact::{Exact, EXACT};
use coding::arithmetic::Coder;
use crate::path::Path;
use crate::slot::Slot;
use coding::apm::Apm;
use coding::logistic::{squash, stretch};
use coding::mixer::{Inputs, Mixer};

/// Decisions of the binarisation that have statistics of their own.
pub const NODES: usize = 80;
/// Levels of activity that choose weights.
pub const LEVELS: usize = 24;
/// Contexts that look a decision up directly.
pub const DIRECT: usize = 18;
/// Contexts that remember a value.
pub const RECALLED: usize = 6;
/// Sets of weights that are mixed once more.
const SETS: usize = 4;
const MATCH_STATES: usize = 32;

const ZERO: usize = 0;
const SIGN: usize = 1;
pub const CLASS: usize = 2;
const FIRST: usize = 18;
pub const SECOND: usize = 34;
pub const LATER: usize = 66;
/// Mantissa bits behind the first few are noise.
const MODELLED: usize = 5;

/// What the neighbourhood says of a sample.
pub struct Situation<const P: usize> {
    /// How likely values are by each of the predictions.
    pub curves: [Curve; P],
    /// For each direct context its place in the context's table, in units of [`NODES`].
    pub direct: [usize; DIRECT],
    /// What each recalling context saw last, and how often in a row (0: never).
    pub recalled: [(i32, u32); RECALLED + 1],
    /// Groups of neighbours.
    pub exact: [u32; EXACT],
    /// Activity, below [`LEVELS`].
    pub level: usize,
    /// A second choice of weights, below 64.
    pub shape: usize,
    pub prediction: i32,
    /// The largest value.
    pub top: i32,
}

/// The coder of residuals with the first `D` direct and the first `R` recalling contexts, which make `I` inputs with one
/// that is always the same, in eights.
pub struct Residuals<const D: usize, const R: usize, const P: usize, const H: usize, const I: usize> {
    exact: Exact<H>,
    tables: Vec<Vec<Slot>>,
    recall: Vec<Slot>,
    mixer: Mixer<I, SETS>,
    last: Mixer<8, 1>,
    by_level: Apm<6>,
    by_direct: Apm<6>,
    limit: u32,
}

impl<const D: usize, const R: usize, const P: usize, const H: usize, const I: usize> Residuals<D, R, P, H, I> {
    /// `sizes`: how many places each direct context has.
    pub fn new(sizes: &[usize; DIRECT], limit: u32, phases: usize, exact_bits: u32) -> Self {
        let tables = sizes[..D].iter().map(|&size| vec![Slot::EVEN; size * NODES]).collect();
        Residuals {
            exact: Exact::new(exact_bits),
            tables,
            recall: vec![Slot::LIKELY; R * 16 * NODES],
            mixer: Mixer::new([NODES * LEVELS, NODES * MATCH_STATES, NODES * 64 * phases, NODES * (EXACT + 1)], 9000),
            last: Mixer::new([NODES], (32768 / SETS) as i16),
            by_level: Apm::new(NODES * LEVELS),
            by_direct: Apm::new(NODES * 289),
            limit,
        }
    }

    /// Codes a sample; `sample` is what an encoder knows.
    #[inline(always)]
    pub fn code<B: Coder>(&mut self, bits: &mut B, s: &Situation<P>, sample: i32) -> i32 {
        let mut path = Path::<R, P>::new(s);
        self.exact.turn(&s.exact);
        let prediction = s.prediction;
        let residual = sample - prediction;
        path.ask_equal(s);
        if self.bit(bits, s, &mut path, ZERO, 0, (residual == 0) as u32) != 0 {
            return prediction;
        }
        path.narrow(|e| e != 0);
        let negative = if prediction == 0 {
            0
        } else if prediction == s.top {
            1
        } else {
            path.ask_less();
            self.bit(bits, s, &mut path, SIGN, 1, (residual < 0) as u32)
        };
        path.narrow(|e| (e < 0) == (negative != 0));
        path.take_side(negative);
        let room = if negative != 0 { prediction } else { s.top - prediction } as u32;
        let size = residual.unsigned_abs();
        let size_class = size.max(1).ilog2() as usize;
        let mut class = 0usize;
        while 2u32 << class <= room {
            path.ask_beyond(s, negative, 2 << class);
            let more = self.bit(bits, s, &mut path, CLASS + class, 2, (size_class > class) as u32);
            path.narrow(|e| (e.unsigned_abs().ilog2() as usize > class) == (more != 0));
            path.part(negative, more);
            if more == 0 {
                break;
            }
            class += 1;
        }
        let mut value = 1u32;
        for depth in 0..class {
            let place = class - 1 - depth;
            let node = match depth {
                0 => FIRST + class,
                1 => SECOND + class * 2 + (value & 1) as usize,
                _ => LATER + depth.min(9),
            };
            let bit = size >> place & 1;
            let bit = if depth < MODELLED {
                path.ask_beyond(s, negative, ((value << 1 | 1) << place) as i32);
                let bit = self.bit(bits, s, &mut path, node, 3, bit);
                path.part(negative, bit);
                path.narrow(|e| e.unsigned_abs() >> place & 1 == bit);
                bit
            } else {
                bits.code(bit, 32768)
            };
            value = value << 1 | bit;
        }
        // Only damage leads beyond the range.
        let value = value.min(room);
        if negative != 0 { prediction - value as i32 } else { prediction + value as i32 }
    }

    #[inline(always)]
    fn bit<B: Coder>(&mut self, bits: &mut B, s: &Situation<P>, path: &mut Path<R, P>, node: usize, kind: usize, bit: u32) -> u32 {
        let mut inputs = Inputs([0i16; I]);
        let mut places = [0usize; D];
        for i in 0..D {
            places[i] = s.direct[i] * NODES + node;
            let slot = self.tables[i][places[i]];
            inputs.0[i] = slot.weighed();
        }
        let mut recalls = [(usize::MAX, 0u32); R];
        for i in 0..R {
            if !path.alive[i] {
                continue;
            }
            let expected = path.expects(i, kind, node);
            let at = (i * 16 + s.recalled[i].1.min(15) as usize) * NODES + node;
            let sure = stretch(self.recall[at].one()) as i16;
            inputs.0[D + i] = if expected != 0 { sure } else { -sure };
            recalls[i] = (at, expected);
        }
        inputs.0[D + R] = 256;
        for i in 0..P {
            inputs.0[D + R + 1 + i] = stretch(path.shares[i]) as i16;
        }
        let known = self.exact.inputs(node, &mut inputs.0[D + R + 1 + P..]);
        let sets = [node * LEVELS + s.level, node * MATCH_STATES + path.state(s), s.shape * NODES + node, node * (EXACT + 1) + known];
        let outputs = self.mixer.mix(&inputs, &sets);
        let mut between = Inputs([0i16; 8]);
        for i in 0..SETS {
            between.0[i] = outputs[i] as i16;
        }
        let mixed = self.last.mix(&between, &[node])[0];
        let plain = squash(mixed);
        let first = self.by_level.refine(mixed, node * LEVELS + s.level);
        let second = self.by_direct.refine(mixed, node * 289 + s.direct[1]);
        let one = (2 * plain + first + second + 2 >> 2).clamp(16, 65536 - 16);
        let bit = bits.code(bit, one);
        self.by_level.update(bit);
        self.by_direct.update(bit);
        self.mixer.update(&inputs, bit, RATES.0);
        self.last.update(&between, bit, RATES.1);
        self.exact.update(bit);
        for i in 0..D {
            self.tables[i][places[i]].update(bit, self.limit);
        }
        for (at, expected) in recalls {
            if at != usize::MAX {
                self.recall[at].update((bit == expected) as u32, 250);
            }
        }
        bit
    }
}

/// Steps of the two layers of mixing.
const RATES: (i32, i32) = (700, 150);
