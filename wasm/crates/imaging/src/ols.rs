//! Online least squares: weights that would have predicted the recent past best, with exponential forgetting.
//!
//! Only additions, multiplications, divisions and square roots of IEEE 754 in a fixed order: each is rounded in one way
//! on every machine (WebAssembly demands it), so that both sides agree on every bit.

pub const MOST: usize = 32;

type Row = [f32; MOST];

pub struct Ols {
    size: usize,
    keep: f32,
    ridge: f32,
    every: u32,
    wait: u32,
    moments: Vec<Row>,
    targets: Row,
    factor: Vec<Row>,
    weights: Row,
}

impl Ols {
    /// `size` features; `keep` is how much of the past a step keeps; weights are renewed `every` so many steps.
    pub fn new(size: usize, keep: f32, ridge: f32, every: u32) -> Self {
        let zero = [0.0; MOST];
        let (moments, factor) = (vec![zero; MOST], vec![zero; MOST]);
        Ols { size, keep, ridge, every, wait: 0, moments, targets: zero, factor, weights: zero }
    }

    #[inline(always)]
    pub fn predict(&self, features: &Row) -> f32 {
        let mut lanes = [0.0f32; 8];
        for (f, w) in features.chunks_exact(8).zip(self.weights.chunks_exact(8)) {
            for lane in 0..8 {
                lanes[lane] += f[lane] * w[lane];
            }
        }
        ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
    }

    #[inline(always)]
    pub fn update(&mut self, features: &Row, target: f32) {
        let share = 1.0 - self.keep;
        let size = self.size;
        for i in 0..size {
            let scaled = features[i] * share;
            let row = &mut self.moments[i];
            let width = (i / 4 + 1) * 4;
            for (m, f) in row[..width].iter_mut().zip(&features[..width]) {
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
        let mut between = [0.0f32; MOST];
        let mut inverse = [0.0f32; MOST];
        for i in 0..size {
            for j in 0..=i {
                let mut sum = self.moments[i][j];
                let (a, b) = (&self.factor[i], &self.factor[j]);
                let mut lanes = [0.0f32; 4];
                let whole = j & !3;
                for k in (0..whole).step_by(4) {
                    for lane in 0..4 {
                        lanes[lane] += a[k + lane] * b[k + lane];
                    }
                }
                let mut dot = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
                for k in whole..j {
                    dot += a[k] * b[k];
                }
                if i == j {
                    sum += self.ridge + sum * 0.0002;
                    let rest = sum - dot;
                    if !(rest > 1e-6) {
                        return;
                    }
                    let root = rest.sqrt();
                    self.factor[i][i] = root;
                    inverse[i] = 1.0 / root;
                } else {
                    sum -= dot;
                    self.factor[i][j] = sum * inverse[j];
                }
            }
            let mut rest = self.targets[i];
            for k in 0..i {
                rest -= self.factor[i][k] * between[k];
            }
            between[i] = rest * inverse[i];
        }
        for i in (0..size).rev() {
            let weight = between[i] * inverse[i];
            self.weights[i] = weight;
            for k in 0..i {
                between[k] -= self.factor[i][k] * weight;
            }
        }
    }
}
