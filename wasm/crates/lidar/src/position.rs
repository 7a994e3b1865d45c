//! Coordinates: what the scanner did lately, continued by least squares.

use crate::fields::POSITION;
use crate::ols::LeastSquares;
use crate::point::Point;
use crate::time::fill;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine, CHOICES};
use numbers::quantise::*;

const FEATURES: usize = 16;
const FEW: usize = 8;
const SITUATIONS: usize = 3;
const PREDICTORS: usize = 4;
/// Return maps: number of the return by how many.
pub const MAPS: usize = 64;

/// What is known of the point before its coordinates.
#[derive(Clone, Copy)]
pub struct Scan {
    pub map: usize,
    pub last_map: usize,
    /// Base steps of time since the last point.
    pub multiple: i32,
    pub class: i32,
}

#[derive(Clone, Copy, Default)]
struct Past {
    /// The last two points of a return map.
    points: [[i32; 3]; 2],
    deltas: [[i32; 3]; 5],
}

struct Axis {
    quick: [LeastSquares<FEW>; SITUATIONS],
    slow: [LeastSquares<FEATURES>; SITUATIONS],
    /// Mean size of the errors of each predictor, in 1/16.
    errors: [[i64; PREDICTORS]; SITUATIONS],
    /// Mean size of what was coded, in 1/16.
    spread: [[i64; MAPS]; 2],
    rests: [i64; 3],
}

pub struct Positions {
    /// Whether time is spent on many features and neighbours.
    rich: bool,
    pub order: [usize; 3],
    last: [[i32; 3]; 3],
    past: Vec<Past>,
    axes: [Axis; 3],
    /// Mean delta of a base step, in 1/16.
    speed: [i64; 3],
    pub rests: [i64; 3],
}

impl Positions {
    pub fn new(order: [usize; 3], rich: bool) -> Positions {
        let every = if rich { 1 } else { 8 };
        Positions {
            rich,
            order,
            last: [[0; 3]; 3],
            past: vec![Past::default(); MAPS],
            axes: std::array::from_fn(|_| Axis {
                quick: std::array::from_fn(|_| LeastSquares::new(if rich { 0.95 } else { 0.98 }, every, 1)),
                slow: std::array::from_fn(|_| LeastSquares::new(0.998, 4, 2)),
                errors: [[64; PREDICTORS]; SITUATIONS],
                spread: [[64; MAPS]; 2],
                rests: [0; 3],
            }),
            speed: [0; 3],
            rests: [0; 3],
        }
    }

    /// Codes the coordinates; `near` looks for earlier points once two of them are known.
    pub fn code<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, given: &[i32; 3], scan: Scan,
        points: &[Point], near: impl Fn(&[i32; 3]) -> [Option<usize>; 2],
    ) -> [i32; 3] {
        let situation = if scan.multiple == 0 { 2 } else { (scan.map == scan.last_map) as usize };
        let mut position = [0i32; 3];
        let mut rests = [0i64; 3];
        for place in 0..3 {
            let axis = self.order[place];
            let close = if place == 2 { near(&position) } else { [None; 2] };
            position[axis] =
                self.axis(engine, coder, given[axis], place, situation, scan, &position, &mut rests, close.map(|i| i.map(|i| &points[i])));
        }
        self.rests = rests;
        self.remember(position, scan);
        position
    }

    #[allow(clippy::too_many_arguments)]
    fn axis<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, given: i32, place: usize, situation: usize, scan: Scan,
        position: &[i32; 3], rests: &mut [i64; 3], near: [Option<&Point>; 2],
    ) -> i32 {
        let axis = self.order[place];
        let last = self.last[0][axis];
        let delta = |axis: usize, i: usize| self.last[i][axis].wrapping_sub(self.last[i + 1][axis]) as i64;
        let past = &self.past[scan.map];
        let middle = median(past.deltas.map(|delta| delta[axis]));
        let own = past.points[0][axis].wrapping_sub(last) as i64;
        let own_step = past.points[0][axis].wrapping_sub(past.points[1][axis]) as i64;
        let moved = (self.speed[axis] * scan.multiple.clamp(0, 8) as i64) >> 4;
        let beside = near.map(|near| near.map_or(0, |near| near.position[axis].wrapping_sub(last) as i64));
        let now = |place: usize| position[self.order[place]].wrapping_sub(self.last[0][self.order[place]]) as i64;
        let others = [self.order[(place + 1) % 3], self.order[(place + 2) % 3]];
        let mut features = [
            delta(axis, 0), delta(axis, 1), middle, own, own_step, moved,
            delta(others[0], 0), delta(others[1], 0),
            0, 0, 0, 0, 0, 0, 16, 0
        ];
        if place > 0 {
            features[8] = rests[0];
            features[9] = now(0);
        }
        if place > 1 {
            features[10] = rests[1];
            features[11] = now(1);
            features[12] = beside[0];
            features[13] = beside[1];
        }
        features[15] = self.past[scan.map].deltas[0][axis] as i64;
        let few = match place {
            0 => [0, 2, 3, 5, 6, 7, 1, 14],
            1 => [0, 2, 3, 5, 8, 9, 6, 14],
            _ => [0, 2, 9, 8, 10, 11, 3, 14],
        }.map(|feature| features[feature] as f64);
        let features = if self.rich { features.map(|feature| feature as f64) } else { [0.0; FEATURES] };
        let state = &mut self.axes[axis];
        let quick = state.quick[situation].predict(&few);
        let slow = if self.rich { state.slow[situation].predict(&features) } else { quick };
        let candidates = [slow, quick, middle, beside[0]];
        let expected = blend(&candidates, &state.errors[situation], if place == 2 { 4 } else { 3 });
        let spread = [state.spread[0][scan.map], state.spread[1][scan.map]];
        let (width, wide) = (level(spread[0] as u64), level(spread[1] as u64));
        let tc = scan.multiple.clamp(-1, 9);
        let map = scan.map as i32;
        let [a, b, c] = candidates.map(|candidate| fine(candidate - expected)).first_chunk::<3>().copied().unwrap();
        let before = match place {
            0 => [fine(state.rests[0]), fine(state.rests[1])],
            1 => [fine(rests[0]), fine(state.rests[0])],
            _ => [fine(rests[1]), fine(rests[0])],
        };
        let exact = match place {
            0 => hash(&[clip(state.rests[0], 40), clip(state.rests[1], 40), 1]),
            1 => hash(&[clip(rests[0], 200), map]),
            _ => hash(&[clip(rests[0], 30), clip(rests[1], 30), 2]),
        };
        let contexts = fill([
            hash(&[map, tc, width]),
            hash(&[width, before[0]]),
            hash(&[before[0], before[1], wide]),
            hash(&[a, b, width]),
            hash(&[c, width, fine(beside[0] - expected)]),
            exact,
            hash(&[wide, map, scan.class, scan.last_map as i32]),
        ]);
        let value = given.wrapping_sub(last.wrapping_add(expected as i32)) as i64;
        let rest = engine.number(coder, POSITION + place, value, &contexts, (width.clamp(0, CHOICES as i32 - 1)) as usize);
        let value = last.wrapping_add(expected as i32).wrapping_add(rest as i32);
        let rest = rest as i32 as i64;
        let target = value.wrapping_sub(last) as i64;
        let errors = state.errors[situation];
        for (error, candidate) in state.errors[situation].iter_mut().zip(candidates) {
            let size = ((target - candidate).abs() << 4).min(*error * 4 + 64);
            *error += (size - *error) / 16;
        }
        let size = (rest.abs() << 4).min(1 << 36);
        state.spread[0][scan.map] += (size - spread[0]) / 8;
        state.spread[1][scan.map] += (size - spread[1]) / 64;
        state.rests = [rest, state.rests[0], state.rests[1]];
        let weight = |predicted: i64, error: i64| {
            let (miss, usual) = ((target - predicted) as f64, error as f64 / 16.0 + 1.0);
            1.0 / (1.0 + miss * miss / (usual * usual))
        };
        state.quick[situation].update(target, weight(quick, errors[1]));
        if self.rich {
            state.slow[situation].update(target, weight(slow, errors[0]));
        }
        rests[place] = rest;
        value
    }

    fn remember(&mut self, position: [i32; 3], scan: Scan) {
        let past = &mut self.past[scan.map];
        past.deltas.rotate_right(1);
        past.deltas[0] = std::array::from_fn(|axis| position[axis].wrapping_sub(self.last[0][axis]));
        past.points = [position, past.points[0]];
        if scan.multiple > 0 && scan.multiple < 9 {
            for axis in 0..3 {
                let delta = (position[axis].wrapping_sub(self.last[0][axis]) as i64) << 4;
                self.speed[axis] += (delta / scan.multiple as i64 - self.speed[axis]) / 4;
            }
        }
        self.last = [position, self.last[0], self.last[1]];
    }
}

/// The mean of the first `count` candidates, each weighted by the inverse square of its error.
fn blend(candidates: &[i64; PREDICTORS], errors: &[i64; PREDICTORS], count: usize) -> i64 {
    let least = errors[..count].iter().copied().min().unwrap_or(0).max(0) + 4;
    let (mut sum, mut total) = (0i128, 0i128);
    for (candidate, error) in candidates.iter().zip(errors).take(count) {
        let share = (least << 8) / (error.max(&0) + 4);
        let weight = (share * share) as i128;
        sum += *candidate as i128 * weight;
        total += weight;
    }
    (sum + total / 2).div_euclid(total.max(1)) as i64
}

fn median(values: [i32; 5]) -> i64 {
    let mut sorted = values;
    sorted.sort_unstable();
    sorted[2] as i64
}
