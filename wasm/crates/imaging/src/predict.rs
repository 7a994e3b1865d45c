//! What the neighbourhood of a sample says: predictions, their blend, and the contexts of the residual.

use crate::curve::Curve;
use crate::io::Bits;
use crate::ols::{Ols, MOST};
use crate::plane::{Plane, MARGIN};
use crate::residual::{Residuals, Situation, DIRECT, LEVELS, RECALLED};

const PREDICTORS: usize = 8;
/// Up to so many direct contexts least squares get by with few neighbours, too.
const SMALL: usize = 6;
/// Up to so many, plain predictors do without least squares.
const PLAIN: usize = 4;

/// Planes that were coded before and lie at the same place.
pub struct References<'a> {
    pub first: Option<&'a Plane>,
    pub second: Option<&'a Plane>,
}

/// What stays from plane to plane.
pub struct Learned<const D: usize, const R: usize, const P: usize, const I: usize> {
    residuals: Residuals<D, R, P, I>,
    bias: Vec<(i32, i32)>,
    /// Mean error magnitudes of the curves' predictions by the level of activity.
    spreads: Vec<[f32; P]>,
    recall: Vec<Vec<(u16, u16)>>,
    hash_bits: u32,
    near: Ols,
    far: Ols,
    shape: (bool, bool),
    top: i32,
}

impl<const D: usize, const R: usize, const P: usize, const I: usize> Learned<D, R, P, I> {
    pub fn new(samples: usize, top: i32) -> Self {
        let hash_bits = (samples.max(2).ilog2() + 1).clamp(10, 18);
        let wide = 1usize << (hash_bits.min(16) - 4);
        let sizes: [usize; DIRECT] = [
            72,
            17 * 17,
            19 * 19,
            wide,
            17 * 24,
            19 * 24,
            24 * 16,
            24 * 27,
            13 * 13 * 7,
            wide,
            wide,
            19 * 19 * 3,
            wide,
            17 * 17 * 5,
        ];
        Learned {
            residuals: Residuals::new(&sizes, 255),
            bias: vec![(0, 0); 2048],
            spreads: (0..LEVELS).map(|level| [0.25 + (1u32 << (level / 3)) as f32 * 0.1; P]).collect(),
            recall: vec![vec![(0, 0); 1 << hash_bits]; R],
            hash_bits,
            near: Ols::new(0, 0.0, 0.0, 1),
            far: Ols::new(0, 0.0, 0.0, 1),
            shape: (false, false),
            top,
        }
    }
}

fn hash(parts: &[i32]) -> u32 {
    let mut h = 0x9e37_79b9u32;
    for &part in parts {
        h = (h ^ part as u32).wrapping_mul(0x2c1b_3c6d);
        h ^= h >> 15;
    }
    h.wrapping_mul(0x85eb_ca6b)
}

fn log(v: i32) -> i32 {
    32 - v.unsigned_abs().leading_zeros() as i32
}

/// `0..=2 * limit`: sign and logarithm.
fn signed_log(v: i32, limit: i32) -> usize {
    let q = log(v).min(limit);
    (if v < 0 { limit - q } else { limit + q }) as usize
}

/// Three and a half steps to the octave, roughly.
fn level_of(energy: i32) -> usize {
    let v = energy as u32 + 1;
    let octave = v.ilog2();
    let fraction = ((v << 2) >> octave) & 3;
    let steps = octave * 3 + [0, 1, 2, 2][fraction as usize];
    (steps as usize).saturating_sub(1).min(LEVELS - 1)
}

/// Codes one plane; `plane` holds the samples of an encoder and receives those of a decoder.
pub fn code_plane<B: Bits, const D: usize, const R: usize, const P: usize, const I: usize>(
    bits: &mut B,
    known: &mut Learned<D, R, P, I>,
    plane: &mut Plane,
    source: Option<&[i32]>,
    refs: &References,
) {
    let (fitted, rich) = (D > PLAIN, D > SMALL);
    let (width, height, stride, top) = (plane.width, plane.height, plane.stride, known.top);
    let shape = (refs.first.is_some(), refs.second.is_some());
    let [own, first, second] = if rich { [18, 9, 3] } else { [6, 3, 1] };
    let features = own + if shape.0 { first } else { 0 } + if shape.1 { second } else { 0 };
    if known.near.size() != features || shape != known.shape {
        known.near = Ols::new(features, 0.998, 0.5, 8);
        known.far = Ols::new(features, 0.9998, 0.5, 32);
        known.shape = shape;
    }
        // Residuals and errors of the predictors, of this row and the two above.
    let rows = 3;
    let wide = width + 2 * MARGIN;
    let mut residual_rows = vec![vec![0i32; wide]; rows];
    let mut error_rows = vec![vec![[0f32; PREDICTORS]; wide]; rows];
    let topf = top as f32;
    for y in 0..height {
        if bits.is_lost() {
            return;
        }
        residual_rows.rotate_right(1);
        error_rows.rotate_right(1);
        plane.begin_row(y);
        let [r0, r1, r2] = &mut residual_rows[..] else { unreachable!() };
        let [p0, p1, p2] = &mut error_rows[..] else { unreachable!() };
        r0.fill(0);
        p0[..MARGIN].fill([0.0; PREDICTORS]);
        let row = plane.place(0, y);
        for x in 0..width {
            let at = row + x;
            let s = &plane.samples;
            let up = at - stride;
            let up2 = up - stride;
            let up3 = up2 - stride;
            let (w, n, nw, ne, ww, nn, nne) = (s[at - 1], s[up], s[up - 1], s[up + 1], s[at - 2], s[up2], s[up2 + 1]);
            let base = (w + n) as f32 * 0.5;
            let mut f = [0f32; MOST];
            let near = [
                w, n, nw, ne, ww, nn, nne, s[up + 2], s[up - 2], s[up2 - 1], s[at - 3], s[up2 + 2], s[up2 - 2], s[up3],
                s[up3 + 1], s[up3 - 1], s[at - 4], s[up + 3],
            ];
            for (f, v) in f[..own].iter_mut().zip(near) {
                *f = v as f32 - base;
            }
            let (mut r, mut rw, mut rn) = (0, 0, 0);
            let mut k = own;
            if let Some(first) = refs.first {
                let t = &first.samples;
                (r, rw, rn) = (t[at], t[at - 1], t[up]);
                let base = (rw + rn) as f32 * 0.5;
                let around = [
                    r, rw, rn, t[at + 1], t[at + stride], t[up - 1], t[up + 1], t[at + stride + 1], t[at + stride - 1],
                ];
                for v in &around[..around.len().min(if rich { 9 } else { 3 })] {
                    f[k] = *v as f32 - base;
                    k += 1;
                }
            }
            let mut q = 0;
            if let Some(second) = refs.second {
                let t = &second.samples;
                q = t[at];
                let base = (t[at - 1] + t[up]) as f32 * 0.5;
                for v in &[q, t[at - 1], t[up]][..if rich { 3 } else { 1 }] {
                    f[k] = *v as f32 - base;
                    k += 1;
                }
            }
            let (high, low) = (w.max(n), w.min(n));
            let med = if nw >= high { low } else if nw <= low { high } else { w + n - nw };
            let mut p = [
                if fitted { known.near.predict(&f) + base } else { (w + n - nw) as f32 },
                if rich { known.far.predict(&f) + base } else { (w + (ne + nn - nne - n) / 2) as f32 },
                med as f32,
                (n + ne - nne) as f32,
                (w + ne - n) as f32,
                if shape.0 { (w + r - rw) as f32 } else { (2 * w - ww) as f32 },
                if shape.0 { base + r as f32 - (rw + rn) as f32 * 0.5 } else { w as f32 + (ne - n) as f32 * 0.5 },
                if shape.0 { (n + r - rn) as f32 } else { (2 * n - nn) as f32 },
            ];
            let c = x + MARGIN;
            let (mut weights, mut sum) = (0f32, 0f32);
            for i in 0..PREDICTORS {
                p[i] = p[i].max(0.0).min(topf);
                let e = p0[c - 1][i] + p1[c][i] + p1[c - 1][i] * 0.6 + p1[c + 1][i] * 0.8 + p0[c - 2][i] * 0.5 + p2[c][i] * 0.5;
                let e = e + 0.05;
                let weight = 1.0 / (e * e * e);
                weights += weight;
                sum += weight * p[i];
            }
            let blend = sum / weights;
            let mut fixed = (blend * 64.0) as i32;
            let (ew, en, enw, ene, eww, enn) = (r0[c - 1], r1[c], r1[c - 1], r1[c + 1], r0[c - 2], r2[c]);
            let energy = 2 * ew.abs() + 2 * en.abs() + enw.abs() + ene.abs() + eww.abs() + enn.abs();
            let level = level_of(energy);
            let texture = (0..6).fold(0, |bits, i| bits | ((near[i] * 64 > fixed) as usize) << i);
            let b1 = (level / 2) * 64 + texture;
            let b2 = 1024 + signed_log(ew, 7) * 17 + signed_log(en, 7);
            for b in [b1, b2] {
                let (sum, count) = known.bias[b];
                if count > 0 {
                    fixed += sum / (2 * count);
                }
            }
            let fixed = fixed.clamp(0, top * 64);
            let prediction = (fixed + 32) >> 6;
            let fraction = fixed - prediction * 64;
            let qf = if fraction < -11 { 0 } else if fraction < 11 { 1 } else { 2 };
            let gradient = (w - nw).abs() + (n - nw).abs() + (n - ne).abs();
            let qg = ((level_of(gradient) * 2) / 3).min(15);
            let d1 = (p[0] * 4.0) as i32 - (fixed >> 4);
            let d2 = (p[1] * 4.0) as i32 - (fixed >> 4);
            let dr = if shape.0 { (r - rw) - (prediction - w) } else { ww - w };
            let d3 = if shape.0 { r - rn - (prediction - n) } else { med - prediction };
            let wide = known.hash_bits.min(16) - 4;
            let shrink = |h: u32| (h >> (32 - wide)) as usize;
            let exact = [
                hash(&[w, n, nw, ne]),
                hash(&[w, n, nw, ne, ww, nn, nne]),
                if shape.0 { hash(&[r, w, n, 1]) } else { hash(&[w, n, 2]) },
                hash(&[w, n, nw, ne, ww, nn, nne, s[up + 2], s[up - 2], s[up2 - 1], s[at - 3], s[up3]]),
                if shape.0 { hash(&[r, rw, rn, w, n, nw, 3]) } else { hash(&[w, ww, s[at - 3], s[at - 4], 4]) },
                if shape.0 { hash(&[r, q, refs.first.map_or(0, |t| t.samples[at + 1]), 5]) } else { hash(&[n, nn, s[up3], ne, 6]) },
            ];
            let mut situation = Situation {
                direct: [
                    level * 3 + qf,
                    signed_log(ew, 8) * 17 + signed_log(en, 8),
                    signed_log(w - prediction, 9) * 19 + signed_log(n - prediction, 9),
                    shrink(hash(&[w, n, prediction])),
                    if shape.0 { signed_log(dr, 8) * 24 + level } else { signed_log(d1, 8) * 24 + level },
                    if shape.0 { signed_log(d1, 9) * 24 + level } else { signed_log(dr, 9) * 24 + level },
                    level * 16 + qg,
                    level * 27 + signed_log(ne - prediction, 1) * 9 + signed_log(d2, 1) * 3 + qf,
                    (signed_log(nw - prediction, 6) * 13 + signed_log(ne - prediction, 6)) * 7 + signed_log(d2, 3),
                    shrink(hash(&[x as i32, 7])),
                    shrink(hash(&[prediction, (level / 4) as i32])),
                    (signed_log(d3, 9) * 19 + signed_log(ww - prediction, 9)) * 3 + qf,
                    shrink(exact[4].wrapping_add(prediction as u32).wrapping_mul(0x9e37_79b9)),
                    (signed_log(enw, 8) * 17 + signed_log(ene, 8)) * 5 + signed_log(d1, 2),
                ],
                level,
                shape: (qf * 5 + signed_log(d1, 2)) * 4 + (med == prediction) as usize + 2 * (w == n) as usize,
                prediction,
                top,
                recalled: [(0, 0); RECALLED],
                curves: [Curve::default(); P],
            };
            let means: [f32; 3] = [fixed as f32 * (1.0 / 64.0), p[0], p[1]];
            for i in 0..P {
                situation.curves[i] = Curve::new(means[i], known.spreads[level][i]);
            }
            let mut slots = [0usize; R];
            for i in 0..R {
                slots[i] = (exact[i] >> (32 - known.hash_bits)) as usize;
                let (value, count) = known.recall[i][slots[i]];
                situation.recalled[i] = (value as i32, count as u32);
            }
            let given = source.map_or(0, |source| source[y * width + x]);
            let value = known.residuals.code(bits, &situation, given);
            plane.set(at, value, y == 0);
            r0[c] = value - prediction;
            let v = value as f32;
            for i in 0..P {
                let error = (means[i] - v).abs() + 0.05;
                let spread = &mut known.spreads[level][i];
                *spread += (error - *spread) * 0.01;
            }
            for i in 0..PREDICTORS {
                p0[c][i] = (p[i] - v).abs();
            }
            for b in [b1, b2] {
                let (sum, count) = &mut known.bias[b];
                *sum += value * 64 - fixed;
                *count += 1;
                if *count >= 128 {
                    *sum /= 2;
                    *count /= 2;
                }
            }
            for i in 0..R {
                let (last, count) = &mut known.recall[i][slots[i]];
                if *last as i32 == value && *count > 0 {
                    *count = (*count + 1).min(255);
                } else {
                    (*last, *count) = (value as u16, 1);
                }
            }
            if fitted && (v != base || f.iter().any(|&f| f != 0.0)) {
                known.near.update(&f, v - base);
                if rich {
                    known.far.update(&f, v - base);
                }
            }
        }
        plane.end_row(y);
    }
}
