//! Eight numbers of 16 bits at a time: WebAssembly's vectors, SSE2 in native tools, and plain numbers elsewhere, all
//! with the same results.

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
pub use plain::Eight;
#[cfg(target_arch = "x86_64")]
pub use sse2::Eight;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use wasm::Eight;

pub const LANES: usize = 8;

/// `ln 2`, as a factor of 15 bits.
const LN2: i16 = 22713;
/// From the exponent of an `f32` to 8 fractional bits of the logarithm.
const LOGARITHM_SHIFT: u32 = 15;

#[cfg(any(test, not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))))]
mod plain {
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
}

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
pub use plain::dot;
#[cfg(target_arch = "x86_64")]
pub use sse2::dot;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use wasm::dot;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm {
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
}

#[cfg(target_arch = "x86_64")]
mod sse2 {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_and_plain_numbers_agree() {
        let mut x = 1u32;
        let mut random = || {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            (x >> 16) as u16
        };
        for round in 0..2000u32 {
            let a: [u16; LANES] = std::array::from_fn(|_| random());
            let b = a.map(|number| number ^ random() >> (round % 16));
            let factor = if round == 0 { -32767 } else { (random() as i16).max(-32767) };
            let (bit, rate) = (round & 1, round % 8);
            let [a1, b1] = [a, b].map(Eight::new);
            let [a2, b2] = [a, b].map(plain::Eight::new);
            assert_eq!(a1.numbers(), a);
            let mut stored = [[0i16; LANES]; 2];
            Eight::load(&a.map(|number| number as i16)).store(&mut stored[0]);
            plain::Eight::load(&a.map(|number| number as i16)).store(&mut stored[1]);
            assert_eq!(stored, [a.map(|number| number as i16); 2]);
            assert_eq!(a1.add_scaled(b1, factor).numbers(), a2.add_scaled(b2, factor).numbers());
            assert_eq!(a1.toward(bit, rate).numbers(), a2.toward(bit, rate).numbers());
            assert_eq!(a1.stretched().numbers(), a2.stretched().numbers());
            assert_eq!(a1.decayed(rate, b1).numbers(), a2.decayed(rate, b2).numbers());
            assert_eq!(a1.plus_where(b1, factor as u16).numbers(), a2.plus_where(b2, factor as u16).numbers());
            assert_eq!(a1.minus(b1).numbers(), a2.minus(b2).numbers());
            assert_eq!(a1.plus(b[0]).numbers(), a2.plus(b[0]).numbers());
            assert_eq!(a1.running_sums().numbers(), a2.running_sums().numbers());
            assert_eq!(a1.at_most(b[0]), a2.at_most(b[0]));
            let [a, b] = [a, b].map(|numbers| numbers.map(|number| number as i16 / 2));
            assert_eq!(dot(&a, &b), plain::dot(&a, &b));
            assert_eq!(Eight::load(&a).dot(Eight::load(&b)), plain::dot(&a, &b));
            assert_eq!(plain::Eight::load(&a).dot(plain::Eight::load(&b)), plain::dot(&a, &b));
        }
    }

    #[test]
    fn the_short_logarithm_is_near_the_long_one() {
        for one in (0..=65535u16).step_by(7) {
            let exact = 256.0 * ((one as f64 + 0.5) / (65535.5 - one as f64)).ln();
            let [near, ..] = Eight::new([one; LANES]).stretched().numbers();
            assert!((near as i16 as f64 - exact).abs() < 24.0, "{one}: {near} for {exact}");
        }
    }
}
