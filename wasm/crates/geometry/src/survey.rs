//! Which notation an axis has: the one in which its numbers take the fewest bits.

use crate::notation::{power, Digits, Notation, Number, Printer, Zeros, MOST_BITS, MOST_DECIMALS};
use std::f64::consts::TAU;

/// How many numbers are looked at.
const SAMPLE: usize = 4000;
/// What a number costs that the notation does not give back, in bits.
const MISFIT: f64 = 60.0;
/// Numbers of fewer decimals hide no lattice, and are no doubles printed in full.
const FINE: u8 = 5;
const PRECISE: u8 = 9;
/// Lattices of so many bits may begin anywhere.
const COARSE: std::ops::RangeInclusive<u8> = 4..=24;
/// How well numbers agree on where that is, as the length of the mean of their directions.
const AGREEMENT: f64 = 0.95;
/// Bits of its beginning.
const PHASE_BITS: u8 = 20;
/// How many of the numbers must have the same lower bits.
const ALIKE: f64 = 0.95;
const DECIMAL: f64 = 3.3219;

/// Chooses from the numbers of an axis.
pub fn survey(texts: &[&[u8]]) -> Notation {
    let step = texts.len().div_ceil(SAMPLE).max(1);
    let texts: Vec<&[u8]> = texts.iter().step_by(step).copied().collect();
    let digits: Vec<Digits> = texts.iter().filter_map(|text| Digits::read(text)).collect();
    let most = digits.iter().map(|digits| digits.decimals).max().unwrap_or(0);
    let mut best = own(most);
    let mut least = cost(&best, &texts);
    let mut consider = |notation: Notation| {
        let bits = cost(&notation, &texts);
        if bits < least {
            (best, least) = (notation, bits);
        }
    };
    for zeros in [Zeros::Kept, Zeros::AllButOne, Zeros::Dropped] {
        consider(Notation { printer: Printer::Decimals, zeros, ..own(most) });
    }
    if most >= FINE {
        let zeros = zeros_of(&texts);
        let decimals = Notation { printer: Printer::Decimals, zeros, ..own(most) };
        choose_phase(decimals, &digits).map(&mut consider);
        let mut dyadic = decimals;
        choose_bits(&mut dyadic, &texts);
        consider(dyadic);
    }
    if most >= PRECISE {
        let zeros = zeros_of(&texts);
        let lattice = |printer, count| {
            let mut notation = Notation { printer, count, zeros, ..own(most) };
            choose_bits(&mut notation, &texts);
            choose_shift(&mut notation, &texts);
            notation
        };
        consider(lattice(Printer::Decimals, most));
        for count in [15, 16, 17] {
            consider(lattice(Printer::Digits, count));
        }
        consider(lattice(Printer::Shortest, 0));
    }
    best
}

fn own(count: u8) -> Notation {
    Notation { printer: Printer::Own, count, zeros: Zeros::Kept, bits: 0, shift: 0, offset: 0 }
}

fn zeros_of(texts: &[&[u8]]) -> Zeros {
    let ends = |end: &[u8]| texts.iter().filter(|text| text.ends_with(end)).count();
    if ends(b"0") * 50 > texts.len() {
        Zeros::Kept
    } else if ends(b".0") > 0 {
        Zeros::AllButOne
    } else {
        Zeros::Dropped
    }
}

/// Bits per number, near enough to compare notations.
fn cost(notation: &Notation, texts: &[&[u8]]) -> f64 {
    let mut scratch = Vec::new();
    let mut bits = 0.0;
    let mut decimals = [0usize; MOST_DECIMALS as usize + 1];
    for text in texts {
        bits += match notation.read(text, &mut scratch) {
            None => MISFIT,
            Some(number) => {
                decimals[number.decimals as usize] += 1;
                place_bits(notation, number) + error_bits(number)
            }
        };
    }
    let read: usize = decimals.iter().sum();
    let counted = decimals.iter().filter(|&&count| count > 0);
    bits += counted.map(|&count| count as f64 * (read as f64 / count as f64).log2()).sum::<f64>();
    bits / texts.len().max(1) as f64
}

/// How fine the place is.
fn place_bits(notation: &Notation, number: Number) -> f64 {
    match notation.printer {
        Printer::Own => number.decimals as f64 * DECIMAL + 0.2,
        _ if notation.bits == 0 => notation.count as f64 * DECIMAL,
        _ => (notation.bits - notation.shift) as f64,
    }
}

fn error_bits(number: Number) -> f64 {
    match number.error.unsigned_abs() {
        0 => 0.0,
        size => (1.0 + 2.0 * size as f64).log2() * 1.3 + 1.0,
    }
}

/// The bits of the lattice with the least cost.
fn choose_bits(notation: &mut Notation, texts: &[&[u8]]) {
    let few: Vec<&[u8]> = texts.iter().step_by(texts.len().div_ceil(200).max(1)).copied().collect();
    let mut least = f64::MAX;
    let mut best = 0;
    for bits in 8..=MOST_BITS {
        notation.bits = bits;
        let bits_needed = cost(notation, &few);
        if bits_needed < least {
            (least, best) = (bits_needed, bits);
        }
    }
    notation.bits = best;
}

/// The coarsest lattice that the numbers are near, wherever it begins.
fn choose_phase(decimals: Notation, digits: &[Digits]) -> Option<Notation> {
    let values: Vec<f64> =
        digits.iter().map(|digits| digits.value as f64 / 10f64.powi(digits.decimals as i32)).collect();
    COARSE.into_iter().find_map(|bits| {
        let angles = values.iter().map(|value| (value * (1u64 << bits) as f64).fract() * TAU);
        let (x, y) = angles.fold((0.0, 0.0), |sum, angle| (sum.0 + angle.cos(), sum.1 + angle.sin()));
        let begins = ((y.atan2(x) / TAU).rem_euclid(1.0) * (1u64 << PHASE_BITS) as f64) as u64;
        let offset = begins & ((1 << PHASE_BITS) - 1);
        let agree = x.hypot(y) >= AGREEMENT * values.len() as f64;
        agree.then_some(Notation { bits: bits + PHASE_BITS, shift: PHASE_BITS, offset, ..decimals })
    })
}

/// Lower bits that nearly all places share need not be coded.
fn choose_shift(notation: &mut Notation, texts: &[&[u8]]) {
    let mut scratch = Vec::new();
    let places: Vec<i64> =
        texts.iter().filter_map(|text| notation.read(text, &mut scratch)).map(|number| number.place).collect();
    for shift in (1..notation.bits.min(60)).rev() {
        let mask = (1i64 << shift) - 1;
        let common = majority(places.iter().map(|place| place & mask));
        let alike = places.iter().filter(|&&place| place & mask == common).count();
        if alike as f64 >= ALIKE * texts.len() as f64 {
            notation.shift = shift;
            notation.offset = common as u64;
            return;
        }
    }
}

/// The value that more than half of all are, if there is one (Boyer and Moore).
fn majority(values: impl Iterator<Item = i64>) -> i64 {
    let (mut candidate, mut lead) = (0, 0usize);
    for value in values {
        if lead == 0 {
            candidate = value;
        }
        lead = if value == candidate { lead + 1 } else { lead - 1 };
    }
    candidate
}

/// Whether a notation that a payload states can be worked with.
pub fn is_sound(notation: &Notation) -> bool {
    notation.count <= MOST_DECIMALS
        && power(notation.count).is_some()
        && notation.bits <= MOST_BITS
        && (notation.shift == 0 || notation.shift < notation.bits)
        && notation.offset < 1 << notation.shift
        && (notation.bits > 0 || matches!(notation.printer, Printer::Decimals | Printer::Own))
}
