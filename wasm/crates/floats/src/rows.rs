//! From sample to sample: what is predicted, and how far off predictions are around here.

use crate::curve::Curve;
use crate::fit::{Fit, Row, MOST};
use coding::arithmetic::Coder;
use crate::kind::{exponent_of, Kind};
use crate::words::{Situation, Words, CURVES, LEVELS};

/// Samples before the first of a row, and behind the last, that stand for what is not there.
const MARGIN: usize = 16;
/// Rows that predictions look back on.
const ROWS: usize = 3;
const PREDICTORS: usize = 4;
/// How many samples the longer mean of errors remembers.
const SLOWLY: f64 = 1.0 / 24.0;
/// An error that is not 0, smaller than any.
const LEAST: f64 = 1e-120;

/// Neighbours as rows up and columns to the right; the first ones are the nearest.
const NEAR: [(usize, isize); 20] = [
    (0, -1), (1, 0), (0, -2), (1, -1), (1, 1), (0, -3), (1, -2), (1, 2), (2, 0), (0, -4), (2, -1), (2, 1), (1, 3), (0, -5),
    (1, -3), (0, -6), (2, 2), (2, -2), (1, 4), (0, -7),
];
const FAR: [(usize, isize); 32] = [
    (0, -1), (1, 0), (0, -2), (1, -1), (1, 1), (0, -3), (1, -2), (1, 2), (2, 0), (0, -4), (2, -1), (2, 1), (1, 3), (0, -5),
    (1, -3), (0, -6), (2, 2), (2, -2), (1, 4), (0, -7), (0, -8), (1, -4), (1, 5), (1, -5), (2, 3), (2, -3), (0, -9),
    (0, -10), (0, -12), (1, 6), (0, -14), (0, -16),
];

/// Rows of numbers and of the errors of predictions, the last one first.
struct Around {
    numbers: [Vec<f64>; ROWS],
    errors: [Vec<[f64; PREDICTORS]>; ROWS],
    residuals: [Vec<f64>; ROWS],
    words: [Vec<u32>; 2],
}

impl Around {
    fn new(width: usize) -> Self {
        let wide = width + 2 * MARGIN;
        Around {
            numbers: std::array::from_fn(|_| vec![0.0; wide]),
            errors: std::array::from_fn(|_| vec![[0.0; PREDICTORS]; wide]),
            residuals: std::array::from_fn(|_| vec![0.0; wide]),
            words: std::array::from_fn(|_| vec![0; wide]),
        }
    }

    fn begin_row(&mut self) {
        self.numbers.rotate_right(1);
        self.errors.rotate_right(1);
        self.residuals.rotate_right(1);
        self.words.rotate_right(1);
        self.numbers[0].fill(0.0);
    }

    fn features(&self, at: usize, places: &[(usize, isize)]) -> Row {
        let mut row = [0.0; MOST];
        for (feature, &(up, right)) in row.iter_mut().zip(places) {
            *feature = self.numbers[up][at.wrapping_add_signed(right)];
        }
        row
    }
}

/// Codes `height` rows of `width` words; `next` gives those of an encoder, `done` receives them. False: damaged.
pub fn code<B: Coder>(
    coder: &mut B,
    kind: Kind,
    (width, height): (usize, usize),
    mut next: impl FnMut() -> u32,
    mut done: impl FnMut(u32),
) -> bool {
    let mut words = Words::new(kind);
    let mut around = Around::new(width);
    let (mut near, mut far) = (Fit::new(NEAR.len(), 0.998, 8), Fit::new(FAR.len(), 0.9998, 32));
    let mut ratios = [[1.0; CURVES]; LEVELS];
    for _ in 0..height {
        around.begin_row();
        let mut slow = [LEAST; 2];
        for at in MARGIN..MARGIN + width {
            let features = [around.features(at, &NEAR), around.features(at, &FAR)];
            let [w, n] = [features[0][0], features[0][1]];
            let predictions = [near.predict(&features[0]), far.predict(&features[1]), w, n];
            let blend = blended(&around, at, &predictions);
            let quick = nearby(&around, at);
            let level = ((exponent_of(quick) - exponent_of(slow[0])) * 2 + (LEVELS / 2) as i32
                + (quick.to_bits() >> 51 & 1) as i32 - (slow[0].to_bits() >> 51 & 1) as i32)
                .clamp(0, LEVELS as i32 - 1) as usize;
            let bases = [quick, slow[0], quick, slow[1]];
            let middles = [blend, blend, predictions[0], predictions[1]];
            let curves = std::array::from_fn(|i| Curve::new(middles[i], bases[i] * ratios[level][i] + LEAST));
            let situation = Situation {
                curves,
                near: [around.words[0][at - 1], around.words[1][at]],
                expected: blend,
                spread: quick * ratios[level][0] + LEAST,
                level,
            };
            let word = words.code(coder, next(), &situation);
            done(word);
            let number = kind.number(word);
            around.numbers[0][at] = number;
            around.words[0][at] = word;
            for i in 0..PREDICTORS {
                around.errors[0][at][i] = (number - predictions[i]).abs();
            }
            let error = (number - blend).abs();
            around.residuals[0][at] = error;
            for i in 0..CURVES {
                let off = (number - middles[i]).abs() / bases[i];
                ratios[level][i] += (off.min(64.0) - ratios[level][i]) * 0.004;
            }
            slow[0] += (error - slow[0]) * SLOWLY + LEAST;
            slow[1] += ((number - predictions[1]).abs() - slow[1]) * SLOWLY + LEAST;
            near.update(&features[0], number);
            far.update(&features[1], number);
        }
        if coder.is_lost() {
            return false;
        }
    }
    true
}

/// Predictions weighed by how well they did nearby.
fn blended(around: &Around, at: usize, predictions: &[f64; PREDICTORS]) -> f64 {
    let [e0, e1, e2] = &around.errors;
    let (mut weights, mut sum) = (LEAST, 0.0);
    for i in 0..PREDICTORS {
        let error = e0[at - 1][i] + e1[at][i] + 0.6 * e1[at - 1][i] + 0.8 * e1[at + 1][i] + 0.6 * e0[at - 2][i]
            + 0.4 * e2[at][i] + 0.4 * e0[at - 3][i];
        let error = error + LEAST;
        let share = 1.0 / (error * error);
        let share = share * (1.0 / error);
        // So small an error is as good as none.
        let share = if share < 1e240 { share } else { 1e240 };
        weights += share;
        sum += share * predictions[i];
    }
    let blend = sum / weights;
    if blend.is_finite() { blend } else { 0.0 }
}

/// How large errors are around a sample.
fn nearby(around: &Around, at: usize) -> f64 {
    let [r0, r1, r2] = &around.residuals;
    let sum = 2.0 * r0[at - 1] + 2.0 * r1[at] + r0[at - 2] + r1[at - 1] + r1[at + 1] + r0[at - 3] + r2[at];
    sum * (1.0 / 9.0) + LEAST
}
