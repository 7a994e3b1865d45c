//! Eight numbers in a vector of WebAssembly.

use super::{LANES, LN2, LOGARITHM_SHIFT};
use core::arch::wasm32::*;

/// See the plain form.
#[derive(Clone, Copy)]
pub struct Eight(v128);

impl Eight {
    #[inline(always)]
    pub fn new(n: [u16; LANES]) -> Self {
        Eight(u16x8(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]))
    }

    #[inline(always)]
    pub fn numbers(self) -> [u16; LANES] {
        [
            u16x8_extract_lane::<0>(self.0),
            u16x8_extract_lane::<1>(self.0),
            u16x8_extract_lane::<2>(self.0),
            u16x8_extract_lane::<3>(self.0),
            u16x8_extract_lane::<4>(self.0),
            u16x8_extract_lane::<5>(self.0),
            u16x8_extract_lane::<6>(self.0),
            u16x8_extract_lane::<7>(self.0),
        ]
    }

    #[inline(always)]
    pub fn load(numbers: &[i16]) -> Self {
        // SAFETY: eight numbers, and WebAssembly loads need no alignment.
        Eight(unsafe { v128_load(numbers[..LANES].as_ptr().cast()) })
    }

    #[inline(always)]
    pub fn store(self, numbers: &mut [i16]) {
        // SAFETY: as above.
        unsafe { v128_store(numbers[..LANES].as_mut_ptr().cast(), self.0) };
    }

    #[inline(always)]
    pub fn add_scaled(self, other: Self, factor: i16) -> Self {
        Eight(i16x8_add_sat(self.0, i16x8_q15mulr_sat(other.0, i16x8_splat(factor))))
    }

    #[inline(always)]
    pub fn minus(self, other: Self) -> Self {
        Eight(i16x8_sub(self.0, other.0))
    }

    #[inline(always)]
    pub fn running_sums(self) -> Self {
        let zero = i16x8_splat(0);
        let sums = i16x8_add(self.0, i16x8_shuffle::<8, 0, 1, 2, 3, 4, 5, 6>(self.0, zero));
        let sums = i16x8_add(sums, i16x8_shuffle::<8, 8, 0, 1, 2, 3, 4, 5>(sums, zero));
        Eight(i16x8_add(sums, i16x8_shuffle::<8, 8, 8, 8, 0, 1, 2, 3>(sums, zero)))
    }

    #[inline(always)]
    pub fn plus(self, number: u16) -> Self {
        Eight(i16x8_add(self.0, u16x8_splat(number)))
    }

    #[inline(always)]
    pub fn dot(self, other: Self) -> i32 {
        let sum = i32x4_dot_i16x8(self.0, other.0);
        let sum = i32x4_add(sum, i32x4_shuffle::<2, 3, 0, 1>(sum, sum));
        i32x4_extract_lane::<0>(sum).wrapping_add(i32x4_extract_lane::<1>(sum))
    }

    #[inline(always)]
    pub fn toward(self, bit: u32, rate: u32) -> Self {
        let flip = i16x8_splat(0i16.wrapping_sub(bit as i16));
        let error = v128_xor(self.0, flip);
        Eight(v128_xor(i16x8_sub(error, u16x8_shr(error, rate)), flip))
    }

    #[inline(always)]
    pub fn decayed(self, rate: u32, step: Self) -> Self {
        Eight(i16x8_add(i16x8_sub(self.0, u16x8_shr(self.0, rate)), step.0))
    }

    #[inline(always)]
    pub fn plus_where(self, other: Self, number: u16) -> Self {
        Eight(i16x8_add(self.0, v128_and(other.0, u16x8_splat(number))))
    }

    #[inline(always)]
    pub fn at_most(self, limit: u16) -> u32 {
        i16x8_bitmask(u16x8_le(self.0, u16x8_splat(limit))) as u32
    }

    #[inline(always)]
    pub fn stretched(self) -> Self {
        let logarithm = |ones: v128| {
            let double = i32x4_shl(ones, 1);
            let yes = f32x4_convert_i32x4(i32x4_add(double, i32x4_splat(1)));
            let no = f32x4_convert_i32x4(i32x4_sub(i32x4_splat(131071), double));
            i32x4_shr(i32x4_sub(yes, no), LOGARITHM_SHIFT)
        };
        let (low, high) = (u32x4_extend_low_u16x8(self.0), u32x4_extend_high_u16x8(self.0));
        let log2 = i16x8_narrow_i32x4(logarithm(low), logarithm(high));
        Eight(i16x8_q15mulr_sat(log2, i16x8_splat(LN2)))
    }
}

#[inline(always)]
pub fn dot(a: &[i16], b: &[i16]) -> i32 {
    let mut sum = i32x4_splat(0);
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        sum = i32x4_add(sum, i32x4_dot_i16x8(Eight::load(a).0, Eight::load(b).0));
    }
    let sum = i32x4_add(sum, i32x4_shuffle::<2, 3, 0, 1>(sum, sum));
    i32x4_extract_lane::<0>(sum).wrapping_add(i32x4_extract_lane::<1>(sum))
}
