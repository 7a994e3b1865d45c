//! Eight numbers of 16 bits at a time: WebAssembly's vectors, SSE2 in native tools, and plain numbers elsewhere, all
//! with the same results.

#[cfg(any(test, not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))))]
mod plain;
#[cfg(target_arch = "x86_64")]
mod sse2;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
pub use plain::{dot, Eight};
#[cfg(target_arch = "x86_64")]
pub use sse2::{dot, Eight};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use wasm::{dot, Eight};

pub const LANES: usize = 8;

/// `ln 2`, as a factor of 15 bits.
const LN2: i16 = 22713;
/// From the exponent of an `f32` to 8 fractional bits of the logarithm.
const LOGARITHM_SHIFT: u32 = 15;

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
