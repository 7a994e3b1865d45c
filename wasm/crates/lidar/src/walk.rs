//! The walk over the points of a segment, the same for both directions.

use crate::fields::*;
use crate::layout::Layout;
use crate::neighbours::{Grid, Near};
use crate::point::{returns, Point, WAVE_BYTES};
use crate::position::{Positions, Scan, MAPS};
use crate::time::{fill, Around, Times};
use numbers::coder::Coder;
use numbers::engine::{hash, Engine, CHOICES};
use numbers::quantise::*;

/// What the header of a payload says besides the lattice.
#[derive(Clone, Copy)]
pub struct Plan {
    pub order: [usize; 3],
    pub shift: u32,
    /// Fields that never change, as a bit mask of field numbers.
    pub constant: u32,
}

pub struct Walk<const N: usize, const I: usize, const RICH: bool> {
    layout: Layout,
    plan: Plan,
    engine: Engine<N, I>,
    points: Vec<Point>,
    times: Times,
    positions: Positions,
    grid: Grid,
    last: Point,
    maps: [usize; 3],
    /// The last flags, latest lowest.
    flags: u32,
    intensities: [[u16; 2]; MAPS],
    intensity_spread: i64,
    colour_gap: i32,
    records: [Vec<u8>; 2],
}

impl<const N: usize, const I: usize, const RICH: bool> Walk<N, I, RICH> {
    pub fn new(layout: Layout, plan: Plan, first: Point, record: &[u8], points: usize) -> Self {
        Walk {
            layout,
            plan,
            engine: Engine::new(FIELDS, points),
            points: Vec::with_capacity(points),
            times: Times::new(),
            positions: Positions::new(plan.order, RICH),
            grid: Grid::new([0, 1], plan.shift, points),
            last: first,
            maps: [0; 3],
            flags: 0,
            intensities: [[first.intensity; 2]; MAPS],
            intensity_spread: 64,
            colour_gap: 0,
            records: [record.to_vec(), record.to_vec()],
        }
    }

    /// Whether earlier points nearby are worth looking for.
    fn looks_around(&self) -> bool {
        RICH || self.layout.colour_at.is_some() && self.varies(COLOUR_SAME)
    }

    fn varies(&self, field: usize) -> bool {
        self.plan.constant >> field & 1 == 0
    }

    /// Codes one point; `record` is the point's for an encoder, and gets the waveform and the extra bytes.
    pub fn point<C: Coder>(&mut self, coder: &mut C, given: &Point, record: &mut [u8]) -> Point {
        let mut point = self.last;
        self.flags(coder, given, &mut point);
        let (number, count) = returns(&point, self.layout.extended);
        let map = number.min(7) * 8 + count.min(7);
        if self.layout.time_at.is_some() && self.varies(TIME_SAME) {
            let around =
                Around { returns: map as i32, last_returns: self.maps[0] as i32, flags: point.flags as i32 };
            point.time = self.times.code(&mut self.engine, coder, given.time, around);
        }
        let multiple = if self.varies(TIME_SAME) { self.times.multiple } else { 1 };
        let scan = Scan { map, last_map: self.maps[0], multiple, class: self.last.class as i32 };
        let (grid, points) = (&self.grid, &self.points);
        let shared = self.plan.order[2] == 2;
        point.position = self.positions.code(&mut self.engine, coder, &given.position, scan, points, |position| {
            if !shared || !RICH {
                return [None; 2];
            }
            grid.nearest(points, position, false).map(|near| near.map(|near| near.index))
        });
        let near = if self.looks_around() { self.grid.nearest(&self.points, &point.position, true) } else { [None; 2] };
        self.class(coder, given, &mut point, map, near);
        self.intensity(coder, given, &mut point, map, near);
        self.rest(coder, given, &mut point, map);
        self.colour(coder, given, &mut point, map, near);
        self.bytes(coder, record, map, point.class as i32, multiple);
        if self.looks_around() {
            self.grid.add(&point.position);
            self.points.push(point);
        }
        self.maps = [map, self.maps[0], self.maps[1]];
        self.last = point;
        point
    }

    fn flags<C: Coder>(&mut self, coder: &mut C, given: &Point, point: &mut Point) {
        let last = &self.last;
        let multiple = self.times.multiple;
        if self.varies(FLAGS) {
            let f = self.flags as i32;
            let contexts = fill([
                hash(&[f & 255]),
                hash(&[f & 0xffff]),
                hash(&[f & 0xffffff]),
                hash(&[f]),
                hash(&[f & 255, last.class as i32, multiple]),
                hash(&[f & 255, fine(self.positions.rests[2]), fine(self.positions.rests[0])]),
                hash(&[f & 255, last.intensity as i32 >> 2]),
            ]);
            point.flags = self.engine.symbol(coder, FLAGS, given.flags, &contexts, self.maps[0] & 63);
        }
        self.flags = self.flags << 8 | point.flags as u32;
        if self.varies(MORE_FLAGS) {
            let more = last.more_flags as i32;
            let contexts = fill([
                hash(&[more]),
                hash(&[more, point.flags as i32]),
                hash(&[more, self.flags as i32 & 0xffff]),
                hash(&[more, last.class as i32]),
                0,
                hash(&[more, multiple]),
                hash(&[more, last.angle as i32]),
            ]);
            point.more_flags = self.engine.symbol(coder, MORE_FLAGS, given.more_flags, &contexts, 0);
        }
    }

    fn near(&self, near: Option<Near>) -> (&Point, i32) {
        match near {
            Some(near) => (&self.points[near.index], level(near.distance as u64).min(40)),
            None => (&self.last, 63),
        }
    }

    fn class<C: Coder>(&mut self, coder: &mut C, given: &Point, point: &mut Point, map: usize, near: [Option<Near>; 2]) {
        if !self.varies(CLASS) {
            return;
        }
        let last = self.last.class as i32;
        let (beside, distance) = self.near(near[0]);
        let (second, _) = self.near(near[1]);
        let rise = (point.position[2] as i64) - beside.position[2] as i64;
        let (b, s) = (beside.class as i32, second.class as i32);
        let m = map as i32;
        let contexts = fill([
            hash(&[last, m]),
            hash(&[last, b, m]),
            hash(&[b, fine(rise), last]),
            hash(&[last, fine(self.positions.rests[2]), m]),
            hash(&[b, s, last, distance >> 2]),
            hash(&[last, fine(point.position[2] as i64 - self.last.position[2] as i64), m]),
            hash(&[b, s, fine(rise), fine(point.position[2] as i64 - second.position[2] as i64)]),
        ]);
        point.class = self.engine.symbol(coder, CLASS, given.class, &contexts, (b & 31) as usize + 32 * (b == last) as usize);
    }

    fn intensity<C: Coder>(&mut self, coder: &mut C, given: &Point, point: &mut Point, map: usize, near: [Option<Near>; 2]) {
        if !self.varies(INTENSITY) {
            return;
        }
        let [first, second] = self.intensities[map].map(|value| value as i64);
        let (beside, distance) = self.near(near[0]);
        let (other, _) = self.near(near[1]);
        let (b, o) = (beside.intensity as i64, other.intensity as i64);
        let expected = (first * 2 + second + b * 2 + o) / 6;
        let spread = level(self.intensity_spread as u64);
        let rise = fine(point.position[2] as i64 - beside.position[2] as i64);
        let (m, class) = (map as i32, point.class as i32);
        let [r0, r1, r2] = self.positions.rests.map(fine);
        let contexts = fill([
            hash(&[m, class, spread]),
            hash(&[fine(first - expected), fine(b - expected), fine(second - expected)]),
            hash(&[first as i32, m]),
            hash(&[expected as i32 >> 2, spread, class]),
            hash(&[b as i32, distance, m]),
            hash(&[r2, r0, r1, m]),
            hash(&[rise, distance, fine(b - expected), m]),
        ]);
        let value = given.intensity as i64 - expected;
        let rest = self.engine.number(coder, INTENSITY, value, &contexts, (spread as usize).min(CHOICES - 1));
        point.intensity = rest.wrapping_add(expected) as u16;
        let size = (point.intensity as i64 - expected).abs() << 4;
        self.intensity_spread += (size - self.intensity_spread) / 16;
        self.intensities[map] = [point.intensity, self.intensities[map][0]];
    }

    fn rest<C: Coder>(&mut self, coder: &mut C, given: &Point, point: &mut Point, map: usize) {
        let last = self.last;
        let multiple = self.times.multiple;
        let [r0, r1, _] = self.positions.rests.map(fine);
        if self.varies(ANGLE) {
            let contexts = fill([
                hash(&[multiple]),
                hash(&[last.angle as i32, multiple]),
                hash(&[r0, r1]),
                hash(&[map as i32, multiple]),
                hash(&[last.angle as i32, last.more_flags as i32, (point.flags & 0xc0) as i32]),
                hash(&[last.source as i32, last.user as i32, multiple]),
                hash(&[point.position[self.plan.order[0]] >> 6, last.angle as i32]),
            ]);
            let value = given.angle.wrapping_sub(last.angle) as i64;
            let rest = self.engine.number(coder, ANGLE, value, &contexts, (multiple + 1).clamp(0, 63) as usize);
            point.angle = last.angle.wrapping_add(rest as i16);
        }
        if self.varies(USER) {
            let contexts = fill([
                hash(&[last.user as i32]),
                hash(&[last.user as i32, map as i32]),
                hash(&[last.user as i32, point.class as i32]),
                hash(&[last.user as i32, multiple]),
                hash(&[point.intensity as i32]),
                hash(&[last.user as i32, point.flags as i32, point.class as i32]),
                0,
            ]);
            point.user = self.engine.symbol(coder, USER, given.user, &contexts, 0);
        }
        if self.varies(SOURCE) {
            let contexts = fill([
                hash(&[multiple]),
                hash(&[last.source as i32]),
                hash(&[last.source as i32, multiple]),
                hash(&[r0, r1]),
                0,
                0,
                0,
            ]);
            let value = given.source.wrapping_sub(last.source) as i64;
            let rest = self.engine.number(coder, SOURCE, value, &contexts, (multiple + 1).clamp(0, 63) as usize);
            point.source = last.source.wrapping_add(rest as u16);
        }
    }

    fn colour<C: Coder>(&mut self, coder: &mut C, given: &Point, point: &mut Point, map: usize, near: [Option<Near>; 2]) {
        if self.layout.colour_at.is_none() || !self.varies(COLOUR_SAME) {
            return;
        }
        let channels = self.layout.channels;
        let last = self.last;
        let (beside, distance) = self.near(near[0]);
        let (beside, second) = (*beside, *self.near(near[1]).0);
        let agree = (beside.colour == last.colour) as i32 + 2 * (beside.colour == second.colour) as i32;
        let gap = self.colour_gap;
        let moved = level(self.last.position[0].abs_diff(point.position[0]) as u64 + self.last.position[1].abs_diff(point.position[1]) as u64);
        let contexts = fill([
            hash(&[agree, distance]),
            hash(&[gap, moved]),
            hash(&[map as i32, self.times.multiple, gap]),
            hash(&[agree, gap, distance >> 1, moved >> 1]),
            hash(&[point.class as i32, gap]),
            hash(&[distance, moved]),
            hash(&[agree, point.flags as i32]),
        ]);
        let kind = if given.colour == last.colour { 0 } else if given.colour == beside.colour { 1 } else { 2 };
        let same = self.engine.flag(coder, COLOUR_SAME, kind == 0, &contexts, gap as usize & 31);
        if same {
            self.colour_gap = 0;
            return;
        }
        let contexts2: [u32; N] = contexts.map(|context| context ^ 0x5bd1_e995);
        if beside.colour != last.colour && self.engine.flag(coder, COLOUR_SAME, kind == 1, &contexts2, 32 + (gap as usize & 31)) {
            point.colour = beside.colour;
            self.colour_gap = 1;
            return;
        }
        let mut before = [0i64; 2];
        for channel in 0..channels {
            let (l, b, s) = (last.colour[channel] as i64, beside.colour[channel] as i64, second.colour[channel] as i64);
            let close = (distance < moved) as i64;
            let base = if close != 0 { (2 * b + s + l) / 4 } else { (2 * l + b + s) / 4 };
            let expected = match channel {
                0 | 3 => base,
                _ => base + before[0],
            };
            let c = channel as i32;
            let (d1, d2) = (fine(b - base), fine(l - base));
            let contexts = fill([
                hash(&[c, fine(before[0]), fine(before[1])]),
                hash(&[c, d1, d2, close as i32]),
                hash(&[c, distance, moved]),
                hash(&[c, expected as i32, point.class as i32]),
                hash(&[c, clip(before[0], 60), clip(before[1], 60)]),
                hash(&[c, b as i32, clip(before[0], 60)]),
                if channel == 0 { hash(&[c, point.position[2]]) } else { hash(&[c, point.colour[0] as i32, point.colour[channel - 1] as i32]) },
            ]);
            let value = given.colour[channel] as i64 - expected;
            let rest = self.engine.number(coder, COLOUR + channel, value, &contexts, (level(before[0].unsigned_abs()) as usize).min(31) + 32 * close as usize);
            point.colour[channel] = rest.wrapping_add(expected) as u16;
            before = [point.colour[channel] as i64 - base, before[0]];
        }
        self.colour_gap = 1 + level(point.colour[0].abs_diff(last.colour[0]) as u64).min(14);
    }

    /// Waveform packets and extra bytes, byte by byte.
    fn bytes<C: Coder>(&mut self, coder: &mut C, record: &mut [u8], map: usize, class: i32, multiple: i32) {
        let wave = self.layout.wave_at.filter(|_| self.varies(WAVE)).map(|at| (at, at + WAVE_BYTES));
        let extra = Some((self.layout.extra_at, record.len())).filter(|_| self.varies(EXTRA));
        for (field, (start, end)) in [(WAVE, wave), (EXTRA, extra)] .into_iter().filter_map(|(f, r)| r.map(|r| (f, r))) {
            for at in start..end {
                let [last, older] = [&self.records[0], &self.records[1]].map(|record| record[at] as i32);
                let (one, two) = (
                    if at > start { record[at - 1] as i32 } else { map as i32 },
                    if at > start + 1 { record[at - 2] as i32 } else { 0 },
                );
                let changed = if at > start { one - self.records[0][at - 1] as i32 } else { multiple };
                let a = (at - start) as i32;
                let contexts = fill([
                    hash(&[a, last]),
                    hash(&[a, last, one]),
                    hash(&[a, last, older]),
                    hash(&[a, one, two]),
                    hash(&[a, last, changed]),
                    hash(&[a, map as i32, class]),
                    hash(&[a, last, multiple, map as i32]),
                ]);
                record[at] = self.engine.symbol(coder, field, record[at], &contexts, at - start);
            }
        }
        self.records.swap(0, 1);
        self.records[0].clear();
        self.records[0].extend_from_slice(record);
    }
}
