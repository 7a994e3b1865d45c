//! Functions of angles by additions, multiplications, divisions and square roots in a fixed order, so that every machine
//! gives the same bits; within a few units of the last place.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

/// What π/2 as a double leaves out.
const FRAC_PI_2_REST: f64 = 6.123233995736766e-17;

/// Sine and cosine of an angle between -π/2 and π/2; of others, something.
pub fn sin_cos(angle: f64) -> (f64, f64) {
    let size = angle.abs();
    let (sine, cosine) = if size > FRAC_PI_4 {
        let rest = (FRAC_PI_2 - size) + FRAC_PI_2_REST;
        let (sine, cosine) = series(rest);
        (cosine, sine)
    } else {
        series(size)
    };
    (if angle < 0.0 { -sine } else { sine }, cosine)
}

/// By Taylor's series, for less than π/4.
fn series(x: f64) -> (f64, f64) {
    let square = x * x;
    let (mut sine, mut cosine) = (1.0, 1.0);
    for n in (1..=9).rev() {
        let n = 2.0 * n as f64;
        sine = 1.0 - square * sine / (n * (n + 1.0));
        cosine = 1.0 - square * cosine / (n * (n - 1.0));
    }
    (x * sine, cosine)
}

/// Hyperbolic sine and cosine.
pub fn sinh_cosh(x: f64) -> (f64, f64) {
    if x.abs() > 1.0 && x.abs() < 100.0 {
        let (sine, cosine) = sinh_cosh(x / 2.0);
        return (2.0 * sine * cosine, 1.0 + 2.0 * sine * sine);
    }
    let square = x * x;
    let (mut sine, mut cosine) = (1.0, 1.0);
    for n in (1..=10).rev() {
        let n = 2.0 * n as f64;
        sine = 1.0 + square * sine / (n * (n + 1.0));
        cosine = 1.0 + square * cosine / (n * (n - 1.0));
    }
    (x * sine, cosine)
}

/// The angle whose sine and cosine have the ratio `y / x`, for positive `x`.
pub fn arc_tangent(y: f64, x: f64) -> f64 {
    let near = if y.abs() > x {
        let near = FRAC_PI_2 - roughly(x / y.abs());
        if y < 0.0 { -near } else { near }
    } else {
        roughly(y / x)
    };
    // One step that adds the small angle between the two directions.
    let (sine, cosine) = sin_cos(near);
    let small = (y * cosine - x * sine) / (x * x + y * y).sqrt();
    near + (small + small * small * small / 6.0)
}

/// The arc tangent to five digits, between -1 and 1 (Hastings, as in Abramowitz and Stegun 4.4.49).
fn roughly(x: f64) -> f64 {
    let square = x * x;
    x * (0.9998660 + square * (-0.3302995 + square * (0.1801410 + square * (-0.0851330 + square * 0.0208351))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_near_those_of_the_library() {
        for step in -1570..=1570 {
            let x = step as f64 / 1000.0;
            let (sine, cosine) = sin_cos(x);
            assert!((sine - x.sin()).abs() < 4e-16 && (cosine - x.cos()).abs() < 4e-16, "{x}");
            let angle = arc_tangent(3.0 * sine, 3.0 * cosine.abs());
            assert!((angle - x).abs() < 1e-15, "{x} {angle}");
            let (sine, cosine) = sinh_cosh(x / 2.0);
            assert!((sine - (x / 2.0).sinh()).abs() < 4e-16 && (cosine - (x / 2.0).cosh()).abs() < 8e-16, "{x}");
        }
    }
}
