//! Online least squares: weights that would have predicted the recent past best, with exponential forgetting.
//!
//! Only additions, multiplications, divisions and square roots of IEEE 754 in a fixed order: each is rounded in one way
//! on every machine, so that both sides agree on every bit.

/// Features at most; a multiple of [`LANES`].
pub const MOST: usize = 32;
const LANES: usize = 4;

pub type Row = [f64; MOST];

pub struct Fit {
    size: usize,
    keep: f64,
    every: u32,
    wait: u32,
    moments: Vec<Row>,
    targets: Row,
    factor: Vec<Row>,
    weights: Row,
}

/// Added to the diagonal: a share of each entry, and of the mean entry.
const RIDGE: (f64, f64) = (1e-5, 1e-7);

impl Fit {
    /// `keep` is how much of the past a step keeps; weights are renewed `every` so many steps.
    pub fn new(size: usize, keep: f64, every: u32) -> Self {
        let zero = [0.0; MOST];
        let (moments, factor) = (vec![zero; MOST], vec![zero; MOST]);
        Fit { size, keep, every, wait: 0, moments, targets: zero, factor, weights: zero }
    }

    #[inline(always)]
    pub fn predict(&self, features: &Row) -> f64 {
        dot(features, &self.weights, MOST)
    }

    #[inline(always)]
    pub fn update(&mut self, features: &Row, target: f64) {
        let share = 1.0 - self.keep;
        for i in 0..self.size {
            let scaled = features[i] * share;
            let width = (i / LANES + 1) * LANES;
            for (m, f) in self.moments[i][..width].iter_mut().zip(&features[..width]) {
                *m = *m * self.keep + scaled * *f;
            }
        }
        let scaled = target * share;
        for (t, f) in self.targets.iter_mut().zip(features) {
            *t = *t * self.keep + scaled * *f;
        }
        self.wait += 1;
        if self.wait >= self.every {
            self.wait = 0;
            self.solve();
        }
    }

    /// Cholesky factorisation; the weights stay as they were where the moments are no positive matrix.
    fn solve(&mut self) {
        let size = self.size;
        let trace = (0..size).fold(0.0, |sum, i| sum + self.moments[i][i]);
        let ridge = trace / size as f64 * RIDGE.1;
        let mut between = [0.0; MOST];
        let mut inverse = [0.0; MOST];
        for i in 0..size {
            for j in 0..=i {
                let sum = self.moments[i][j];
                let inner = dot(&self.factor[i], &self.factor[j], j);
                if i == j {
                    let rest = sum + sum * RIDGE.0 + ridge - inner;
                    if !(rest > 0.0 && rest < f64::MAX) {
                        return;
                    }
                    let root = rest.sqrt();
                    self.factor[i][i] = root;
                    inverse[i] = 1.0 / root;
                } else {
                    self.factor[i][j] = (sum - inner) * inverse[j];
                }
            }
            between[i] = (self.targets[i] - dot(&self.factor[i], &between, i)) * inverse[i];
        }
        let mut weights = [0.0; MOST];
        for i in (0..size).rev() {
            let weight = between[i] * inverse[i];
            weights[i] = weight;
            for k in 0..i {
                between[k] -= self.factor[i][k] * weight;
            }
        }
        if weights.iter().all(|weight| weight.is_finite()) {
            self.weights = weights;
        }
    }
}

/// Of the first `count` numbers, in the order of lanes.
#[inline(always)]
fn dot(a: &Row, b: &Row, count: usize) -> f64 {
    let mut lanes = [0.0; LANES];
    let whole = count / LANES * LANES;
    for k in (0..whole).step_by(LANES) {
        for lane in 0..LANES {
            lanes[lane] += a[k + lane] * b[k + lane];
        }
    }
    let mut sum = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    for k in whole..count {
        sum += a[k] * b[k];
    }
    sum
}
