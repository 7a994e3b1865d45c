//! Bytes in two steps of sixteen symbols, by the shares under a few hashed contexts, mixed: for speed.
//!
//! What contexts say is mixed as it is, not in the logistic domain, so that a step takes a handful of vectors. A weight
//! follows how much its context would have deserved: the probability that all of it was that context's doing, given the
//! symbol that came.

use crate::shares::Sixteen;
use coding::starts::{Starts, SIXTEEN};
use coding::symbols::{Shares, SymbolCoder};
use coding::vector::{Eight, LANES};

/// How many contexts predict a byte.
pub const VOICES: usize = 3;
const SYMBOLS: usize = SIXTEEN;
/// Weights add up to less than 32768, so that shares stay below 65536 after rounding.
const WHOLE: i32 = 32768 - 64;
/// No weight falls below this.
const LEAST: i32 = 256;
const MOST: i32 = WHOLE - (VOICES as i32 - 1) * LEAST;
/// A weight moves by this part of what it should have been.
const RATE: u32 = 5;
/// Which of the contexts are new.
const NEWS: usize = 1 << VOICES;
/// The high half of a byte, and the low one under it, lie together.
const LINES: usize = 1 + SYMBOLS;

/// Keeps mixed shares apart.
static RAMP: [i16; SYMBOLS] = [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60];

#[derive(Clone, Copy)]
struct Weights([i16; VOICES]);

pub struct Nibbles {
    lines: Vec<Sixteen>,
    weights: Vec<Weights>,
    sets: usize,
}

impl Nibbles {
    /// `sets`: how many kinds of bytes have weights of their own; `table_bits`: of the table that contexts share.
    pub fn new(sets: usize, table_bits: u32) -> Self {
        let fresh: Vec<Weights> = (0..NEWS).map(fresh_weights).collect();
        Nibbles {
            lines: vec![Sixteen::FRESH; (1 << table_bits) + LINES],
            weights: (0..2 * sets).flat_map(|_| fresh.iter().copied()).collect(),
            sets,
        }
    }

    /// Codes a byte under contexts that are well mixed hashes, with the weights of a set.
    pub fn code<C: SymbolCoder>(&mut self, coder: &mut C, byte: u8, contexts: &[u32; VOICES], set: usize) -> u8 {
        let set = set.min(self.sets - 1) * 2 * NEWS;
        let shift = u32::BITS - (self.lines.len() - LINES).ilog2();
        let mut lines = [0; VOICES];
        for voice in 0..VOICES {
            lines[voice] = (contexts[voice].wrapping_mul(0x9e37_79b1) >> shift) as usize;
        }
        let high = self.code_half(coder, (byte >> 4) as usize, &lines, set);
        for line in &mut lines {
            *line += 1 + high;
        }
        let low = self.code_half(coder, (byte & 15) as usize, &lines, set + NEWS);
        (high << 4 | low) as u8
    }

    #[inline(always)]
    fn code_half<C: SymbolCoder>(&mut self, coder: &mut C, symbol: usize, lines: &[usize; VOICES], set: usize) -> usize {
        let mut news = 0;
        for voice in 0..VOICES {
            news |= (self.lines[lines[voice]].is_fresh() as usize) << voice;
        }
        let weights = &mut self.weights[set + news];
        let mix = Starts([0, LANES].map(|from| {
            let mut sum = Eight::new([0; LANES]);
            for voice in 0..VOICES {
                sum = sum.add_scaled(self.lines[lines[voice]].half_starts(from), weights.0[voice]);
            }
            let doubled = sum.plus_where(sum, u16::MAX);
            doubled.plus_where(Eight::load(&RAMP[from..]), u16::MAX)
        }));
        let symbol = coder.code_symbol(symbol, &mix) & (SYMBOLS - 1);
        let (start, end) = mix.of(symbol);
        let part = 1.0 / (end - start) as f32;
        let mut moved = [0; VOICES];
        for voice in 0..VOICES {
            let line = &mut self.lines[lines[voice]];
            let weight = weights.0[voice] as i32;
            let deserved = ((weight * line.share(symbol) as i32) as f32 * part) as i32;
            line.update(symbol);
            moved[voice] = weight + ((deserved - weight) >> RATE);
        }
        *weights = Weights::of(moved);
        symbol
    }
}

impl Weights {
    /// Weights that are not too small and add up to the whole, the largest taking the difference.
    #[inline(always)]
    fn of(wanted: [i32; VOICES]) -> Self {
        let mut weights = Weights([0; VOICES]);
        let (mut sum, mut largest) = (0, 0);
        for voice in 0..VOICES {
            let weight = wanted[voice].clamp(LEAST, MOST);
            weights.0[voice] = weight as i16;
            sum += weight;
            largest = if weight > weights.0[largest] as i32 { voice } else { largest };
        }
        weights.0[largest] = (weights.0[largest] as i32 + WHOLE - sum).clamp(LEAST, MOST) as i16;
        weights
    }
}

/// All of it for the contexts that are known, or for all if none is.
fn fresh_weights(news: usize) -> Weights {
    let is_new = |voice: usize| news >> voice & 1 != 0;
    let known = VOICES - (0..VOICES).filter(|&voice| is_new(voice)).count();
    Weights::of(core::array::from_fn(|voice| match known {
        0 => WHOLE / VOICES as i32,
        _ if is_new(voice) => LEAST,
        _ => WHOLE / known as i32,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use coding::ranges::{Decoder, Encoder};

    fn next(x: &mut u64) -> u64 {
        *x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        *x >> 33
    }

    /// Bytes with contexts of which one tells all, one something and one nothing.
    fn steps(seed: u64, count: usize) -> Vec<(u8, [u32; VOICES], usize)> {
        let mut x = seed;
        (0..count)
            .map(|at| {
                let key = next(&mut x) as u32 % 50;
                let noise = next(&mut x) as u32;
                let byte = if at / 3000 % 3 == 2 { noise >> 8 } else { key.wrapping_mul(0x85eb_ca6b) >> 24 };
                (byte as u8, [key, key / 8 + 100, noise].map(|context| context.wrapping_mul(0x9e37_79b9)), at % 2)
            })
            .collect()
    }

    fn encoded(steps: &[(u8, [u32; VOICES], usize)]) -> Vec<u8> {
        let (mut model, mut encoder) = (Nibbles::new(2, 10), Encoder::new(Vec::new()));
        for (byte, contexts, set) in steps {
            model.code(&mut encoder, *byte, contexts, *set);
        }
        encoder.finish()
    }

    #[test]
    fn bytes_come_back() {
        for seed in 0..5 {
            let steps = steps(seed, 10_000);
            let bytes = encoded(&steps);
            let (mut model, mut decoder) = (Nibbles::new(2, 10), Decoder::new(&bytes));
            for (byte, contexts, set) in &steps {
                assert_eq!(model.code(&mut decoder, 0, contexts, *set), *byte);
            }
            assert!(decoder.is_at_end());
        }
    }

    #[test]
    fn the_context_that_tells_most_is_relied_on() {
        let steps = &steps(1, 6000)[..];
        let (first, second) = (encoded(&steps[..3000]).len(), encoded(steps).len());
        assert!(first < 3000 / 2, "{first}");
        assert!(second - first < 3000 / 8, "{}", second - first);
    }
}
