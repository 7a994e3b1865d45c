//! Least squares over the recent past: predictions that are linear in a few features.
//!
//! In binary64 with additions, multiplications and divisions alone: IEEE 754 defines each of them exactly, and neither
//! Rust nor WebAssembly fuses or reorders them, so that every machine computes the same numbers.

pub struct LeastSquares<const N: usize> {
    /// Sums of products of features, and of features with the target.
    products: [[f64; N]; N],
    targets: [f64; N],
    weights: [f64; N],
    features: [f64; N],
    keep: f64,
    every: u32,
    age: u32,
}

const RIDGE: f64 = 0.5;

impl<const N: usize> LeastSquares<N> {
    /// `keep`: what remains of the past after each point; `every`: points between solutions.
    pub fn new(keep: f64, every: u32, start: usize) -> Self {
        let mut weights = [0.0; N];
        weights[start] = 1.0;
        LeastSquares { products: [[0.0; N]; N], targets: [0.0; N], weights, features: [0.0; N], keep, every, age: 0 }
    }

    pub fn predict(&mut self, features: &[f64; N]) -> i64 {
        self.features = *features;
        let sum: f64 = (0..N).fold(0.0, |sum, i| sum + self.weights[i] * features[i]);
        let limit = (1u64 << 33) as f64;
        // A comparison with what is no number is false, and the prediction then 0.
        if sum > -limit && sum < limit { (if sum < 0.0 { sum - 0.5 } else { sum + 0.5 }) as i64 } else { 0 }
    }

    pub fn update(&mut self, target: i64, weight: f64) {
        let target = target as f64 * weight;
        for i in 0..N {
            let feature = self.features[i] * weight;
            for j in 0..=i {
                self.products[i][j] = self.products[i][j] * self.keep + feature * self.features[j];
            }
            self.targets[i] = self.targets[i] * self.keep + self.features[i] * target;
        }
        self.age += 1;
        if self.age % self.every == 0 {
            self.solve();
        }
    }

    /// Factors the products into `L D L^T` and solves; keeps the old weights where that fails.
    fn solve(&mut self) {
        let mut l = [[0.0; N]; N];
        let mut d = [0.0; N];
        let mut y = [0.0; N];
        for i in 0..N {
            let mut pivot = self.products[i][i] * 1.0001 + RIDGE;
            for j in 0..i {
                let mut sum = self.products[i][j];
                for k in 0..j {
                    sum -= l[i][k] * l[j][k] * d[k];
                }
                l[i][j] = sum / d[j];
                pivot -= l[i][j] * l[i][j] * d[j];
            }
            if !(pivot > 1e-9) {
                return;
            }
            d[i] = pivot;
            y[i] = (0..i).fold(self.targets[i], |sum, k| sum - l[i][k] * y[k]);
        }
        for i in (0..N).rev() {
            y[i] = (i + 1..N).fold(y[i] / d[i], |sum, k| sum - l[k][i] * y[k]);
        }
        self.weights = y;
    }
}
