//! What lattice a file's numbers lie on.

use crate::format::{self, read_bits, Layout, HEADER_BYTES, RECORD_HEADER_BYTES};
use crate::lattice::{Lattice, MAX_DECIMALS, MAX_GRAIN};
use crate::values::Axis;

/// Numbers that are looked at, spread over all.
const SAMPLES: usize = 20_000;
const GRAIN_SAMPLES: usize = 4000;
/// Seconds and minutes of arc, and tenths and hundredths of them.
const FRACTIONS: [u64; 6] = [60, 600, 3600, 6000, 36000, 360000];
/// A lattice finer than this many units to a number says nothing: all numbers are near it.
const FINEST: i64 = 1 << 46;
/// The share of numbers that makes a lattice, in 1/100.
const ENOUGH: usize = 25;

/// The lattice of the numbers of one axis, given by their bits in the order of the file.
pub fn survey(values: &[u64]) -> Lattice {
    let every = values.len() / SAMPLES + 1;
    let sample: Vec<f64> = values.iter().step_by(every).map(|&bits| f64::from_bits(bits)).collect();
    let share = |lattice: &Lattice, slack: u64| sample.iter().filter(|&&value| lies_on(lattice, value, slack)).count();
    let decimals: Vec<(usize, Lattice)> = (0..=MAX_DECIMALS - 3)
        .filter_map(|digits| Lattice::new(digits, 0, 0))
        .map(|lattice| (share(&lattice, 2), lattice))
        .collect();
    let most = decimals.iter().map(|&(count, _)| count).max().unwrap_or(0);
    let Some(&(count, lattice)) = decimals.iter().find(|&&(count, _)| count * 100 >= most * 97) else {
        return Lattice::dyadic(0);
    };
    if count * 100 < sample.len() * ENOUGH {
        return between(values);
    }
    let divided = FRACTIONS.into_iter().filter_map(|fractions| {
        let divided = Lattice::new(lattice.unit(), fractions, 0)?;
        (10u64.pow(lattice.unit() as u32) >= fractions * 8).then_some(divided)
    });
    let lattice = divided.into_iter().find(|divided| whole_share(divided, &sample) * 2 > sample.len()).unwrap_or(lattice);
    grained(lattice, &sample[..sample.len().min(GRAIN_SAMPLES)])
}

/// Geodatabases keep numbers as offsets from a far origin: what they give back are multiples of the spacing of binary64
/// numbers at that distance.
fn grained(lattice: Lattice, sample: &[f64]) -> Lattice {
    let exact = |lattice: &Lattice| {
        sample.iter().filter(|&&value| lattice.place(value).is_some_and(|place| lattice.value(place) == value)).count()
    };
    let plain = exact(&lattice);
    let best = (1..=MAX_GRAIN)
        .filter_map(|grain| lattice.with_grain(grain))
        .map(|lattice| (exact(&lattice), lattice))
        .max_by_key(|&(count, _)| count);
    match best {
        Some((count, grained)) if count > plain + sample.len() / 50 => grained,
        _ => lattice,
    }
}

fn lies_on(lattice: &Lattice, value: f64, slack: u64) -> bool {
    lattice.place(value).is_some_and(|place| {
        let near = lattice.value(place);
        let units = lattice.units(place.step).wrapping_add(place.rest);
        units.abs() < FINEST && (near.to_bits() as i64).abs_diff(value.to_bits() as i64) <= slack
    })
}

/// How many numbers are whole fractions.
fn whole_share(lattice: &Lattice, sample: &[f64]) -> usize {
    sample
        .iter()
        .filter(|&&value| {
            let Some(place) = lattice.place(value) else { return false };
            place.rest == 0 || place.rest == lattice.shorter(place.step)
        })
        .count()
}

/// For numbers on no lattice: powers of two such that neighbours are a few thousand apart.
fn between(values: &[u64]) -> Lattice {
    let mut steps: Vec<f64> = values
        .windows(2)
        .step_by(values.len() / SAMPLES + 1)
        .map(|pair| (f64::from_bits(pair[1]) - f64::from_bits(pair[0])).abs())
        .filter(|step| *step > 0.0 && step.is_finite())
        .collect();
    steps.sort_by(f64::total_cmp);
    let Some(&middle) = steps.get(steps.len() / 2) else { return Lattice::dyadic(0) };
    let mut digits = 0;
    while digits < 40 && middle * ((1u64 << digits) as f64) < 4096.0 {
        digits += 1;
    }
    Lattice::dyadic(digits)
}

/// All numbers of a file that [`format::parse`] understands, by axis.
pub struct Columns([Vec<u64>; 4]);

impl Columns {
    pub fn read(bytes: &[u8], header: bool) -> Columns {
        let mut columns = Columns(Default::default());
        let mut rest = bytes.get(if header { HEADER_BYTES } else { 0 }..).unwrap_or(&[]);
        while let Some((head, after)) = rest.split_at_checked(RECORD_HEADER_BYTES) {
            let length = format::big_i32(head, 4).and_then(|words| usize::try_from(words).ok()?.checked_mul(2));
            let Some((content, after)) = length.and_then(|length| after.split_at_checked(length)) else { break };
            if let Some((_, layout, _)) = format::parse(content) {
                columns.add(content, &layout);
            }
            rest = after;
        }
        columns
    }

    fn add(&mut self, content: &[u8], layout: &Layout) {
        let [x, y, z, m] = &mut self.0;
        x.extend(layout.xy.clone().step_by(16).map(|at| read_bits(content, at)));
        y.extend(layout.xy.clone().step_by(16).map(|at| read_bits(content, at + 8)));
        z.extend(layout.z.clone().step_by(8).map(|at| read_bits(content, at)));
        m.extend(layout.m.clone().step_by(8).map(|at| read_bits(content, at)));
    }

    pub fn axes(&self) -> [Axis; 4] {
        std::array::from_fn(|axis| {
            let values = &self.0[axis];
            let loose = Axis::new(survey(values), false);
            let exact = values.iter().all(|&bits| loose.has(bits));
            Axis::new(loose.lattice, exact)
        })
    }
}
