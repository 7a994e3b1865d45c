//! What the neighbourhood of a sample says: predictions, their blend, and the contexts of the residual.

use crate::bias::Bias;
use crate::curve::Curve;
use crate::errors::{Errors, Residuals as Around, PREDICTORS};
use crate::exact::EXACT;
use crate::holes::Holes;
use coding::arithmetic::Coder;
use crate::neighbours::{hash, Neighbours, Reach, References};
use crate::ols::Ols;
use crate::phases::Phases;
use crate::plane::Plane;
use crate::recall::{Places, Recall};
use crate::repeats::Repeats;
use crate::residual::{Residuals, Situation, DIRECT, LEVELS, RECALLED};
use crate::scales::{level_of, signed_log};
use crate::Layout;

/// Up to so many direct contexts least squares get by with few neighbours, too.
const SMALL: usize = 6;
/// Up to so many, plain predictors do without least squares.
const PLAIN: usize = 4;

/// From this grade on the difference is to what is repeated.
const SURE: u32 = 8;

/// Where a plane has no data.
pub enum Mask<'a> {
    Nowhere,
    /// It is coded with the samples.
    Coded,
    /// Where another plane of the same samples has none.
    As(&'a Plane),
}

/// What stays from plane to plane.
pub struct Learned<const D: usize, const R: usize, const P: usize, const H: usize, const I: usize> {
    residuals: Residuals<D, R, P, H, I>,
    bias: Bias,
    /// Mean error magnitudes of the curves' predictions by the level of activity.
    spreads: Vec<[f32; P]>,
    holes: Holes,
    recall: Recall<R>,
    repeats: Repeats,
    /// Bits of hashes that look up direct contexts.
    wide: u32,
    /// Least squares of each phase, with short and long memory.
    near: Vec<Ols>,
    far: Vec<Ols>,
    phases: Phases,
    reach: Option<Reach>,
    top: i32,
}

/// All that is made of a sample's neighbourhood before it is known.
struct Prospect {
    predictions: [f32; PREDICTORS],
    median: i32,
    /// The corrected blend in 1/64.
    fixed: i32,
    around: Around,
    level: usize,
    biases: [usize; 2],
    phase: usize,
}

impl Prospect {
    /// The corrected blend to the nearest number.
    fn prediction(&self) -> i32 {
        (self.fixed + 32) >> 6
    }
}

impl<const D: usize, const R: usize, const P: usize, const H: usize, const I: usize> Learned<D, R, P, H, I> {
    const FITTED: bool = D > PLAIN;
    const RICH: bool = D > SMALL;

    pub fn new(layout: &Layout, top: i32, phases: Phases) -> Self {
        let samples = layout.area() * layout.channels * layout.frames;
        // A table that is emptied before each plane must not be larger than it.
        let area_bits = (layout.area().max(2).ilog2() + 1).min(18);
        let hash_bits = (samples.max(2).ilog2() + 1).clamp(10, 18);
        let wide = hash_bits.min(16) - 4;
        let hashed = 1usize << wide;
        let sizes: [usize; DIRECT] = [
            72 * phases.count(),
            17 * 17,
            19 * 19,
            hashed,
            17 * 24,
            19 * 24,
            24 * 16,
            24 * 27,
            13 * 13 * 7,
            hashed,
            hashed,
            19 * 19 * 3,
            hashed,
            17 * 17 * 5,
            17 * 17 * 3,
            17 * 17 * 3,
            17 * 17 * 3,
            17 * 17 * 3,
        ];
        Learned {
            residuals: Residuals::new(&sizes, 255, phases.count(), (samples.max(2).ilog2() + 5).clamp(12, 22)),
            bias: Bias::new(2048 * phases.count()),
            holes: Holes::new(),
            spreads: (0..LEVELS).map(|level| [0.25 + (1u32 << (level / 3)) as f32 * 0.1; P]).collect(),
            recall: Recall::new(hash_bits),
            repeats: Repeats::new(if H > 0 { area_bits } else { 0 }),
            wide,
            near: Vec::new(),
            far: Vec::new(),
            phases,
            reach: None,
            top,
        }
    }

    /// Least squares begin anew where there are more or fewer references.
    fn reach(&mut self, refs: &References) -> Reach {
        let reach = Reach::new(refs, Self::RICH);
        if self.reach != Some(reach) {
            let fits = |keep, every| (0..self.phases.count()).map(|_| Ols::new(reach.features(), keep, 0.5, every)).collect();
            self.near = fits(0.998, 16);
            self.far = fits(0.9996, 32);
            self.reach = Some(reach);
        }
        reach
    }

    #[inline(always)]
    fn prospect(&self, around: &Neighbours, errors: &Errors, x: usize, phase: usize) -> Prospect {
        let [w, n, nw, ne, ww, nn, nne, ..] = around.near;
        let median = around.median();
        let fitted = [
            if Self::FITTED { self.near[phase].predict(&around.features) + around.base } else { (w + n - nw) as f32 },
            if Self::RICH {
                self.far[phase].predict(&around.features) + around.base
            } else {
                (w + (ne + nn - nne - n) / 2) as f32
            },
        ];
        let topf = self.top as f32;
        let predictions = around.predictions(fitted, median).map(|p| p.max(0.0).min(topf));
        let blend = (errors.blend(x, &predictions) * 64.0) as i32;
        let residuals = errors.residuals(x);
        let level = level_of(residuals.energy());
        let texture =
            [w, n, nw, ne, ww, nn].iter().enumerate().fold(0, |bits, (i, &v)| bits | ((v * 64 > blend) as usize) << i);
        let [ew, en, ..] = residuals.0;
        let kinds = phase * 2048;
        let biases = [kinds + (level / 2) * 64 + texture, kinds + 1024 + signed_log(ew, 7) * 17 + signed_log(en, 7)];
        let fixed = self.bias.correct(blend, biases).clamp(0, self.top * 64);
        Prospect { predictions, median, fixed, around: residuals, level, biases, phase }
    }

    /// The contexts of the difference to `prediction`.
    #[inline(always)]
    fn situation(&self, around: &Neighbours, p: &Prospect, hashes: &[u32; RECALLED], prediction: i32, x: usize) -> Situation<P> {
        let [w, n, nw, ne, ww, nn, nne, _, _, _, www, nne2, nnww, n3, ..] = around.near;
        let level = p.level;
        let fraction = p.fixed - prediction * 64;
        let qf = if fraction < -11 { 0 } else if fraction < 11 { 1 } else { 2 };
        let gradient = (w - nw).abs() + (n - nw).abs() + (n - ne).abs();
        let qg = ((level_of(gradient) * 2) / 3).min(15);
        // How far other predictions are from the blend, in quarters; how a reference goes on from what is left and above.
        let d1 = (p.predictions[0] * 4.0) as i32 - (p.fixed >> 4);
        let d2 = (p.predictions[1] * 4.0) as i32 - (p.fixed >> 4);
        let [dr, d3] = match around.first {
            Some([r, rw, rn, _]) => [(r - rw) - (prediction - w), r - rn - (prediction - n)],
            None => [ww - w, p.median - prediction],
        };
        let (main, other) = if around.first.is_some() { (dr, d1) } else { (d1, dr) };
        let [ew, en, enw, ene, ..] = p.around.0;
        let shrink = |h: u32| (h >> (32 - self.wide)) as usize;
        // Where other predictions would be.
        let both = |a: i32, b: i32| (signed_log(a - prediction, 8) * 17 + signed_log(b - prediction, 8)) * 3 + qf;
        Situation {
            direct: [
                (p.phase * LEVELS + level) * 3 + qf,
                signed_log(ew, 8) * 17 + signed_log(en, 8),
                signed_log(w - prediction, 9) * 19 + signed_log(n - prediction, 9),
                shrink(hash(&[w, n, prediction])),
                signed_log(main, 8) * 24 + level,
                signed_log(other, 9) * 24 + level,
                level * 16 + qg,
                level * 27 + signed_log(ne - prediction, 1) * 9 + signed_log(d2, 1) * 3 + qf,
                (signed_log(nw - prediction, 6) * 13 + signed_log(ne - prediction, 6)) * 7 + signed_log(d2, 3),
                shrink(hash(&[x as i32, 7])),
                shrink(hash(&[prediction, (level / 4) as i32])),
                (signed_log(d3, 9) * 19 + signed_log(ww - prediction, 9)) * 3 + qf,
                shrink(hashes[4].wrapping_add(prediction as u32).wrapping_mul(0x9e37_79b9)),
                (signed_log(enw, 8) * 17 + signed_log(ene, 8)) * 5 + signed_log(d1, 2),
                both(2 * w - ww, 2 * n - nn),
                both(w + n - nw, n + ne - nne),
                both(2 * nw - nnww, 2 * ne - nne2),
                both(3 * (w - ww) + www, 3 * (n - nn) + n3),
            ],
            level,
            shape: p.phase * 64 + (qf * 5 + signed_log(d1, 2)) * 4 + (p.median == prediction) as usize + 2 * (w == n) as usize,
            prediction,
            top: self.top,
            recalled: [(0, 0); RECALLED + 1],
            exact: if H > 0 { around.exact(prediction, x) } else { [0; EXACT] },
            curves: [Curve::default(); P],
        }
    }

    /// Adds what is recalled and how likely values are by each of the first predictions.
    #[inline(always)]
    fn complete(&self, situation: &mut Situation<P>, p: &Prospect, places: &Places<R>) {
        let means = means_of(p);
        for i in 0..P {
            situation.curves[i] = Curve::new(means[i], self.spreads[p.level][i]);
        }
        for i in 0..R.min(RECALLED) {
            situation.recalled[i] = self.recall.get(i, places);
        }
    }

    /// Learns from a sample; `other_time`: whether the slower fit has its turn.
    #[inline(always)]
    fn learn(&mut self, around: &Neighbours, p: &Prospect, places: &Places<R>, value: i32, other_time: bool) {
        let v = value as f32;
        let means = means_of(p);
        for i in 0..P {
            let error = (means[i] - v).abs() + 0.05;
            let spread = &mut self.spreads[p.level][i];
            *spread += (error - *spread) * 0.01;
        }
        self.bias.learn(p.biases, value * 64 - p.fixed);
        self.recall.learn(places, value);
        let target = v - around.base;
        // Flat surroundings say nothing.
        if Self::FITTED && (target != 0.0 || around.features.iter().any(|&f| f != 0.0)) {
            self.near[p.phase].update(&around.features, target);
            if Self::RICH && other_time {
                self.far[p.phase].update(&around.features, target);
            }
        }
    }
}

/// The predictions that curves are put around.
fn means_of(p: &Prospect) -> [f32; 3] {
    [p.fixed as f32 * (1.0 / 64.0), p.predictions[0], p.predictions[1]]
}

/// Codes one plane, which receives the samples; `source` fills in the rows of an encoder.
pub fn code_plane<B: Coder, const D: usize, const R: usize, const P: usize, const H: usize, const I: usize>(
    bits: &mut B,
    known: &mut Learned<D, R, P, H, I>,
    plane: &mut Plane,
    mut source: impl FnMut(usize, &mut [i32]),
    refs: &References,
    mask: Mask,
) {
    let reach = known.reach(refs);
    match mask {
        Mask::Nowhere => (),
        Mask::Coded => plane.holes = vec![false; plane.samples.len()],
        Mask::As(other) => plane.holes = other.holes.clone(),
    }
    known.repeats.begin_plane();
    let phases = known.phases;
    let mut given = vec![0; plane.width];
    let mut errors = Errors::new(plane.width, known.phases);
    for y in 0..plane.height {
        if bits.is_lost() {
            return;
        }
        source(y, &mut given);
        errors.begin_row();
        known.repeats.begin_row();
        plane.begin_row(y);
        let row = plane.place(0, y);
        for x in 0..plane.width {
            let at = row + x;
            let given = given[x];
            if matches!(mask, Mask::Coded) {
                plane.holes[at] = known.holes.code(bits, plane, refs.first, at, given < 0);
            }
            if !plane.holes.is_empty() && plane.holes[at] {
                let middle = (plane.samples[at - 1] as u32 + plane.samples[at - plane.stride] as u32 + 1) >> 1;
                plane.set(at, middle as u16, y == 0);
                errors.pass(x);
                known.repeats.lose();
                continue;
            }
            let around = Neighbours::of(plane, refs, at, reach);
            let prospect = known.prospect(&around, &errors, x, phases.of(x, y));
            let hashes = around.hashes();
            let places = known.recall.places(&hashes);
            let repeated = if H > 0 { known.repeats.expect(plane, at, around.whole()) } else { (0, 0) };
            let centre = if repeated.1 >= SURE { repeated.0 } else { prospect.prediction() };
            let mut situation = known.situation(&around, &prospect, &hashes, centre, x);
            known.complete(&mut situation, &prospect, &places);
            situation.recalled[RECALLED] = repeated;
            let value = known.residuals.code(bits, &situation, given);
            if H > 0 {
                known.repeats.learn(plane, value);
            }
            plane.set(at, value as u16, y == 0);
            errors.note(x, value, prospect.prediction(), &prospect.predictions);
            known.learn(&around, &prospect, &places, value, (x + y) & 1 == 0);
        }
        plane.end_row(y);
    }
}
