//! Whether positions were surveyed on a plane: their places there are then near a lattice of round steps.

use crate::notation::{Notation, Number, Printer};
use crate::projection::{Choice, Projection, Surface, ELLIPSOIDS, PHASES, SCALES, UNITS};
use std::f64::consts::TAU;

/// How many positions are looked at: at first, and where those give hope.
const GLANCE: usize = 40;
const SAMPLE: usize = 400;
/// How well places agree on a phase, as the length of the mean of their directions: at first, and to be taken.
const HOPE: f64 = 0.7;
const AGREEMENT: f64 = 0.9;
/// Bits that a position has to become shorter by.
const GAIN: f64 = 2.0;
/// Numbers of fewer bits behind the point are too coarse.
const PRECISE: u8 = 26;
/// Central meridians that are tried on both sides of the middle, in half degrees.
const MERIDIANS: i32 = 9;

/// The projection by which the positions take the fewest bits, if there is one. Axes are longitude and latitude.
pub fn choose(notations: &[Notation], positions: &[[Number; 2]]) -> Option<Choice> {
    if positions.is_empty() || notations[..2].iter().any(|notation| fraction_bits(notation) < PRECISE as f64 || notation.printer == Printer::Own) {
        return None;
    }
    let step = positions.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<Sampled> = positions
        .iter()
        .step_by(step)
        .map(|position| (*position, [0, 1].map(|axis| notations[axis].degrees(position[axis].place))))
        .filter(|(_, degrees)| degrees[0].abs() <= 180.0 && degrees[1].abs() < 85.0)
        .collect();
    if sample.len() < 16 {
        return None;
    }
    let mut best = None;
    let mut least = notations[..2].iter().map(fraction_bits).sum::<f64>() - GAIN;
    for surface in surfaces(&sample) {
        if let Some(choice) = lattice(surface, &sample) {
            let bits = cost(&choice, notations, &sample);
            if bits < least {
                (best, least) = (Some(choice), bits);
            }
        }
    }
    best.filter(Choice::is_sound)
}

/// A position as numbers and as degrees.
type Sampled = ([Number; 2], [f64; 2]);

/// Projections that may be of the region.
fn surfaces(sample: &[Sampled]) -> Vec<Surface> {
    let mean = sample.iter().map(|(_, degrees)| degrees[0]).sum::<f64>() / sample.len() as f64;
    let middle = (mean * 2.0).round() as i32 + 360;
    let mut surfaces = vec![Surface::MERCATOR];
    for meridian in (middle - MERIDIANS..=middle + MERIDIANS).filter_map(|meridian| u16::try_from(meridian).ok()) {
        for scale in 0..SCALES.len() as u8 {
            surfaces.extend((0..ELLIPSOIDS.len() as u8).map(|ellipsoid| Surface { ellipsoid, scale, meridian }));
        }
    }
    surfaces
}

/// The coarsest lattice of a surface that all places are on.
fn lattice(surface: Surface, sample: &[Sampled]) -> Option<Choice> {
    let places = |count: usize| -> Vec<[f64; 2]> {
        sample.iter().step_by(sample.len().div_ceil(count)).map(|(_, degrees)| surface.metres(*degrees)).collect()
    };
    let finest = UNITS[UNITS.len() - 1];
    if agreement(&places(GLANCE), finest).iter().any(|(length, _)| *length < HOPE) {
        return None;
    }
    let places = places(SAMPLE);
    (0..UNITS.len() as u8).find_map(|unit| {
        let phases = agreement(&places, UNITS[unit as usize]);
        let phase = |(_, phase): (f64, f64)| (phase * PHASES) as u32 % PHASES as u32;
        let agree = phases.iter().all(|(length, _)| *length >= AGREEMENT);
        agree.then(|| Choice { surface, unit, phases: phases.map(phase) })
    })
}

/// How many bits tell a number within a degree.
fn fraction_bits(notation: &Notation) -> f64 {
    match (notation.printer, notation.bits) {
        (Printer::Own, _) | (_, 0) => notation.count as f64 * std::f64::consts::LOG2_10,
        (_, bits) => (bits - notation.shift) as f64,
    }
}

/// For each axis, how well places agree on where between steps they are, and where that is.
fn agreement(places: &[[f64; 2]], unit: f64) -> [(f64, f64); 2] {
    [0, 1].map(|axis| {
        let angles = places.iter().map(|place| (place[axis] / unit).fract() * TAU);
        let (x, y) = angles.fold((0.0, 0.0), |sum, angle| (sum.0 + angle.cos(), sum.1 + angle.sin()));
        (x.hypot(y) / places.len() as f64, (y.atan2(x) / TAU).rem_euclid(1.0))
    })
}

/// Bits of a position within a degree, near enough to compare.
fn cost(choice: &Choice, notations: &[Notation], sample: &[Sampled]) -> f64 {
    const METRES: f64 = 111_000.0;
    let projection = Projection::new(*choice);
    let rest = |(numbers, degrees): &Sampled| {
        let back = projection.degrees(projection.grid(*degrees));
        [0, 1].map(|axis| numbers[axis].place.wrapping_sub(notations[axis].place_near(back[axis])))
    };
    let mut rests: Vec<[i64; 2]> = sample.iter().map(rest).collect();
    let bits = [0, 1].map(|axis| {
        // What all are off by costs nothing.
        rests.sort_unstable_by_key(|rest| rest[axis]);
        let middle = rests[rests.len() / 2][axis];
        let size = |rest: &[i64; 2]| (1.0 + 2.0 * rest[axis].wrapping_sub(middle).unsigned_abs() as f64).log2() + 0.5;
        rests.iter().map(size).sum::<f64>() / rests.len() as f64
    });
    let steps = (METRES / UNITS[choice.unit as usize]).log2();
    2.0 * steps + bits[0] + bits[1]
}
