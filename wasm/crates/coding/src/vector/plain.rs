//! Eight numbers one by one, for machines without vectors; the others are held to what this gives.

use super::{LANES, LN2, LOGARITHM_SHIFT};

#[derive(Clone, Copy)]
pub struct Eight([u16; LANES]);

impl Eight {
    /// Eight probabilities or other numbers without sign.
    #[inline(always)]
    pub fn new(numbers: [u16; LANES]) -> Self {
        Eight(numbers)
    }

    #[inline(always)]
    pub fn numbers(self) -> [u16; LANES] {
        self.0
    }

    /// The first eight of `numbers`. Panics if there are fewer.
    #[inline(always)]
    pub fn load(numbers: &[i16]) -> Self {
        Eight(std::array::from_fn(|lane| numbers[lane] as u16))
    }

    /// Panics if there is no room for eight.
    #[inline(always)]
    pub fn store(self, numbers: &mut [i16]) {
        numbers[..LANES].copy_from_slice(&self.0.map(|number| number as i16));
    }

    /// Numbers with sign: `self + round(other * factor / 32768)`, saturated.
    #[inline(always)]
    pub fn add_scaled(self, other: Self, factor: i16) -> Self {
        Eight(std::array::from_fn(|lane| {
            let step = (other.0[lane] as i16 as i32 * factor as i32 + 0x4000) >> 15;
            (self.0[lane] as i16 as i32 + step).clamp(i16::MIN as i32, i16::MAX as i32) as u16
        }))
    }

    /// Differences, modulo 65536.
    #[inline(always)]
    pub fn minus(self, other: Self) -> Self {
        Eight(std::array::from_fn(|lane| self.0[lane].wrapping_sub(other.0[lane])))
    }

    /// Each number plus all before it, modulo 65536.
    #[inline(always)]
    pub fn running_sums(self) -> Self {
        let mut sum = 0u16;
        Eight(self.0.map(|number| {
            sum = sum.wrapping_add(number);
            sum
        }))
    }

    /// `self + number`, modulo 65536.
    #[inline(always)]
    pub fn plus(self, number: u16) -> Self {
        Eight(self.0.map(|own| own.wrapping_add(number)))
    }

    /// The sum of the products of numbers with sign.
    #[inline(always)]
    pub fn dot(self, other: Self) -> i32 {
        self.0.iter().zip(other.0).fold(0i32, |sum, (&x, y)| sum.wrapping_add(x as i16 as i32 * y as i16 as i32))
    }

    /// Probabilities moved towards a bit by `1 / 2^rate` of their error.
    #[inline(always)]
    pub fn toward(self, bit: u32, rate: u32) -> Self {
        let flip = 0u16.wrapping_sub(bit as u16);
        Eight(self.0.map(|one| {
            let error = one ^ flip;
            (error - (error >> rate)) ^ flip
        }))
    }

    /// Numbers without sign: `self - self / 2^rate + step`, which must fit.
    #[inline(always)]
    pub fn decayed(self, rate: u32, step: Self) -> Self {
        Eight(std::array::from_fn(|lane| (self.0[lane] - (self.0[lane] >> rate)).wrapping_add(step.0[lane])))
    }

    /// `self + (other & number)`, without sign and modulo 65536.
    #[inline(always)]
    pub fn plus_where(self, other: Self, number: u16) -> Self {
        Eight(std::array::from_fn(|lane| self.0[lane].wrapping_add(other.0[lane] & number)))
    }

    /// A bit for each of the numbers without sign, the first lowest: whether it is at most `limit`.
    #[inline(always)]
    pub fn at_most(self, limit: u16) -> u32 {
        (0..LANES).map(|lane| ((self.0[lane] <= limit) as u32) << lane).sum()
    }

    /// Probabilities in the logistic domain with 8 fractional bits, the logarithm straight between powers of 2.
    #[inline(always)]
    pub fn stretched(self) -> Self {
        Eight(self.0.map(|one| {
            let [yes, no] = [2 * one as i32 + 1, 131071 - 2 * one as i32].map(|n| (n as f32).to_bits() as i32);
            let log2 = ((yes - no) >> LOGARITHM_SHIFT) as i16;
            ((log2 as i32 * LN2 as i32 + 0x4000) >> 15) as u16
        }))
    }
}

/// The sum of the products of numbers with sign; lengths are equal multiples of 8.
#[inline(always)]
pub fn dot(a: &[i16], b: &[i16]) -> i32 {
    a.iter().zip(b).fold(0i32, |sum, (&x, &y)| sum.wrapping_add(x as i32 * y as i32))
}
