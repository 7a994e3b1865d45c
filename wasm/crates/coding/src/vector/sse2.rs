//! Eight numbers in a vector of SSE2, which every x86-64 processor has.

use super::{LANES, LN2, LOGARITHM_SHIFT};
use core::arch::x86_64::*;

/// See the plain form.
#[derive(Clone, Copy)]
pub struct Eight(__m128i);

// SAFETY of all: SSE2 is part of x86-64, and loads and stores here need no alignment.
impl Eight {
    #[inline(always)]
    pub fn new(n: [u16; LANES]) -> Self {
        let n = n.map(|number| number as i16);
        Eight(unsafe { _mm_setr_epi16(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]) })
    }

    #[inline(always)]
    pub fn numbers(self) -> [u16; LANES] {
        // SAFETY: both are sixteen plain bytes.
        unsafe { core::mem::transmute(self.0) }
    }

    #[inline(always)]
    pub fn load(numbers: &[i16]) -> Self {
        Eight(unsafe { _mm_loadu_si128(numbers[..LANES].as_ptr().cast()) })
    }

    #[inline(always)]
    pub fn store(self, numbers: &mut [i16]) {
        unsafe { _mm_storeu_si128(numbers[..LANES].as_mut_ptr().cast(), self.0) };
    }

    #[inline(always)]
    pub fn add_scaled(self, other: Self, factor: i16) -> Self {
        Eight(unsafe { _mm_adds_epi16(self.0, scaled(other.0, factor)) })
    }

    #[inline(always)]
    pub fn minus(self, other: Self) -> Self {
        Eight(unsafe { _mm_sub_epi16(self.0, other.0) })
    }

    #[inline(always)]
    pub fn running_sums(self) -> Self {
        unsafe {
            let sums = _mm_add_epi16(self.0, _mm_slli_si128::<2>(self.0));
            let sums = _mm_add_epi16(sums, _mm_slli_si128::<4>(sums));
            Eight(_mm_add_epi16(sums, _mm_slli_si128::<8>(sums)))
        }
    }

    #[inline(always)]
    pub fn plus(self, number: u16) -> Self {
        Eight(unsafe { _mm_add_epi16(self.0, _mm_set1_epi16(number as i16)) })
    }

    #[inline(always)]
    pub fn dot(self, other: Self) -> i32 {
        unsafe {
            let sum = _mm_madd_epi16(self.0, other.0);
            let sum = _mm_add_epi32(sum, _mm_shuffle_epi32::<0b01_00_11_10>(sum));
            _mm_cvtsi128_si32(sum).wrapping_add(_mm_cvtsi128_si32(_mm_shuffle_epi32::<0b01>(sum)))
        }
    }

    #[inline(always)]
    pub fn toward(self, bit: u32, rate: u32) -> Self {
        unsafe {
            let flip = _mm_set1_epi16(0i16.wrapping_sub(bit as i16));
            let error = _mm_xor_si128(self.0, flip);
            let step = _mm_srl_epi16(error, _mm_cvtsi32_si128(rate as i32));
            Eight(_mm_xor_si128(_mm_sub_epi16(error, step), flip))
        }
    }

    #[inline(always)]
    pub fn decayed(self, rate: u32, step: Self) -> Self {
        unsafe {
            let part = _mm_srl_epi16(self.0, _mm_cvtsi32_si128(rate as i32));
            Eight(_mm_add_epi16(_mm_sub_epi16(self.0, part), step.0))
        }
    }

    #[inline(always)]
    pub fn plus_where(self, other: Self, number: u16) -> Self {
        unsafe { Eight(_mm_add_epi16(self.0, _mm_and_si128(other.0, _mm_set1_epi16(number as i16)))) }
    }

    #[inline(always)]
    pub fn at_most(self, limit: u16) -> u32 {
        unsafe {
            let above = _mm_subs_epu16(self.0, _mm_set1_epi16(limit as i16));
            let not_above = _mm_cmpeq_epi16(above, _mm_setzero_si128());
            _mm_movemask_epi8(_mm_packs_epi16(not_above, _mm_setzero_si128())) as u32
        }
    }

    #[inline(always)]
    pub fn stretched(self) -> Self {
        unsafe {
            let logarithm = |ones: __m128i| {
                let double = _mm_slli_epi32::<1>(ones);
                let yes = _mm_cvtepi32_ps(_mm_add_epi32(double, _mm_set1_epi32(1)));
                let no = _mm_cvtepi32_ps(_mm_sub_epi32(_mm_set1_epi32(131071), double));
                let difference = _mm_sub_epi32(_mm_castps_si128(yes), _mm_castps_si128(no));
                _mm_srai_epi32::<{ LOGARITHM_SHIFT as i32 }>(difference)
            };
            let zero = _mm_setzero_si128();
            let (low, high) = (_mm_unpacklo_epi16(self.0, zero), _mm_unpackhi_epi16(self.0, zero));
            Eight(scaled(_mm_packs_epi32(logarithm(low), logarithm(high)), LN2))
        }
    }
}

/// `round(numbers * factor / 32768)`, for factors above -32768.
#[inline(always)]
fn scaled(numbers: __m128i, factor: i16) -> __m128i {
    unsafe {
        let factor = _mm_set1_epi16(factor);
        let (low, high) = (_mm_mullo_epi16(numbers, factor), _mm_mulhi_epi16(numbers, factor));
        let rounded = _mm_srli_epi16::<1>(_mm_add_epi16(_mm_srli_epi16::<14>(low), _mm_set1_epi16(1)));
        _mm_add_epi16(_mm_slli_epi16::<1>(high), rounded)
    }
}

#[inline(always)]
pub fn dot(a: &[i16], b: &[i16]) -> i32 {
    unsafe {
        let mut sum = _mm_setzero_si128();
        for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
            sum = _mm_add_epi32(sum, _mm_madd_epi16(Eight::load(a).0, Eight::load(b).0));
        }
        let sum = _mm_add_epi32(sum, _mm_shuffle_epi32::<0b01_00_11_10>(sum));
        _mm_cvtsi128_si32(sum).wrapping_add(_mm_cvtsi128_si32(_mm_shuffle_epi32::<0b01>(sum)))
    }
}
