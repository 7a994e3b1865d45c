//! The samples around one that is to be coded, in its plane and in those before it.

use crate::exact::EXACT;
use crate::ols::MOST;
use crate::plane::Plane;
use crate::residual::RECALLED;

/// Samples of the plane itself, the nearest first: W, N, NW, NE, WW, NN, NNE, then farther ones.
const OWN: usize = 18;
const FIRST: usize = 9;
const SECOND: usize = 3;

/// Planes that were coded before and lie at the same place.
pub struct References<'a> {
    pub first: Option<&'a Plane>,
    pub second: Option<&'a Plane>,
}

/// How many neighbours of each plane least squares are given.
#[derive(Clone, Copy, PartialEq)]
pub struct Reach {
    own: usize,
    first: usize,
    second: usize,
}

impl Reach {
    /// `rich`: many instead of few.
    pub fn new(refs: &References, rich: bool) -> Self {
        let [own, first, second] = if rich { [OWN, FIRST, SECOND] } else { [6, 3, 1] };
        let if_there = |reference: Option<&Plane>, count| if reference.is_some() { count } else { 0 };
        Reach { own, first: if_there(refs.first, first), second: if_there(refs.second, second) }
    }

    pub fn features(&self) -> usize {
        self.own + self.first + self.second
    }
}

pub struct Neighbours {
    pub near: [i32; OWN],
    /// In the first reference: at the same place, left of it, above it, right of it.
    pub first: Option<[i32; 4]>,
    /// In the second reference, at the same place; 0 without it.
    pub second: i32,
    /// The mean of W and N.
    pub base: f32,
    /// All of them less a mean of their plane.
    pub features: [f32; MOST],
}

impl Neighbours {
    #[inline(always)]
    pub fn of(plane: &Plane, refs: &References, at: usize, reach: Reach) -> Self {
        let s = &plane.samples;
        let up = at - plane.stride;
        let up2 = up - plane.stride;
        let up3 = up2 - plane.stride;
        let near = [
            s[at - 1], s[up], s[up - 1], s[up + 1], s[at - 2], s[up2], s[up2 + 1], s[up + 2], s[up - 2], s[up2 - 1],
            s[at - 3], s[up2 + 2], s[up2 - 2], s[up3], s[up3 + 1], s[up3 - 1], s[at - 4], s[up + 3],
        ]
        .map(i32::from);
        let base = (near[0] + near[1]) as f32 * 0.5;
        let mut features = [0f32; MOST];
        fill(&mut features, 0, &near, reach.own, base);
        let first = refs.first.map(|other| {
            let t = &other.samples;
            let down = at + other.stride;
            let around = [t[at], t[at - 1], t[up], t[at + 1], t[down], t[up - 1], t[up + 1], t[down + 1], t[down - 1]].map(i32::from);
            fill(&mut features, reach.own, &around, reach.first, (around[1] + around[2]) as f32 * 0.5);
            [around[0], around[1], around[2], around[3]]
        });
        let second = refs.second.map_or(0, |other| {
            let t = &other.samples;
            let around = [t[at], t[at - 1], t[up]].map(i32::from);
            let base = (around[1] + around[2]) as f32 * 0.5;
            fill(&mut features, reach.own + reach.first, &around, reach.second, base);
            around[0]
        });
        Neighbours { near, first, second, base, features }
    }

    /// The median of W, N and W + N - NW.
    #[inline(always)]
    pub fn median(&self) -> i32 {
        let [w, n, nw, ..] = self.near;
        let (high, low) = (w.max(n), w.min(n));
        if nw >= high { low } else if nw <= low { high } else { w + n - nw }
    }

    /// Six plain predictions behind two others.
    #[inline(always)]
    pub fn predictions(&self, fitted: [f32; 2], median: i32) -> [f32; 8] {
        let [w, n, _, ne, ww, nn, nne, ..] = self.near;
        let mut all = [
            fitted[0],
            fitted[1],
            median as f32,
            (n + ne - nne) as f32,
            (w + ne - n) as f32,
            (2 * w - ww) as f32,
            w as f32 + (ne - n) as f32 * 0.5,
            (2 * n - nn) as f32,
        ];
        if let Some([r, rw, rn, _]) = self.first {
            all[5] = (w + r - rw) as f32;
            all[6] = self.base + r as f32 - (rw + rn) as f32 * 0.5;
            all[7] = (n + r - rn) as f32;
        }
        all
    }

    /// Hashes of groups of neighbours, by which values are recalled.
    #[inline(always)]
    pub fn hashes(&self) -> [u32; RECALLED] {
        let [w, n, nw, ne, ww, nn, nne, ne2, nw2, nnw, www, _, _, n3, _, _, w4, _] = self.near;
        let close = [hash(&[w, n, nw, ne]), hash(&[w, n, nw, ne, ww, nn, nne])];
        let wide = hash(&[w, n, nw, ne, ww, nn, nne, ne2, nw2, nnw, www, n3]);
        let [third, fifth, sixth] = match self.first {
            Some([r, rw, rn, re]) => {
                [hash(&[r, w, n, 1]), hash(&[r, rw, rn, w, n, nw, 3]), hash(&[r, self.second, re, 5])]
            }
            None => [hash(&[w, n, 2]), hash(&[w, ww, www, w4, 4]), hash(&[n, nn, n3, ne, 6])],
        };
        [close[0], close[1], third, wide, fifth, sixth]
    }

    /// The hash of all neighbours.
    #[inline(always)]
    pub fn whole(&self) -> u32 {
        hash(&self.near)
    }

    /// Hashes of groups of neighbours behind which histories of the difference to `c` are kept.
    #[inline(always)]
    pub fn exact(&self, c: i32, x: usize) -> [u32; EXACT] {
        let [w, n, nw, ne, ww, nn, nne, ne2, nw2, nnw, www, nn2, nnww, n3, n3e, n3w, w4, ne3] = self.near;
        let mut all = [
            hash(&[c, w, n]),
            hash(&[c, w, n, nw, ne]),
            hash(&[c, w, n, nw, ne, ww, nn]),
            hash(&[c, w, n, nw, ne, ww, nn, nne, ne2, nw2]),
            hash(&[c, w, n, nw, ne, ww, nn, nne, ne2, nw2, nnw, www, n3]),
            hash(&[c, w, ww, www, w4]),
            hash(&[c, n, nn, n3, ne]),
            hash(&[c, w, ne]),
            hash(&[c, n, ne, nw]),
            hash(&[c, x as i32]),
            hash(&[c, w, n, nw, ne, ww, nn, nne, ne2, nw2, nnw, www, nn2, nnww, n3, n3e, n3w, w4, ne3]),
        ];
        if let Some([r, rw, rn, re]) = self.first {
            all[5] = hash(&[c, r, w, n]);
            all[6] = hash(&[c, r, rw, rn, w, n]);
            all[7] = hash(&[c, r, self.second]);
            all[8] = hash(&[c, r, rw, rn, re, w, n, nw, ne]);
            all[9] = hash(&[c, r, rw, re, self.second, 1]);
        }
        all
    }
}

/// Puts the first `count` samples less `base` into features from `from` on.
#[inline(always)]
fn fill(features: &mut [f32; MOST], from: usize, samples: &[i32], count: usize, base: f32) {
    for (feature, &sample) in features[from..from + count].iter_mut().zip(samples) {
        *feature = sample as f32 - base;
    }
}

#[inline(always)]
pub fn hash(parts: &[i32]) -> u32 {
    let mut h = 0x9e37_79b9u32;
    for &part in parts {
        h = (h ^ part as u32).wrapping_mul(0x2c1b_3c6d);
        h ^= h >> 15;
    }
    h.wrapping_mul(0x85eb_ca6b)
}
