//! Records of a main file: ESRI Shapefile Technical Description (July 1998), from page 4 on.

use std::ops::Range;

pub const HEADER_BYTES: usize = 100;
pub const RECORD_HEADER_BYTES: usize = 8;
const FILE_CODE: i32 = 9994;

/// What the points of a record make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Null,
    Point,
    /// Polylines and polygons.
    Parts,
    MultiPoint,
    /// Parts with types.
    MultiPatch,
}

/// A shape type, and whether its optional measures are there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Form {
    pub shape_type: i32,
    pub kind: Kind,
    pub has_z: bool,
    pub has_m: bool,
}

impl Form {
    /// `measured` counts for types with Z alone, where measures may be left out.
    pub fn new(shape_type: i32, measured: bool) -> Option<Form> {
        let kind = match shape_type {
            0 => Kind::Null,
            1 | 11 | 21 => Kind::Point,
            3 | 5 | 13 | 15 | 23 | 25 => Kind::Parts,
            8 | 18 | 28 => Kind::MultiPoint,
            31 => Kind::MultiPatch,
            _ => return None,
        };
        let has_z = matches!(shape_type, 11 | 13 | 15 | 18 | 31);
        let has_m = if has_z { measured } else { shape_type / 10 == 2 };
        Some(Form { shape_type, kind, has_z, has_m })
    }

    /// Whether a ring's last point is its first one.
    pub fn is_closed(&self) -> bool {
        matches!(self.shape_type, 5 | 15 | 25 | 31)
    }

    /// Where everything lies in a content of so many parts and points; nothing where that is beyond any file.
    pub fn layout(&self, parts: i32, points: i32) -> Option<Layout> {
        let (parts, points) = (usize::try_from(parts).ok()?, usize::try_from(points).ok()?);
        if parts.max(points) > 1 << 28 {
            return None;
        }
        let mut at = 4;
        let mut take = |bytes: usize| {
            let range = at..at + bytes;
            at += bytes;
            range
        };
        let many = !matches!(self.kind, Kind::Null | Kind::Point);
        let bounds = take(if many { 32 } else { 0 });
        let has_parts = matches!(self.kind, Kind::Parts | Kind::MultiPatch);
        take(if has_parts { 8 } else if many { 4 } else { 0 });
        let starts = take(if has_parts { 4 * parts } else { 0 });
        let part_types = take(if self.kind == Kind::MultiPatch { 4 * parts } else { 0 });
        let range = if many { 16 } else { 0 };
        let xy = take(16 * points);
        let z_range = take(if self.has_z { range } else { 0 });
        let z = take(if self.has_z { 8 * points } else { 0 });
        let m_range = take(if self.has_m { range } else { 0 });
        let m = take(if self.has_m { 8 * points } else { 0 });
        Some(Layout { bounds, starts, part_types, xy, z_range, z, m_range, m, length: at })
    }

    /// Numbers of parts and points: those that a content says it has, or that it always has.
    pub fn counts(&self, content: &[u8]) -> Option<(i32, i32)> {
        Some(match self.kind {
            Kind::Null => (0, 0),
            Kind::Point => (0, 1),
            Kind::MultiPoint => (0, read_i32(content, 36)?),
            Kind::Parts | Kind::MultiPatch => (read_i32(content, 36)?, read_i32(content, 40)?),
        })
    }
}

/// Byte ranges in a content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    pub bounds: Range<usize>,
    pub starts: Range<usize>,
    pub part_types: Range<usize>,
    pub xy: Range<usize>,
    pub z_range: Range<usize>,
    pub z: Range<usize>,
    pub m_range: Range<usize>,
    pub m: Range<usize>,
    pub length: usize,
}

/// How a content is to be read, if all of it can be.
pub fn parse(content: &[u8]) -> Option<(Form, Layout, (i32, i32))> {
    let shape_type = read_i32(content, 0)?;
    [true, false].into_iter().find_map(|measured| {
        let form = Form::new(shape_type, measured)?;
        let counts = form.counts(content)?;
        let layout = form.layout(counts.0, counts.1)?;
        (layout.length == content.len()).then_some((form, layout, counts))
    })
}

pub fn has_header(bytes: &[u8]) -> bool {
    bytes.len() >= HEADER_BYTES && big_i32(bytes, 0) == Some(FILE_CODE)
}

pub fn read_i32(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

pub fn big_i32(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The bits of a number; `at` must lie inside.
pub fn read_bits(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}
