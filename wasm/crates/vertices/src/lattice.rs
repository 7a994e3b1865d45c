//! Where numbers lie: on multiples of a unit, or between them.
//!
//! Only multiplications and divisions of binary64, one at a time, and integers: the same everywhere.

/// Digits that a decimal unit may have.
pub const MAX_DECIMALS: u8 = 15;
/// In a unit's byte: what is more is a power of two.
const DYADIC: u8 = 32;
const MAX_DYADIC: u8 = 60;
pub const MAX_GRAIN: u8 = 60;
pub const MAX_FRACTIONS: u64 = 1 << 24;
const LARGEST: f64 = (1u64 << 52) as f64;

/// A lattice of units of 1 / 10^n or 1 / 2^n, of which those nearest to whole fractions (such as seconds of arc) may be
/// distinguished.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Lattice {
    unit: u8,
    scale: f64,
    /// How many fractions 1 has; 0 without any.
    pub fractions: u64,
    whole: i64,
    grain: u8,
    /// 2 to the power of the grain, or 0 without one.
    grains: f64,
}

/// A number as its place on a lattice: `step` fractions (or units), `rest` units beside that.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Place {
    pub step: i64,
    pub rest: i64,
}

impl Lattice {
    /// `unit`: digits behind the point, or 32 and more for digits of a binary number.
    /// `grain`: numbers are multiples of 1 / 2^grain; 0 for any.
    pub fn new(unit: u8, fractions: u64, grain: u8) -> Option<Lattice> {
        let whole = match unit {
            0..=MAX_DECIMALS => 10i64.pow(unit as u32),
            DYADIC.. if unit - DYADIC <= MAX_DYADIC => 1i64 << (unit - DYADIC),
            _ => return None,
        };
        let grains = if grain == 0 { 0.0 } else { (1u64 << grain.min(MAX_GRAIN)) as f64 };
        let fits = fractions <= MAX_FRACTIONS && grain <= MAX_GRAIN;
        fits.then_some(Lattice { unit, scale: whole as f64, fractions, whole, grain, grains })
    }

    pub fn dyadic(digits: u8) -> Lattice {
        let digits = digits.min(MAX_DYADIC);
        let whole = 1i64 << digits;
        Lattice { unit: DYADIC + digits, scale: whole as f64, fractions: 0, whole, grain: 0, grains: 0.0 }
    }

    pub fn unit(&self) -> u8 {
        self.unit
    }

    pub fn grain(&self) -> u8 {
        self.grain
    }

    /// The same with another grain.
    pub fn with_grain(&self, grain: u8) -> Option<Lattice> {
        Lattice::new(self.unit, self.fractions, grain)
    }

    /// The place nearest to a number; nothing where that is no number or out of range.
    pub fn place(&self, value: f64) -> Option<Place> {
        let scaled = value * self.scale;
        if !(scaled.abs() < LARGEST) {
            return None;
        }
        let units = round(scaled);
        if self.fractions == 0 {
            return Some(Place { step: units, rest: 0 });
        }
        let step = round(value * self.fractions as f64);
        Some(Place { step, rest: units.wrapping_sub(self.units(step)) })
    }

    /// The number at a place.
    pub fn value(&self, place: Place) -> f64 {
        let value = self.units(place.step).wrapping_add(place.rest) as f64 / self.scale;
        let scaled = value * self.grains;
        // Without a grain this is 0.
        if scaled != 0.0 && scaled.abs() < LARGEST { round(scaled) as f64 / self.grains } else { value }
    }

    /// Units nearest to a step; halves go away from 0.
    pub fn units(&self, step: i64) -> i64 {
        match self.fractions {
            0 => step,
            fractions => ratio(step, self.whole, fractions as i64),
        }
    }

    /// Units from a step's own to what it would be with one decimal less.
    pub fn shorter(&self, step: i64) -> i64 {
        match self.fractions {
            0 => 0,
            fractions => {
                ratio(step, self.whole / 10, fractions as i64).wrapping_mul(10).wrapping_sub(self.units(step))
            }
        }
    }
}

/// `step * whole / parts`, to the nearest.
fn ratio(step: i64, whole: i64, parts: i64) -> i64 {
    let doubled = step.unsigned_abs() as u128 * whole as u128 * 2 + parts as u128;
    let size = (doubled / (2 * parts as u128)) as i64;
    if step < 0 { size.wrapping_neg() } else { size }
}

fn round(value: f64) -> i64 {
    if value < 0.0 { (value - 0.5) as i64 } else { (value + 0.5) as i64 }
}

/// The bits of a number as an integer that grows with it; -0 alone has none of its own.
pub fn ordered(bits: u64) -> i64 {
    let size = (bits & (u64::MAX >> 1)) as i64;
    if bits >> 63 != 0 { -size } else { size }
}

pub fn unordered(order: i64) -> u64 {
    if order < 0 { order.unsigned_abs() | 1 << 63 } else { order as u64 }
}
