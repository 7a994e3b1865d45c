//! The bases of a read: what the reference is known to have there, else by contexts, else letters that are no base.

use crate::alignment::Alignment;
use crate::bases::{MixedBases, Orders};
use crate::bits::{code_flag, BitCoder, Flag, Symbol};
use crate::reference::{Expected, Reference, CONFIDENCES};
use crate::Level;
use coding::apm::Apm;
use coding::logistic::squash;
use coding::maps::Map;
use coding::mixer::{Inputs, Mixer};

/// The codes of A, C, G and T (SAMv1, section 4.2.3).
pub const CODES: [u8; 4] = [1, 2, 4, 8];
/// The base of each code; [`ODD`] for those that are none.
pub const BASES: [u8; 16] = [4, 0, 1, 4, 2, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 4];
/// Not one of the four letters.
pub const ODD: u8 = 4;

const SETS: usize = 2;
const RANKS: usize = 128;

/// Whether a base is the expected one.
struct Agreement {
    maps: [Map; 5],
    mixer: Mixer<8, SETS>,
    apm: Apm<6>,
    /// The latest outcomes in this read, latest lowest, 1 for a surprise.
    misses: u32,
    others: Vec<Flag>,
}

impl Agreement {
    fn new() -> Self {
        Agreement {
            maps: [CONFIDENCES * 64, CONFIDENCES * 32, 1 << 15, CONFIDENCES * 64, 1 << 12].map(|size| Map::new(size, 1023)),
            mixer: Mixer::new([CONFIDENCES, 256], 10000),
            apm: Apm::new(CONFIDENCES * 4),
            misses: 0,
            others: vec![Flag::new(); 4 * 4 * 4],
        }
    }

    #[inline(always)]
    fn code<C: BitCoder>(&mut self, coder: &mut C, agrees: bool, expected: Expected, near: &Near) -> bool {
        let quality = near.quality as usize & (RANKS - 1);
        let misses = self.misses as usize;
        let weight = (misses & 0xffff).count_ones().min(7) as usize;
        let bases = (near.last * 5 + expected.base) as usize * 5 + near.next as usize;
        let places = [
            expected.confidence * 64 + quality.min(63),
            expected.confidence * 32 + (misses & 3) * 8 + weight,
            (quality * 8 + weight) * 16 + (near.last_quality as usize / 4).min(15),
            expected.confidence * 64 + (quality / 8).min(7) * 8 + (near.next_confidence / 16).min(7),
            bases << 4 | (quality / 4).min(15),
        ];
        let mut inputs = Inputs([0i16; 8]);
        for i in 0..5 {
            inputs.0[i] = self.maps[i].stretched(places[i]);
        }
        inputs.0[7] = 256;
        let outputs = self.mixer.mix(&inputs, &[expected.confidence, misses & 255]);
        let mixed = (outputs[0] + outputs[1]) / 2;
        let refined = self.apm.refine(mixed, expected.confidence * 4 + (misses & 3));
        let one = ((squash(mixed) * 3 + refined) / 4).clamp(1, 65535);
        let bit = coder.code(agrees as u32, one);
        for i in 0..5 {
            self.maps[i].update(places[i], bit);
        }
        self.mixer.update(&inputs, bit, 30);
        self.apm.update(bit);
        self.misses = self.misses << 1 | (1 - bit);
        bit != 0
    }

    /// Which of the other bases it is.
    fn code_other<C: BitCoder>(&mut self, coder: &mut C, base: u8, expected: u8, others: [u8; 3], seen: u8) -> u8 {
        let context = (expected as usize * 4 + seen.min(3) as usize) * 4;
        if code_flag(coder, &mut self.others[context], base == others[0]) {
            return others[0];
        }
        let (low, high) = (others[1].min(others[2]), others[1].max(others[2]));
        let flag = &mut self.others[context + 1 + (low + high) as usize % 3];
        if code_flag(coder, flag, base == high) { high } else { low }
    }
}

/// What stands beside a base.
struct Near {
    /// The rank of its quality plus one; 0 if it is not known yet.
    quality: u8,
    last_quality: u8,
    last: u8,
    /// What is expected next: a base, or 4.
    next: u8,
    next_confidence: usize,
}

enum Model {
    Few(Box<MixedBases<2, 2, 1, 8>>),
    Many(Box<MixedBases<4, 3, 2, 16>>),
}

pub struct Letters {
    model: Model,
    agreement: Agreement,
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
        let few = Orders { dense: [2, 6], counted: [11, 16], repeats: [20] };
        let many = Orders { dense: [2, 3, 6, 9], counted: [11, 14, 20], repeats: [14, 24] };
        Letters {
            model: match level {
                Level::Max => Model::Many(Box::new(MixedBases::new(many, count))),
                _ => Model::Few(Box::new(MixedBases::new(few, count))),
            },
            agreement: Agreement::new(),
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
    pub fn code<C: BitCoder>(
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
            Model::Few(model) => model.start_read(),
            Model::Many(model) => model.start_read(),
        }
        self.agreement.misses = 0;
        let (mut recent, mut last_odd, mut last, mut last_quality) = (0, 0, 4, 0);
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
            let (base, surprise) = if expected.confidence > 0 {
                let next = self.expected.get(at + 1).copied().unwrap_or_default();
                let next_base = if next.confidence > 0 { next.base } else { 4 };
                let near = Near { quality, last_quality, last, next: next_base, next_confidence: next.confidence };
                let agrees = self.agreement.code(coder, wanted == expected.base, expected, &near);
                let base = if agrees {
                    expected.base
                } else {
                    let (others, seen) = reference.cell(alignment.places[at]).others(expected.base);
                    self.agreement.code_other(coder, wanted, expected.base, others, seen)
                };
                match &mut self.model {
                    Model::Few(model) => model.skip(base),
                    Model::Many(model) => model.skip(base),
                }
                (base, if agrees { 0 } else { 7 })
            } else {
                match &mut self.model {
                    Model::Few(model) => (model.code(coder, wanted, quality), model.surprise()),
                    Model::Many(model) => (model.code(coder, wanted, quality), model.surprise()),
                }
            };
            self.codes.push(CODES[base as usize]);
            self.bases.push(base);
            self.surprises.push(surprise);
            (last, last_quality) = (base, quality);
        }
    }

    fn code_oddness<C: BitCoder>(&mut self, coder: &mut C, code: u8, quality: u8, recent: &mut usize) -> bool {
        let flag = &mut self.odd_base[(quality as usize & (RANKS - 1)) * 8 + *recent];
        let odd = code_flag(coder, flag, BASES[code as usize] == ODD);
        *recent = (*recent << 1 | odd as usize) & 7;
        odd
    }
}
