//! What recalled values and distributions around predictions say on the way from decision to decision.

use crate::curve::share;
use crate::residual::{Situation, CLASS, LATER, SECOND};

/// How far the recalled values agree with the decisions so far.
pub struct Path<const R: usize, const P: usize> {
    pub alive: [bool; R],
    residuals: [i32; R],
    /// By each curve, the chances below the interval that is left, below its end, and below the places where it may part.
    lower: [u64; P],
    upper: [u64; P],
    below: [u64; P],
    above: [u64; P],
    /// By each curve, the share of what was asked for last.
    pub shares: [u32; P],
}

impl<const R: usize, const P: usize> Path<R, P> {
    #[inline(always)]
    pub fn new(s: &Situation<P>) -> Self {
        let none = [0; P];
        let mut path =
            Path { alive: [false; R], residuals: [0; R], lower: none, upper: none, below: none, above: none, shares: [0; P] };
        for i in 0..P {
            path.lower[i] = s.curves[i].below(0);
            path.upper[i] = s.curves[i].below(s.top + 1);
        }
        for i in 0..R {
            path.alive[i] = s.recalled[i].1 > 0;
            path.residuals[i] = s.recalled[i].0 - s.prediction;
        }
        path
    }

    /// Before the question whether the value is the prediction.
    #[inline(always)]
    pub fn ask_equal(&mut self, s: &Situation<P>) {
        for i in 0..P {
            let (from, to) = (s.curves[i].below(s.prediction), s.curves[i].below(s.prediction + 1));
            (self.below[i], self.above[i]) = (from, to);
            self.shares[i] = share(to - from, (from - self.lower[i]) + (self.upper[i] - to));
        }
    }

    /// Before the question whether the value is less than the prediction.
    #[inline(always)]
    pub fn ask_less(&mut self) {
        for i in 0..P {
            self.shares[i] = share(self.below[i] - self.lower[i], self.upper[i] - self.above[i]);
        }
    }

    /// After the answer to it.
    #[inline(always)]
    pub fn take_side(&mut self, negative: u32) {
        if negative != 0 {
            self.upper = self.below;
        } else {
            self.lower = self.above;
        }
    }

    /// Before the question whether the value is at least `size` away from the prediction.
    #[inline(always)]
    pub fn ask_beyond(&mut self, s: &Situation<P>, negative: u32, size: i32) {
        for i in 0..P {
            if negative != 0 {
                let edge = s.curves[i].below(s.prediction - size + 1);
                self.below[i] = edge;
                self.shares[i] = share(edge - self.lower[i], self.upper[i] - edge);
            } else {
                let edge = s.curves[i].below(s.prediction + size);
                self.above[i] = edge;
                self.shares[i] = share(self.upper[i] - edge, edge - self.lower[i]);
            }
        }
    }

    /// After the answer to it.
    #[inline(always)]
    pub fn part(&mut self, negative: u32, beyond: u32) {
        match (negative != 0, beyond != 0) {
            (true, true) => self.upper = self.below,
            (true, false) => self.lower = self.below,
            (false, true) => self.lower = self.above,
            (false, false) => self.upper = self.above,
        }
    }

    #[inline(always)]
    pub fn narrow(&mut self, agrees: impl Fn(i32) -> bool) {
        for i in 0..R {
            self.alive[i] = self.alive[i] && agrees(self.residuals[i]);
        }
    }

    /// The bit at a node by which a recalled value would be reached.
    #[inline(always)]
    pub fn expects(&self, i: usize, kind: usize, node: usize) -> u32 {
        let e = self.residuals[i];
        match kind {
            0 => (e == 0) as u32,
            1 => (e < 0) as u32,
            2 => (e.unsigned_abs().ilog2() as usize > node - CLASS) as u32,
            _ => {
                let size = e.unsigned_abs();
                let class = size.ilog2();
                let depth = if node >= LATER { (node - LATER) as u32 } else if node >= SECOND { 1 } else { 0 };
                size >> (class - 1 - depth) & 1
            }
        }
    }

    #[inline(always)]
    pub fn state(&self, s: &Situation<P>) -> usize {
        let grade = |i: usize| match s.recalled[i].1 {
            _ if i >= R || !self.alive[i] => 0,
            0..=2 => 1,
            3..=9 => 2,
            _ => 3,
        };
        grade(0) * 8 + grade(1) * 2 + (R > 2 && self.alive[2]) as usize
    }
}
