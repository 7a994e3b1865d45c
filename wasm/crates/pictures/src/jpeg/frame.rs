//! What the marker segments of ITU-T T.81, annex B, say about a picture.

use crate::jpeg::huffman::Table;

/// Where the coefficient of each place in a scan stands in a block, row by row (figure 5).
pub const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14,
    21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60,
    61, 54, 47, 55, 62, 63,
];

const MAX_COMPONENTS: usize = 4;

pub struct Component {
    pub id: u8,
    /// Sampling factors.
    pub across: usize,
    pub down: usize,
    /// Which quantisation table.
    pub table: usize,
    /// Blocks that hold samples, in each direction.
    pub width: usize,
    pub height: usize,
    /// Blocks of a row with those that fill up the last unit.
    pub stride: usize,
}

pub struct Frame {
    pub progressive: bool,
    /// Units of a scan of several components, in each direction.
    pub units_across: usize,
    pub units_down: usize,
    pub components: Vec<Component>,
}

/// One component of a scan, with its tables as they stood at the scan's start.
pub struct ScanComponent {
    pub index: usize,
    pub dc: Option<Table>,
    pub ac: Option<Table>,
}

pub struct Scan {
    pub components: Vec<ScanComponent>,
    /// First and last coefficient, in zigzag order.
    pub first: usize,
    pub last: usize,
    /// Successive approximation: the bit of the scan before (0: none) and of this one.
    pub high: u32,
    pub low: u32,
    /// Units between restart markers; 0: none.
    pub interval: usize,
}

/// What the segments so far have said.
pub struct Headers {
    pub frame: Option<Frame>,
    /// Row by row.
    pub quantisers: [[u16; 64]; 4],
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    interval: usize,
}

/// What a segment was.
pub enum Segment {
    Tables,
    Scan(Scan),
}

impl Headers {
    pub fn new() -> Self {
        Headers {
            frame: None,
            quantisers: [[1; 64]; 4],
            dc: [const { None }; 4],
            ac: [const { None }; 4],
            interval: 0,
        }
    }

    /// Takes one segment: its marker's second byte and what follows the length. None if it is of no use here:
    /// not Huffman coded, hierarchical, lossless or damaged.
    pub fn take(&mut self, marker: u8, body: &[u8]) -> Option<Segment> {
        match marker {
            0xc0..=0xc2 => self.frame = Some(self.read_frame(marker == 0xc2, body)?),
            0xc4 => self.read_codes(body)?,
            0xc3 | 0xc5..=0xcf | 0xdc | 0xde | 0xdf => return None,
            0xda => return self.read_scan(body).map(Segment::Scan),
            0xdb => self.read_quantisers(body)?,
            0xdd => self.interval = be16(body, 0)?,
            _ => {}
        }
        Some(Segment::Tables)
    }

    fn read_frame(&self, progressive: bool, body: &[u8]) -> Option<Frame> {
        let (height, width, count) = (be16(body, 1)?, be16(body, 3)?, *body.get(5)? as usize);
        if self.frame.is_some() || width == 0 || height == 0 || !(1..=MAX_COMPONENTS).contains(&count) {
            return None;
        }
        let specs: Vec<&[u8]> = body.get(6..6 + 3 * count)?.chunks_exact(3).collect();
        let factors: Vec<(usize, usize)> =
            specs.iter().map(|s| ((s[1] >> 4) as usize, (s[1] & 15) as usize)).collect();
        if factors.iter().any(|&(h, v)| !(1..=4).contains(&h) || !(1..=4).contains(&v))
            || specs.iter().any(|s| s[2] > 3)
        {
            return None;
        }
        let most_across = factors.iter().map(|f| f.0).max()?;
        let most_down = factors.iter().map(|f| f.1).max()?;
        let units_across = width.div_ceil(8 * most_across);
        let units_down = height.div_ceil(8 * most_down);
        let component = |(spec, &(across, down)): (&&[u8], &(usize, usize))| Component {
            id: spec[0],
            across,
            down,
            table: spec[2] as usize,
            width: (width * across).div_ceil(most_across).div_ceil(8),
            height: (height * down).div_ceil(most_down).div_ceil(8),
            stride: units_across * across,
        };
        let components = specs.iter().zip(&factors).map(component).collect();
        Some(Frame { progressive, units_across, units_down, components })
    }

    fn read_codes(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&kind, rest)) = body.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>()?;
            let (symbols, rest) = rest.split_at_checked(counts.iter().map(|&n| n as usize).sum())?;
            let tables = if kind >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            *tables.get_mut((kind & 15) as usize)? = Some(Table::new(counts, symbols)?);
            body = rest;
        }
        Some(())
    }

    fn read_quantisers(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&kind, rest)) = body.split_first() {
            let bytes = if kind >> 4 == 0 { 1 } else { 2 };
            let (values, rest) = rest.split_at_checked(64 * bytes)?;
            let table = self.quantisers.get_mut((kind & 15) as usize)?;
            for (value, &place) in values.chunks_exact(bytes).zip(&ZIGZAG) {
                table[place as usize] = value.iter().fold(0, |sum, &byte| sum << 8 | byte as u16);
            }
            body = rest;
        }
        Some(())
    }

    fn read_scan(&self, body: &[u8]) -> Option<Scan> {
        let frame = self.frame.as_ref()?;
        let count = *body.first()? as usize;
        let specs = body.get(1..1 + 2 * count)?;
        let tail = body.get(1 + 2 * count..4 + 2 * count)?;
        let mut components = Vec::new();
        for spec in specs.chunks_exact(2) {
            let index = frame.components.iter().position(|c| c.id == spec[0])?;
            let table = |tables: &[Option<Table>; 4], at: u8| tables.get(at as usize).cloned().flatten();
            components.push(ScanComponent {
                index,
                dc: table(&self.dc, spec[1] >> 4),
                ac: table(&self.ac, spec[1] & 15),
            });
        }
        let (first, last) = (tail[0] as usize, tail[1] as usize);
        let (high, low) = ((tail[2] >> 4) as u32, (tail[2] & 15) as u32);
        let fits = if frame.progressive {
            first <= last && last <= 63 && (first > 0 || last == 0) && (first == 0 || count == 1) && low <= 13
        } else {
            (first, last, high, low) == (0, 63, 0, 0)
        };
        let repeated =
            components.iter().enumerate().any(|(i, c)| components[..i].iter().any(|d| d.index == c.index));
        (fits && count > 0 && !repeated).then_some(Scan {
            components,
            first,
            last,
            high,
            low,
            interval: self.interval,
        })
    }
}

/// The walk over the units of a scan (A.2): the rows of units, and in each unit the blocks of each component.
pub struct Walk {
    pub across: usize,
    pub down: usize,
    /// Of a unit, in order: place in the scan, component, and the block's offset within the unit.
    pub blocks: Vec<UnitBlock>,
}

pub struct UnitBlock {
    pub member: usize,
    pub component: usize,
    pub x: usize,
    pub y: usize,
    /// Blocks from one unit to the next.
    pub step_x: usize,
    pub step_y: usize,
}

impl Walk {
    pub fn new(frame: &Frame, scan: &Scan) -> Self {
        if let [only] = &scan.components[..] {
            let component = &frame.components[only.index];
            let block = UnitBlock { member: 0, component: only.index, x: 0, y: 0, step_x: 1, step_y: 1 };
            return Walk { across: component.width, down: component.height, blocks: vec![block] };
        }
        let mut blocks = Vec::new();
        for (member, part) in scan.components.iter().enumerate() {
            let Component { across, down, .. } = frame.components[part.index];
            for y in 0..down {
                for x in 0..across {
                    blocks.push(UnitBlock { member, component: part.index, x, y, step_x: across, step_y: down });
                }
            }
        }
        Walk { across: frame.units_across, down: frame.units_down, blocks }
    }
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?) as usize)
}
