//! The bases of a read: what the reference is known to have there, else by contexts, else letters that are no base.

use crate::alignment::Alignment;
use sequencing::bits::{code_flag, Flag, Symbol, SymbolCoder};
use crate::reference::{Expected, Reference, CONFIDENCES};
use coding::vector::{Eight, LANES};
use sequencing::counters::Counters;
use sequencing::pairing::Weights;
use sequencing::plain::PlainBases;
use sequencing::shares::Four;
use sequencing::quick_bases::QuickBases;
use crate::Level;

/// The codes of A, C, G and T (SAMv1, section 4.2.3).
pub const CODES: [u8; 4] = [1, 2, 4, 8];
/// The base of each code; [`ODD`] for those that are none.
pub const BASES: [u8; 16] = [4, 0, 1, 4, 2, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 4];
/// Not one of the four letters.
pub const ODD: u8 = 4;

const RANKS: usize = 128;

/// How many contexts tell whether a base is the expected one.
const VOICES: usize = 2;
const RATE: i32 = 30;

/// Whether a base is the expected one.
struct Agreement {
    tables: [Counters; VOICES],
    weights: Weights,
    /// The latest outcomes in this read, latest lowest, 1 for a surprise.
    misses: u32,
    others: Vec<Flag>,
}

impl Agreement {
    fn new() -> Self {
        let sizes = [CONFIDENCES * 64, CONFIDENCES * 32];
        Agreement {
            tables: sizes.map(|size| Counters::new(size, 1023)),
            weights: Weights::new(CONFIDENCES * 4, 10000),
            misses: 0,
            others: vec![Flag::new(); 4 * 4 * 4],
        }
    }

    #[inline(always)]
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, agrees: bool, expected: Expected, quality: u8) -> bool {
        let quality = quality as usize & (RANKS - 1);
        let misses = self.misses as usize;
        let weight = (misses & 0xffff).count_ones().min(7) as usize;
        let places = [
            expected.confidence * 64 + quality.min(63),
            expected.confidence * 32 + (misses & 3) * 8 + weight,
        ];
        let mut ones = [32768; LANES];
        for i in 0..VOICES {
            ones[i] = self.tables[i].one(places[i]) as u16;
        }
        let inputs = Eight::new(ones).stretched();
        let set = expected.confidence * 4 + (misses & 3);
        let one = self.weights.mix(inputs, set);
        let bit = coder.code(agrees as u32, one);
        self.weights.update(inputs, set, one, bit, RATE);
        for i in 0..VOICES {
            self.tables[i].update(places[i], bit);
        }
        self.misses = self.misses << 1 | (1 - bit);
        bit != 0
    }

    /// Which of the other bases it is.
    fn code_other<C: SymbolCoder>(&mut self, coder: &mut C, base: u8, expected: u8, others: [u8; 3], seen: u8) -> u8 {
        let context = (expected as usize * 4 + seen.min(3) as usize) * 4;
        if code_flag(coder, &mut self.others[context], base == others[0]) {
            return others[0];
        }
        let (low, high) = (others[1].min(others[2]), others[1].max(others[2]));
        let flag = &mut self.others[context + 1 + (low + high) as usize % 3];
        if code_flag(coder, flag, base == high) { high } else { low }
    }
}

/// How far behind the expected base a base is in their order, by the reference's confidence, the quality and the latest
/// outcomes.
struct Distances {
    shares: Vec<Four>,
    misses: usize,
}

const QUALITY_STEPS: usize = 16;
/// Most bases are the expected one.
const LIKELY: Four = Four(0xfd00_fa00_f700);

impl Distances {
    fn new() -> Self {
        Distances { shares: vec![LIKELY; CONFIDENCES * QUALITY_STEPS * 4], misses: 0 }
    }

    #[inline(always)]
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, base: u8, expected: Expected, quality: u8) -> u8 {
        let step = (quality as usize / 4).min(QUALITY_STEPS - 1);
        let shares = &mut self.shares[(expected.confidence * QUALITY_STEPS + step) * 4 + (self.misses & 3)];
        let distance = coder.code_symbol((base.wrapping_sub(expected.base) & 3) as usize, shares);
        *shares = shares.after::<6>(distance);
        self.misses = self.misses << 1 | (distance != 0) as usize;
        (expected.base + distance as u8) & 3
    }
}

enum Model {
    Plain(PlainBases, Distances),
    Quick(Box<(QuickBases, Agreement)>),
}

pub struct Letters {
    model: Model,
    odd_read: [Flag; 2],
    odd_before: usize,
    /// By the rank of the quality and the last three outcomes.
    odd_base: Vec<Flag>,
    /// By the odd code before.
    odd_code: Vec<Symbol>,
    /// The codes of the read's letters.
    pub codes: Vec<u8>,
    /// Its bases, 0 for odd letters.
    pub bases: Vec<u8>,
    /// How little each was expected, 0..=7.
    pub surprises: Vec<u8>,
    expected: Vec<Expected>,
}

impl Letters {
    /// `count`: how many bases there are.
    pub fn new(level: Level, count: usize) -> Self {
        Letters {
            model: match level {
                Level::Max => Model::Quick(Box::new((QuickBases::new(count), Agreement::new()))),
                _ => Model::Plain(PlainBases::new(count), Distances::new()),
            },
            odd_read: [Flag::new(); 2],
            odd_before: 0,
            odd_base: vec![Flag::new(); RANKS * 8],
            odd_code: vec![Symbol::new(4); 16],
            codes: Vec::new(),
            bases: Vec::new(),
            surprises: Vec::new(),
            expected: Vec::new(),
        }
    }

    /// Codes a read of `count` bases, of which an encoder gives the codes. `ranks` are its quality values, or empty
    /// if they are not known yet.
    pub fn code<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        wanted: &[u8],
        count: usize,
        ranks: &[u8],
        alignment: &Alignment,
        reference: &Reference,
    ) {
        self.codes.clear();
        self.bases.clear();
        self.surprises.clear();
        self.expected.clear();
        self.expected.extend(alignment.places.iter().map(|&place| reference.cell(place).expected()));
        let odd = wanted.iter().any(|&code| BASES[code as usize] == ODD);
        let odd = code_flag(coder, &mut self.odd_read[self.odd_before], odd);
        self.odd_before = odd as usize;
        match &mut self.model {
            Model::Plain(model, distances) => {
                model.start_read();
                distances.misses = 0;
            }
            Model::Quick(both) => {
                both.0.start_read();
                both.1.misses = 0;
            }
        }
        let (mut recent, mut last_odd) = (0, 0);
        for at in 0..count {
            let code = wanted.get(at).copied().unwrap_or(1);
            let quality = ranks.get(at).map_or(0, |&rank| rank + 1);
            if odd && self.code_oddness(coder, code, quality, &mut recent) {
                last_odd = self.odd_code[last_odd as usize].code(coder, code as u32) as u8;
                self.codes.push(last_odd);
                self.bases.push(0);
                self.surprises.push(0);
                continue;
            }
            let wanted = BASES[code as usize] & 3;
            let expected = self.expected[at];
            let (base, surprise) = match &mut self.model {
                Model::Plain(model, distances) => {
                    let base = if expected.confidence > 0 {
                        let base = distances.code(coder, wanted, expected, quality);
                        model.skip(base);
                        base
                    } else {
                        model.code(coder, wanted)
                    };
                    (base, if expected.confidence > 0 && base != expected.base { 7 } else { 0 })
                }
                Model::Quick(both) => {
                    let (model, agreement) = &mut **both;
                    if expected.confidence > 0 {
                        let agrees = agreement.code(coder, wanted == expected.base, expected, quality);
                        let base = if agrees {
                            expected.base
                        } else {
                            let (others, seen) = reference.cell(alignment.places[at]).others(expected.base);
                            agreement.code_other(coder, wanted, expected.base, others, seen)
                        };
                        model.skip(base);
                        (base, if agrees { 0 } else { 7 })
                    } else {
                        (model.code(coder, wanted, quality), model.surprise())
                    }
                }
            };
            self.codes.push(CODES[base as usize]);
            self.bases.push(base);
            self.surprises.push(surprise);
        }
    }

    fn code_oddness<C: SymbolCoder>(&mut self, coder: &mut C, code: u8, quality: u8, recent: &mut usize) -> bool {
        let flag = &mut self.odd_base[(quality as usize & (RANKS - 1)) * 8 + *recent];
        let odd = code_flag(coder, flag, BASES[code as usize] == ODD);
        *recent = (*recent << 1 | odd as usize) & 7;
        odd
    }
}
