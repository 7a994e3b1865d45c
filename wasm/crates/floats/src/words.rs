//! Words bit by bit, the sign first, then the magnitude from its highest bit on: each decision is mixed from what
//! distributions around predictions, words nearby and words of the same exponent suggest.

use crate::curve::{share, Curve};
use coding::arithmetic::Coder;
use crate::kind::{exponent_of, Kind, MAGNITUDE};
use coding::apm::Apm;
use coding::logistic::{squash, stretch, LIMIT};
use coding::maps::Map;
use coding::mixer::{Inputs, TwoLayers};

/// Distributions at once.
pub const CURVES: usize = 4;
/// Levels of how restless the last few errors are against the many before.
pub const LEVELS: usize = 12;

const BITS: usize = 32;
/// Sign, exponent and the first bits of the fraction: contexts that see all bits so far end here.
const HEAD: usize = 12;
const HEADS: usize = 1 << HEAD;
/// What bits behind the head are found by: position, head.
const TAILS: usize = HEADS * (BITS - HEAD);
const HASHED: u32 = 18;

const RECALLED: usize = 2;
const INPUTS: usize = 16;
const SHARES: usize = 32;
const GAPS: usize = 32;
const MEMORY: u32 = 255;
const RATE: i32 = 500;
const LAST_RATE: i32 = 60;
/// Probabilities stay so far from certainty.
const MARGIN: u32 = 8;

/// What the neighbourhood says of a word.
pub struct Situation {
    pub curves: [Curve; CURVES],
    /// The word before and that above.
    pub near: [u32; RECALLED],
    /// The best prediction and how much it errs here.
    pub expected: f64,
    pub spread: f64,
    /// Below [`LEVELS`].
    pub level: usize,
}

/// The adaptive state.
pub struct Words {
    kind: Kind,
    heads: Map,
    hashed: [Map; 2],
    shares: [Map; 2],
    tails: [Map; 2],
    recalled: Map,
    mixer: TwoLayers<INPUTS, 3>,
    apm: Apm<6>,
}

impl Words {
    pub fn new(kind: Kind) -> Self {
        let hashed = || Map::new(1 << HASHED, MEMORY);
        let shares = || Map::new(BITS * SHARES * SHARES, 1023);
        let tails = || Map::new(TAILS.max(BITS * BITS * BITS), MEMORY);
        Words {
            kind,
            heads: Map::new(HEADS, MEMORY),
            hashed: [hashed(), hashed()],
            shares: [shares(), shares()],
            tails: [tails(), tails()],
            recalled: Map::new(RECALLED * BITS * BITS, MEMORY),
            mixer: TwoLayers::new([BITS * LEVELS, BITS * GAPS, BITS * 16], BITS, 8000),
            apm: Apm::new(BITS * SHARES),
        }
    }

    /// Codes a word; gives it.
    pub fn code<B: Coder>(&mut self, coder: &mut B, word: u32, s: &Situation) -> u32 {
        let gap = (exponent_of(s.expected) - exponent_of(s.spread) + 8).clamp(0, GAPS as i32 - 1) as usize;
        let mut curves = s.curves;
        let (mut low, mut high) = ([0.0; CURVES], [1.0; CURVES]);
        let mut known = 0u32;
        // Below how many bits the words nearby still agree with this one.
        let mut agreed = [0usize; RECALLED];
        for place in 0..BITS {
            let rest = (BITS - 1 - place) as u32;
            // The first word of the upper half.
            let middle = (known << 1 | 1) << rest;
            let edge = if place == 0 { 0.0 } else { self.kind.edge(middle & MAGNITUDE) };
            let mut edges = [0.0; CURVES];
            let mut inputs = Inputs([0i16; INPUTS]);
            let mut cells = [0; CURVES];
            for i in 0..CURVES {
                edges[i] = curves[i].below(edge);
                // The upper half of the words are the numbers below 0.
                let (lower, upper) = (edges[i] - low[i], high[i] - edges[i]);
                let one = if place == 0 { share(lower, upper) } else { share(upper, lower) };
                let told = stretch(one);
                inputs.0[i] = told as i16;
                cells[i] = (told + LIMIT) as usize * SHARES / (2 * LIMIT as usize + 1);
            }
            let node = 1usize << place | known as usize;
            let salted = |salt: u32, more: u32| {
                let key = (node as u32).wrapping_mul(0x9e37_79b9) ^ more.wrapping_mul(0x85eb_ca6b) ^ salt;
                ((key ^ key >> 15).wrapping_mul(0x2c1b_3c6d) >> (32 - HASHED)) as usize
            };
            let is_head = place < HEAD;
            let tail = |salt: usize| {
                let head = (known >> (place - HEAD)) as usize;
                match salt {
                    0 => (place - HEAD) * HEADS + head,
                    _ => {
                        let ends = s.near.map(|near| (near | 1 << 31).trailing_zeros().min(31) as usize);
                        (place * BITS + ends[0]) * BITS + ends[1]
                    }
                }
            };
            let shared = [0, 2].map(|i| (place * SHARES + cells[i]) * SHARES + cells[i + 1]);
            let hashes = if is_head {
                [salted(0, s.near[0] >> 23), salted(0x5bd1_e995, (s.near[1] >> 23) << 5 | gap as u32)]
            } else {
                [tail(0), tail(1)]
            };
            let base = CURVES;
            if is_head {
                inputs.0[base] = self.heads.stretched(node);
                inputs.0[base + 1] = self.hashed[0].stretched(hashes[0]);
                inputs.0[base + 2] = self.hashed[1].stretched(hashes[1]);
            } else {
                inputs.0[base + 1] = self.tails[0].stretched(hashes[0]);
                inputs.0[base + 2] = self.tails[1].stretched(hashes[1]);
            }
            inputs.0[base + 3] = self.shares[0].stretched(shared[0]);
            inputs.0[base + 4] = self.shares[1].stretched(shared[1]);
            let mut recalls = [usize::MAX; RECALLED];
            let mut hints = [0; RECALLED];
            let mut agreement = 0;
            for i in 0..RECALLED {
                if agreed[i] < place {
                    continue;
                }
                hints[i] = s.near[i] >> rest & 1;
                recalls[i] = (i * BITS + place) * BITS + gap;
                let sure = self.recalled.stretched(recalls[i]);
                inputs.0[base + 5 + i] = if hints[i] != 0 { sure } else { -sure };
                agreement |= (1 + hints[i] as usize) << (2 * i);
            }
            inputs.0[base + 5 + RECALLED] = 256;
            let sets = [place * LEVELS + s.level, place * GAPS + gap, place * 16 + agreement];
            let mixed = self.mixer.mix(&inputs, &sets, place);
            let refined = self.apm.refine(mixed, place * SHARES + cells[0]);
            let one = ((refined + squash(mixed)) / 2).clamp(MARGIN, 65536 - MARGIN);
            let bit = coder.code(word >> rest & 1, one);
            self.mixer.update(&inputs, bit, RATE, LAST_RATE);
            self.apm.update(bit);
            if is_head {
                self.heads.update(node, bit);
                self.hashed[0].update(hashes[0], bit);
                self.hashed[1].update(hashes[1], bit);
            } else {
                self.tails[0].update(hashes[0], bit);
                self.tails[1].update(hashes[1], bit);
            }
            self.shares[0].update(shared[0], bit);
            self.shares[1].update(shared[1], bit);
            for i in 0..RECALLED {
                if recalls[i] != usize::MAX {
                    self.recalled.update(recalls[i], (bit == hints[i]) as u32);
                    agreed[i] += (bit == hints[i]) as usize;
                }
            }
            if place == 0 {
                // From here on it is magnitudes that are told apart.
                if bit != 0 {
                    curves = curves.map(Curve::mirrored);
                }
                low = curves.map(|curve| curve.below(0.0));
            } else if bit != 0 {
                low = edges;
            } else {
                high = edges;
            }
            known = known << 1 | bit;
        }
        known
    }
}
