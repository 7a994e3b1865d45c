//! One pass over a main file serves both directions: an encoder's buffer holds the file, a decoder's only zeros, and what
//! is coded is written back to where it was read.

use abi::Fault;
use crate::bytes::code_bytes;
use crate::fields::*;
use crate::format::{self, read_bits, Form, Kind, Layout, HEADER_BYTES, RECORD_HEADER_BYTES};
use crate::points::Points;
use crate::values::Axis;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine};
use numbers::quantise::level;
use std::ops::Range;

const END: u8 = 0;
const UNKNOWN: u8 = 1;
const KNOWN: u8 = 2;
const MEASURED: u8 = 3;
/// What has no measure is below this (page 2 of the description).
const NO_DATA: f64 = -1e38;

/// The contexts that an engine takes, of all there are.
pub fn fill<const M: usize, const N: usize>(all: [u32; M]) -> [u32; N] {
    std::array::from_fn(|i| if i < M { all[i] } else { 0 })
}

pub struct Model<const N: usize, const I: usize> {
    engine: Engine<N, I>,
    points: Points,
    /// Extremes of x, y, z and m so far.
    extremes: [Extremes; 4],
    forms: i32,
    number: i32,
    shape_type: i32,
    counts: [i32; 3],
    length: i32,
    bounds: i32,
}

impl<const N: usize, const I: usize> Model<N, I> {
    pub fn new(axes: [Axis; 4], length: usize) -> Self {
        Model {
            engine: Engine::new(FIELDS, length / 16),
            points: Points::new(axes, length / 16),
            extremes: [Extremes::default(); 4],
            forms: 0,
            number: 0,
            shape_type: 0,
            counts: [0; 3],
            length: 0,
            bounds: 0,
        }
    }

    /// Codes all of `bytes`.
    pub fn file<C: Coder>(&mut self, coder: &mut C, bytes: &mut [u8], header: bool) -> Result<(), Fault> {
        let mut at = if header { HEADER_BYTES } else { 0 };
        if at > bytes.len() {
            return Err(Fault::Damaged);
        }
        while bytes.len() - at > RECORD_HEADER_BYTES {
            match self.record(coder, &mut bytes[at..])? {
                0 => break,
                length => at += length,
            }
        }
        let end = bytes.len();
        code_bytes(&mut self.engine, coder, BYTES, bytes, at..end, 8);
        if header {
            self.header(coder, bytes);
        }
        Ok(())
    }

    /// Codes the record at the start and gives its length; 0 where records end.
    fn record<C: Coder>(&mut self, coder: &mut C, bytes: &mut [u8]) -> Result<usize, Fault> {
        let length = content_length(bytes);
        let parsed = length.and_then(|length| format::parse(&bytes[RECORD_HEADER_BYTES..][..length]));
        let given = match (length, &parsed) {
            (None, _) => END,
            (_, None) => UNKNOWN,
            (_, Some((form, ..))) => if form.has_z && form.has_m { MEASURED } else { KNOWN },
        };
        let f = self.forms;
        let contexts = fill([hash(&[f & 15]), hash(&[f & 0xfff]), 0, 0, 0, 0, 0]);
        let form = self.engine.nibble(coder, FORM, given, &contexts, 0, 0, 0);
        self.forms = f << 4 | form as i32;
        if form == END {
            return Ok(0);
        }
        let last = self.number;
        let number = self.integer(coder, NUMBER, big(bytes, 0).wrapping_sub(last) as i64 - 1, [f & 15, 0, 0]);
        self.number = last.wrapping_add(number as i32).wrapping_add(1);
        bytes[..4].copy_from_slice(&self.number.to_be_bytes());
        if form == UNKNOWN { self.unknown(coder, bytes) } else { self.known(coder, bytes, form) }
    }

    fn unknown<C: Coder>(&mut self, coder: &mut C, bytes: &mut [u8]) -> Result<usize, Fault> {
        let last = self.length;
        let change = self.integer(coder, LENGTH, big(bytes, 4).wrapping_sub(last) as i64, [last, 0, 0]);
        self.length = last.wrapping_add(change as i32);
        bytes[4..8].copy_from_slice(&self.length.to_be_bytes());
        let end = content_length(bytes).ok_or(Fault::Damaged)? + RECORD_HEADER_BYTES;
        code_bytes(&mut self.engine, coder, BYTES, bytes, RECORD_HEADER_BYTES..end, 8);
        Ok(end)
    }

    fn known<C: Coder>(&mut self, coder: &mut C, bytes: &mut [u8], form: u8) -> Result<usize, Fault> {
        let (head, content) = bytes.split_at_mut(RECORD_HEADER_BYTES);
        let last = self.shape_type;
        let contexts = fill([hash(&[last]), 0, 0, 0, 0, 0, 0]);
        self.shape_type = self.engine.symbol(coder, TYPE, content[0], &contexts, 0) as i32;
        let form = Form::new(self.shape_type, form == MEASURED).ok_or(Fault::Damaged)?;
        let (parts, points) = self.counts(coder, content, &form);
        let layout = form.layout(parts, points).ok_or(Fault::Damaged)?;
        let content = content.get_mut(..layout.length).ok_or(Fault::Damaged)?;
        head[4..8].copy_from_slice(&((layout.length / 2) as u32).to_be_bytes());
        content[..4].copy_from_slice(&self.shape_type.to_le_bytes());
        if form.kind != Kind::Null && form.kind != Kind::Point {
            if form.kind != Kind::MultiPoint {
                content[36..40].copy_from_slice(&parts.to_le_bytes());
            }
            let at = if form.kind == Kind::MultiPoint { 36 } else { 40 };
            content[at..at + 4].copy_from_slice(&points.to_le_bytes());
        }
        self.parts(coder, content, &layout, points);
        let rings = rings(content, &layout, points as usize);
        self.points.code(&mut self.engine, coder, content, &layout, &rings, form.is_closed());
        self.all_bounds(coder, content, &layout);
        Ok(RECORD_HEADER_BYTES + layout.length)
    }

    fn counts<C: Coder>(&mut self, coder: &mut C, content: &[u8], form: &Form) -> (i32, i32) {
        let given = form.counts(content).unwrap_or_default();
        let [last_parts, last, older] = self.counts;
        let parts = match form.kind {
            Kind::Parts | Kind::MultiPatch => self.integer(coder, PARTS, given.0 as i64, [last_parts, last, 0]) as i32,
            _ => 0,
        };
        let points = match form.kind {
            Kind::Null => 0,
            Kind::Point => 1,
            _ => self.integer(coder, POINTS, given.1 as i64, [last, older, parts]) as i32,
        };
        self.counts = [parts, points, last];
        (parts, points)
    }

    fn parts<C: Coder>(&mut self, coder: &mut C, content: &mut [u8], layout: &Layout, points: i32) {
        let mut last = 0i32;
        let mut size = 0i32;
        for at in layout.starts.clone().step_by(4) {
            let first = (at == layout.starts.start) as i32;
            let given = little(content, at).wrapping_sub(last) as i64;
            let left = points.wrapping_sub(last);
            size = self.integer(coder, START, given, [first, size, level(left.unsigned_abs() as u64)]) as i32;
            last = last.wrapping_add(size);
            content[at..at + 4].copy_from_slice(&last.to_le_bytes());
        }
        let types = layout.part_types.clone();
        code_bytes(&mut self.engine, coder, BYTES, content, types, 4);
    }

    /// The boxes of a record follow from its points.
    fn all_bounds<C: Coder>(&mut self, coder: &mut C, content: &mut [u8], layout: &Layout) {
        let many = !layout.bounds.is_empty();
        let mut own = [Extremes::default(); 4];
        for axis in 0..4 {
            let (range, step) = match axis {
                0 | 1 => (layout.xy.start + 8 * axis..layout.xy.end, 16),
                2 => (layout.z.clone(), 8),
                _ => (layout.m.clone(), 8),
            };
            for at in range.step_by(step) {
                own[axis].add(read_bits(content, at));
            }
            self.extremes[axis].join(&own[axis]);
        }
        if many {
            self.plane_bounds(coder, content, layout.bounds.start, &own);
        }
        if many && !layout.z_range.is_empty() {
            self.range(coder, content, layout.z_range.start, &own[2], 2);
        }
        if many && !layout.m_range.is_empty() {
            self.range(coder, content, layout.m_range.start, &own[3], 3);
        }
    }

    /// Four numbers at `at`: least x and y, most x and y.
    fn plane_bounds<C: Coder>(&mut self, coder: &mut C, bytes: &mut [u8], at: usize, own: &[Extremes; 4]) {
        let [x, y] = [own[0].bounds(false), own[1].bounds(false)];
        self.doubles(coder, bytes, at, &[[x[0], y[0], x[1], y[1]]; 2], 0);
    }

    fn range<C: Coder>(&mut self, coder: &mut C, bytes: &mut [u8], at: usize, own: &Extremes, axis: usize) {
        self.doubles(coder, bytes, at, &[own.bounds(false), own.bounds(true)], axis);
    }

    /// Numbers that are probably one of the expectations, or zeros.
    fn doubles<C: Coder, const L: usize>(
        &mut self, coder: &mut C, bytes: &mut [u8], at: usize, expected: &[[u64; L]; 2], axis: usize,
    ) {
        let given: [u64; L] = std::array::from_fn(|i| read_bits(bytes, at + 8 * i));
        let choices = [expected[0], expected[1], [0; L]];
        let which = choices.iter().position(|choice| *choice == given).unwrap_or(choices.len()) as u8;
        let b = self.bounds;
        let contexts = fill([hash(&[axis as i32, b & 15]), hash(&[axis as i32, b & 0xfff]), hash(&[axis as i32]), 0, 0, 0, 0]);
        let which = self.engine.nibble(coder, BOUNDS, which, &contexts, 0, axis, 0);
        self.bounds = b << 4 | which as i32;
        match choices.get(which as usize) {
            Some(choice) => {
                for (i, bits) in choice.iter().enumerate() {
                    bytes[at + 8 * i..][..8].copy_from_slice(&bits.to_le_bytes());
                }
            }
            None => code_bytes(&mut self.engine, coder, BYTES, bytes, at..at + 8 * L, 8),
        }
    }

    fn header<C: Coder>(&mut self, coder: &mut C, bytes: &mut [u8]) {
        let mut regular = [0; 36];
        regular[..4].copy_from_slice(&[0, 0, 0x27, 0x0a]);
        regular[24..28].copy_from_slice(&((bytes.len() / 2) as u32).to_be_bytes());
        regular[28..32].copy_from_slice(&1000u32.to_le_bytes());
        regular[32..].copy_from_slice(&self.shape_type.to_le_bytes());
        let given = bytes[..36] == regular;
        if self.engine.flag(coder, REGULAR, given, &[0; N], 0) {
            bytes[..36].copy_from_slice(&regular);
        } else {
            code_bytes(&mut self.engine, coder, BYTES, bytes, 0..36, 4);
        }
        let all = self.extremes;
        self.plane_bounds(coder, bytes, 36, &all);
        self.range(coder, bytes, 68, &all[2], 2);
        self.range(coder, bytes, 84, &all[3], 3);
    }

    fn integer<C: Coder>(&mut self, coder: &mut C, field: usize, value: i64, near: [i32; 3]) -> i64 {
        let [a, b, c] = near;
        let [la, lb] = [a, b].map(|value| level(value.unsigned_abs() as u64));
        let contexts =
            fill([hash(&[a]), hash(&[la, lb]), 0, hash(&[c, la]), hash(&[a, b, c]), hash(&[lb, c]), hash(&[la])]);
        self.engine.number(coder, field, value, &contexts, la as usize & 63)
    }
}

#[derive(Clone, Copy, Default)]
struct Extremes {
    /// Least and most of all, and of what is no missing measure.
    ends: [Option<(f64, f64)>; 2],
}

impl Extremes {
    fn add(&mut self, bits: u64) {
        let value = f64::from_bits(bits);
        self.ends[0] = wider(self.ends[0], value);
        if value > NO_DATA {
            self.ends[1] = wider(self.ends[1], value);
        }
    }

    fn join(&mut self, other: &Extremes) {
        for (mine, other) in self.ends.iter_mut().zip(other.ends) {
            for end in other.map(|(least, most)| [least, most]).into_iter().flatten() {
                *mine = wider(*mine, end);
            }
        }
    }

    fn bounds(&self, measured: bool) -> [u64; 2] {
        let (least, most) = self.ends[measured as usize].unwrap_or((0.0, 0.0));
        [least.to_bits(), most.to_bits()]
    }
}

/// Comparisons with what is no number are false and change nothing.
fn wider(ends: Option<(f64, f64)>, value: f64) -> Option<(f64, f64)> {
    match ends {
        None if value.is_nan() => None,
        None => Some((value, value)),
        Some((least, most)) => {
            Some((if value < least { value } else { least }, if value > most { value } else { most }))
        }
    }
}

/// Where rings (or lines) begin and end, as far as the starts of the parts make sense.
fn rings(content: &[u8], layout: &Layout, points: usize) -> Vec<Range<usize>> {
    let mut cuts = vec![0];
    for at in layout.starts.clone().step_by(4) {
        let start = little(content, at);
        let last = cuts[cuts.len() - 1];
        if start > last as i32 && (start as usize) < points {
            cuts.push(start as usize);
        }
    }
    cuts.push(points);
    cuts.windows(2).map(|pair| pair[0]..pair[1]).filter(|ring| !ring.is_empty()).collect()
}

/// What a record header says of its content, if that much is there.
fn content_length(bytes: &[u8]) -> Option<usize> {
    let length = usize::try_from(big(bytes, 4)).ok()?.checked_mul(2)?;
    (length <= bytes.len() - RECORD_HEADER_BYTES).then_some(length)
}

fn big(bytes: &[u8], at: usize) -> i32 {
    format::big_i32(bytes, at).unwrap_or(0)
}

fn little(bytes: &[u8], at: usize) -> i32 {
    format::read_i32(bytes, at).unwrap_or(0)
}
