//! Points quickly: what LASzip predicts from (Isenburg, "LASzip: lossless compression of LiDAR data", 2013), each
//! decision with one adaptive probability.

mod lane;
mod numbers;

pub use lane::{Reader, Writer};

use crate::fields::*;
use crate::header::Header;
use crate::layout::Layout;
use crate::point::{returns, Point, WAVE_BYTES};
use lane::{Bit, Lane};
use numbers::{tree, Numbers, Symbols};

/// Kinds of returns: number and count, of each up to 3 apart.
const MAPS: usize = 16;
const LEVELS: usize = 8;
/// Positions of bytes behind the fields that are known apart.
const PLACES: usize = 256;

/// The last five differences of an axis.
#[derive(Clone, Copy, Default)]
struct Last5([i32; 5]);

impl Last5 {
    #[inline(always)]
    fn add(&mut self, value: i32) {
        let [a, b, c, d, _] = self.0;
        self.0 = [value, a, b, c, d];
    }

    #[inline(always)]
    fn median(&self) -> i32 {
        let [a, b, c, d, e] = self.0;
        let (a, b) = (a.min(b), a.max(b));
        let (c, d) = (c.min(d), c.max(d));
        // The least of the pairs and the most of them are no median.
        let (low, high) = (a.max(c), b.min(d));
        let (low, high) = (low.min(high), low.max(high));
        e.clamp(low, high)
    }
}

pub struct Quick<'a> {
    layout: &'a Layout,
    constant: u32,
    last: Point,
    flags: Changing,
    more_flags: Changing,
    class: Changing,
    user: Changing,
    time_kinds: Vec<[Bit; 4]>,
    time_past: usize,
    times: Numbers,
    /// The last two differences in time, of points at times that differ.
    steps: [i64; 2],
    axes: [Numbers; 3],
    deltas: [[Last5; 2]; MAPS],
    heights: [i32; LEVELS],
    last_length: u32,
    intensity: Numbers,
    intensities: [(u16, u32); MAPS],
    angle: Numbers,
    source: Numbers,
    colour_same: [Bit; 8],
    colour_past: usize,
    colours: [Numbers; 4],
    bytes_same: [Bit; 4],
    bytes: Symbols,
}

/// A byte that seldom differs from the one before.
struct Changing {
    same: Vec<Bit>,
    symbols: Symbols,
}

impl Changing {
    fn new(varies: bool) -> Self {
        let contexts = if varies { 256 } else { 0 };
        Changing { same: vec![Bit::new(); contexts], symbols: Symbols::new(contexts) }
    }

    #[inline(always)]
    fn code<L: Lane>(&mut self, lane: &mut L, value: u8, last: u8) -> u8 {
        let same = lane.bit(&mut self.same[last as usize], (value == last) as u32);
        if same != 0 { last } else { self.symbols.code(lane, value, last as usize) }
    }
}

impl<'a> Quick<'a> {
    pub fn new(header: &Header, layout: &'a Layout, first: Point) -> Self {
        let varies = |field: usize| header.plan.constant >> field & 1 == 0;
        Quick {
            layout,
            constant: header.plan.constant,
            last: first,
            flags: Changing::new(varies(FLAGS)),
            more_flags: Changing::new(varies(MORE_FLAGS)),
            class: Changing::new(varies(CLASS)),
            user: Changing::new(varies(USER)),
            time_kinds: vec![[Bit::new(); 4]; 32],
            time_past: 0,
            times: Numbers::new(1),
            steps: [0; 2],
            axes: std::array::from_fn(|_| Numbers::new(64)),
            deltas: [[Last5::default(); 2]; MAPS],
            heights: [first.position[2]; LEVELS],
            last_length: 0,
            intensity: Numbers::new(MAPS * 16),
            intensities: [(first.intensity, 0); MAPS],
            angle: Numbers::new(2),
            source: Numbers::new(1),
            colour_same: [Bit::new(); 8],
            colour_past: 0,
            colours: std::array::from_fn(|_| Numbers::new(32)),
            bytes_same: [Bit::new(); 4],
            bytes: Symbols::new(if varies(EXTRA) || varies(WAVE) { PLACES * 2 } else { 0 }),
        }
    }

    #[inline(always)]
    fn varies(&self, field: usize) -> bool {
        self.constant >> field & 1 == 0
    }

    /// Codes a point; `record` is that of an encoder, and gets the bytes that no field has; `before` is the last one.
    pub fn point<L: Lane>(&mut self, lane: &mut L, given: &Point, record: &mut [u8], before: &[u8]) -> Point {
        let last = self.last;
        let mut point = last;
        if self.varies(FLAGS) {
            point.flags = self.flags.code(lane, given.flags, last.flags);
        }
        if self.varies(MORE_FLAGS) {
            point.more_flags = self.more_flags.code(lane, given.more_flags, last.more_flags);
        }
        let (number, count) = returns(&point, self.layout.extended);
        let map = number.min(3) * 4 + count.min(3);
        if self.layout.time_at.is_some() && self.varies(TIME_SAME) {
            point.time = self.time(lane, given.time, number > 1);
        }
        self.position(lane, given, &mut point, map, count.abs_diff(number).min(LEVELS - 1), count == 1);
        if self.varies(CLASS) {
            point.class = self.class.code(lane, given.class, last.class);
        }
        if self.varies(INTENSITY) {
            let (expected, length) = self.intensities[map];
            let context = map * 16 + length.min(15) as usize;
            let (rest, length) = self.intensity.code(lane, given.intensity as i64 - expected as i64, context);
            point.intensity = (expected as i64).wrapping_add(rest) as u16;
            self.intensities[map] = (point.intensity, length);
        }
        if self.varies(ANGLE) {
            let rest = given.angle.wrapping_sub(last.angle) as i64;
            let (rest, _) = self.angle.code(lane, rest, (point.time == last.time) as usize);
            point.angle = last.angle.wrapping_add(rest as i16);
        }
        if self.varies(USER) {
            point.user = self.user.code(lane, given.user, last.user);
        }
        if self.varies(SOURCE) {
            let (rest, _) = self.source.code(lane, given.source.wrapping_sub(last.source) as i64, 0);
            point.source = last.source.wrapping_add(rest as u16);
        }
        if self.layout.colour_at.is_some() && self.varies(COLOUR_SAME) {
            self.colour(lane, given, &mut point);
        }
        let wave = self.layout.wave_at.filter(|_| self.varies(WAVE)).map(|at| at..at + WAVE_BYTES);
        if let Some(range) = wave {
            self.bytes(lane, &mut record[range.clone()], &before[range], 0);
        }
        if self.varies(EXTRA) {
            let at = self.layout.extra_at;
            self.bytes(lane, &mut record[at..], &before[at..], 1);
        }
        self.last = point;
        point
    }

    /// A time is the last one, goes on by one of the last two steps, or by a new one.
    #[inline(always)]
    fn time<L: Lane>(&mut self, lane: &mut L, given: i64, later: bool) -> i64 {
        let step = given.wrapping_sub(self.last.time);
        let [first, second] = self.steps;
        let kind = if step == 0 {
            0
        } else if step == first {
            1
        } else if step == second {
            2
        } else {
            3
        };
        let contexts = &mut self.time_kinds[self.time_past & 15 | (later as usize) << 4];
        let kind = tree::<_, 4>(lane, contexts, kind, 2);
        self.time_past = self.time_past << 2 | kind as usize;
        let step = match kind {
            0 => 0,
            1 => first,
            2 => {
                self.steps = [second, first];
                second
            }
            _ => {
                let (rest, _) = self.times.code(lane, step.wrapping_sub(first), 0);
                let step = first.wrapping_add(rest);
                self.steps = [step, first];
                step
            }
        };
        self.last.time.wrapping_add(step)
    }

    #[inline(always)]
    fn position<L: Lane>(&mut self, lane: &mut L, given: &Point, point: &mut Point, map: usize, level: usize, single: bool) {
        let single = (single as usize) << 5;
        let last = self.last.position;
        let mut length = self.last_length;
        let mut lengths = 0;
        for axis in 0..2 {
            let median = self.deltas[map][axis].median();
            let expected = last[axis].wrapping_add(median);
            let rest = given.position[axis].wrapping_sub(expected) as i64;
            let (rest, now) = self.axes[axis].code(lane, rest, single | length as usize);
            point.position[axis] = expected.wrapping_add(rest as i32);
            self.deltas[map][axis].add(point.position[axis].wrapping_sub(last[axis]));
            lengths += now;
            length = now;
            if axis == 0 {
                self.last_length = now;
            }
        }
        let expected = self.heights[level];
        let rest = given.position[2].wrapping_sub(expected) as i64;
        let (rest, _) = self.axes[2].code(lane, rest, single | lengths as usize / 2);
        point.position[2] = expected.wrapping_add(rest as i32);
        self.heights[level] = point.position[2];
    }

    fn colour<L: Lane>(&mut self, lane: &mut L, given: &Point, point: &mut Point) {
        let last = self.last.colour;
        let same = lane.bit(&mut self.colour_same[self.colour_past & 7], (given.colour == last) as u32);
        self.colour_past = self.colour_past << 1 | same as usize;
        if same != 0 {
            return;
        }
        let mut moved = 0i64;
        let mut length = 0;
        for channel in 0..self.layout.channels {
            let expected = (last[channel] as i64 + moved).clamp(0, u16::MAX as i64);
            let (rest, now) = self.colours[channel].code(lane, given.colour[channel] as i64 - expected, length as usize);
            point.colour[channel] = expected.wrapping_add(rest) as u16;
            let here = point.colour[channel] as i64 - last[channel] as i64;
            moved = if channel == 0 { here } else { (moved + here) / 2 };
            length = now;
        }
    }

    /// Bytes as differences to those of the last record, if any differs.
    fn bytes<L: Lane>(&mut self, lane: &mut L, record: &mut [u8], before: &[u8], part: usize) {
        if lane.bit(&mut self.bytes_same[part], (record == before) as u32) != 0 {
            record.copy_from_slice(before);
            return;
        }
        let mut changed = 0;
        for (at, (byte, &before)) in record.iter_mut().zip(before).enumerate() {
            let rest = self.bytes.code(lane, byte.wrapping_sub(before), at % PLACES * 2 + changed);
            *byte = before.wrapping_add(rest);
            changed = (rest != 0) as usize;
        }
    }
}
