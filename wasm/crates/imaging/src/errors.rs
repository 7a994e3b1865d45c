//! How predictions have done nearby: in the row at hand and the two above.

use crate::phases::{Phases, MOST as MOST_PERIOD};

pub const PREDICTORS: usize = 8;
/// Columns left and right of a row.
const EDGE: usize = 2 * MOST_PERIOD;
/// As many as lie between a row and the one two periods above it.
const ROWS: usize = 2 * MOST_PERIOD + 1;

/// Errors of all predictors at one place.
type Magnitudes = [f32; PREDICTORS];

pub struct Errors {
    phases: Phases,
    /// Residuals of the corrected blend, then the magnitudes of the predictors' errors; the row at hand first.
    residuals: [Vec<i32>; ROWS],
    predictors: [Vec<Magnitudes>; ROWS],
}

/// Residuals to the left, above, above left, above right, two to the left, two above; in steps of a period.
pub struct Residuals(pub [i32; 6]);

impl Residuals {
    /// Their magnitudes, the nearest ones twice.
    #[inline(always)]
    pub fn energy(&self) -> i32 {
        let [w, n, nw, ne, ww, nn] = self.0.map(i32::abs);
        2 * w + 2 * n + nw + ne + ww + nn
    }
}

impl Errors {
    pub fn new(width: usize, phases: Phases) -> Self {
        let wide = width + 2 * EDGE;
        Errors {
            phases,
            residuals: std::array::from_fn(|_| vec![0; wide]),
            predictors: std::array::from_fn(|_| vec![[0.0; PREDICTORS]; wide]),
        }
    }

    pub fn begin_row(&mut self) {
        self.residuals.rotate_right(1);
        self.predictors.rotate_right(1);
        self.residuals[0].fill(0);
        self.predictors[0][..EDGE].fill([0.0; PREDICTORS]);
    }

    #[inline(always)]
    pub fn residuals(&self, x: usize) -> Residuals {
        let c = x + EDGE;
        let (px, r0, r1, r2) = self.phases.rows(&self.residuals);
        Residuals([r0[c - px], r1[c], r1[c - px], r1[c + px], r0[c - 2 * px], r2[c]])
    }

    /// The mean of the predictions, weighed by the inverse cubes of their errors around.
    #[inline(always)]
    pub fn blend(&self, x: usize, predictions: &[f32; PREDICTORS]) -> f32 {
        let c = x + EDGE;
        let (px, p0, p1, p2) = self.phases.rows(&self.predictors);
        let (w, n, nw, ne, ww, nn) = (&p0[c - px], &p1[c], &p1[c - px], &p1[c + px], &p0[c - 2 * px], &p2[c]);
        let (mut weights, mut sum) = (0f32, 0f32);
        for i in 0..PREDICTORS {
            let e = w[i] + n[i] + nw[i] * 0.6 + ne[i] * 0.8 + ww[i] * 0.5 + nn[i] * 0.5;
            let e = e + 0.05;
            let weight = 1.0 / (e * e * e);
            weights += weight;
            sum += weight * predictions[i];
        }
        sum / weights
    }

    /// Notes what became of a sample.
    #[inline(always)]
    pub fn note(&mut self, x: usize, value: i32, prediction: i32, predictions: &[f32; PREDICTORS]) {
        self.residuals[0][x + EDGE] = value - prediction;
        let v = value as f32;
        self.predictors[0][x + EDGE] = predictions.map(|p| (p - v).abs());
    }

    /// A hole errs as what is above it did.
    #[inline(always)]
    pub fn pass(&mut self, x: usize) {
        self.predictors[0][x + EDGE] = self.predictors[1][x + EDGE];
    }
}
