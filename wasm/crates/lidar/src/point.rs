//! A point as numbers, and the lattice on which a segment's numbers lie.

use crate::layout::Layout;

pub const WAVE_BYTES: usize = 29;
/// Of the lattice of coordinates.
pub const MAX_STEP: u32 = 1 << 30;

/// The fields that every model sees; waveform packets and extra bytes stay in the record.
#[derive(Clone, Copy, Default)]
pub struct Point {
    /// X, Y, Z in steps of the lattice.
    pub position: [i32; 3],
    pub intensity: u16,
    /// Return number, number of returns, scan direction, edge of flight line; from format 6 on only the returns.
    pub flags: u8,
    /// From format 6 on: classification flags, scanner channel, scan direction, edge of flight line.
    pub more_flags: u8,
    pub class: u8,
    pub user: u8,
    pub angle: i16,
    pub source: u16,
    /// GPS time in steps of the lattice.
    pub time: i64,
    pub colour: [u16; 4],
}

/// Number of this return, and of how many.
pub fn returns(point: &Point, extended: bool) -> (usize, usize) {
    let flags = point.flags as usize;
    if extended { (flags & 15, flags >> 4) } else { (flags & 7, flags >> 3 & 7) }
}

/// How GPS times become whole numbers.
#[derive(Clone, Copy)]
pub enum Clock {
    /// The bits of the binary64 number.
    Bits,
    /// The nearest binary64 numbers to decimals with so many places.
    Decimals(u8),
}

/// What all numbers of a field have in common: they are `origin + k * step`.
#[derive(Clone, Copy)]
pub struct Lattice {
    pub origin: [i32; 3],
    pub step: [u32; 3],
    pub intensity: u16,
    pub colour: u16,
    pub clock: Clock,
    pub time_origin: i64,
    pub time_step: u64,
}

fn u16_at(record: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([record[at], record[at + 1]])
}

fn i32_at(record: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(record[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(record: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(record[at..at + 8].try_into().expect("eight bytes"))
}

pub const MAX_DECIMALS: u8 = 9;
const TENS: [f64; MAX_DECIMALS as usize + 1] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

impl Clock {
    /// The number that stands for a time, or `None` if the time would not come back.
    fn read(self, bits: u64) -> Option<i64> {
        let Clock::Decimals(places) = self else { return Some(bits as i64) };
        let time = f64::from_bits(bits);
        let scaled = time * TENS[places as usize];
        if !(scaled.abs() < (1u64 << 52) as f64) {
            return None;
        }
        let number = if scaled < 0.0 { (scaled - 0.5) as i64 } else { (scaled + 0.5) as i64 };
        (self.write(number) == bits).then_some(number)
    }

    /// The number of a record's time; `None` if it has none.
    pub fn origin(self, record: &[u8], layout: &Layout) -> Option<i64> {
        layout.time_at.map_or(Some(0), |at| self.read(u64_at(record, at)))
    }

    fn write(self, number: i64) -> u64 {
        match self {
            Clock::Bits => number as u64,
            Clock::Decimals(places) => (number as f64 / TENS[places as usize]).to_bits(),
        }
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Lattice {
    /// The coordinates of a record on the axes that `has` one there, 0 on the others.
    pub fn corner(record: &[u8], has: impl Fn(usize) -> bool) -> [i32; 3] {
        std::array::from_fn(|axis| if has(axis) { i32_at(record, 4 * axis) } else { 0 })
    }

    /// The coarsest lattice that holds all records.
    pub fn find(records: &[u8], layout: &Layout) -> Lattice {
        let all = || records.chunks_exact(layout.record_bytes);
        let mut lattice = Lattice {
            origin: [0; 3],
            step: [1; 3],
            intensity: 1,
            colour: 1,
            clock: Clock::Bits,
            time_origin: 0,
            time_step: 1,
        };
        for axis in 0..3 {
            let first = i32_at(records, 4 * axis);
            let (mut common, mut low, mut high) = (0, first, first);
            for record in all() {
                let value = i32_at(record, 4 * axis);
                (low, high) = (low.min(value), high.max(value));
                if common != 1 {
                    common = gcd((value as i64 - first as i64).unsigned_abs(), common);
                }
            }
            if (high as i64 - low as i64) < 1 << 31 {
                lattice.origin[axis] = first;
                lattice.step[axis] = if (1..=MAX_STEP as u64).contains(&common) { common as u32 } else { 1 };
            }
        }
        lattice.intensity = all().fold(0, |common, record| gcd(u16_at(record, 12) as u64, common)).max(1) as u16;
        if let Some(at) = layout.colour_at {
            let mut common = 0;
            for record in all() {
                for channel in 0..layout.channels {
                    if common != 1 {
                        common = gcd(u16_at(record, at + 2 * channel) as u64, common);
                    }
                }
            }
            lattice.colour = common.max(1) as u16;
        }
        if let Some(at) = layout.time_at {
            lattice.find_clock(records, layout, at);
        }
        lattice
    }

    fn find_clock(&mut self, records: &[u8], layout: &Layout, at: usize) {
        let all = || records.chunks_exact(layout.record_bytes).map(|record| u64_at(record, at));
        // A decimal place is worth it while it is coarser than the spacing of the numbers.
        let largest = all().map(|bits| f64::from_bits(bits).abs()).fold(0.0, f64::max);
        let fits = |places: u8| {
            let clock = Clock::Decimals(places);
            largest * TENS[places as usize] < (1u64 << 50) as f64 && all().all(|bits| clock.read(bits).is_some())
        };
        self.clock = (0..=MAX_DECIMALS).find(|&places| fits(places)).map_or(Clock::Bits, Clock::Decimals);
        let number = |bits| self.clock.read(bits).unwrap_or(bits as i64);
        self.time_origin = number(u64_at(records, at));
        let step = all().try_fold(0, |common, bits| {
            let offset = number(bits).checked_sub(self.time_origin)?.unsigned_abs();
            Some(if common == 1 { 1 } else { gcd(offset, common) })
        });
        // Differences that overflow have no common step.
        self.time_step = step.filter(|step| (1..=i64::MAX as u64).contains(step)).unwrap_or(1);
    }

    pub fn read(&self, record: &[u8], layout: &Layout) -> Point {
        let axis = |axis: usize| {
            let offset = i32_at(record, 4 * axis).wrapping_sub(self.origin[axis]);
            if self.step[axis] == 1 { offset } else { offset / self.step[axis] as i32 }
        };
        let mut colour = [0; 4];
        if let Some(at) = layout.colour_at {
            for channel in 0..layout.channels {
                colour[channel] = u16_at(record, at + 2 * channel) / self.colour;
            }
        }
        let angle = u16_at(record, layout.angle_at);
        Point {
            position: [axis(0), axis(1), axis(2)],
            intensity: u16_at(record, 12) / self.intensity,
            flags: record[14],
            more_flags: if layout.extended { record[15] } else { 0 },
            class: record[layout.class_at],
            user: record[layout.user_at],
            angle: if layout.extended { angle as i16 } else { angle as i8 as i16 },
            source: u16_at(record, layout.source_at),
            time: layout.time_at.map_or(0, |at| {
                let number = self.clock.read(u64_at(record, at)).unwrap_or_default();
                let offset = number.wrapping_sub(self.time_origin);
                if self.time_step == 1 { offset } else { offset / self.time_step as i64 }
            }),
            colour,
        }
    }

    pub fn write(&self, point: &Point, record: &mut [u8], layout: &Layout) {
        for axis in 0..3 {
            let offset = point.position[axis].wrapping_mul(self.step[axis] as i32);
            record[4 * axis..][..4].copy_from_slice(&self.origin[axis].wrapping_add(offset).to_le_bytes());
        }
        record[12..14].copy_from_slice(&point.intensity.wrapping_mul(self.intensity).to_le_bytes());
        record[14] = point.flags;
        if layout.extended {
            record[15] = point.more_flags;
            record[18..20].copy_from_slice(&point.angle.to_le_bytes());
        } else {
            record[16] = point.angle as u8;
        }
        record[layout.class_at] = point.class;
        record[layout.user_at] = point.user;
        record[layout.source_at..][..2].copy_from_slice(&point.source.to_le_bytes());
        if let Some(at) = layout.time_at {
            let number = self.time_origin.wrapping_add(point.time.wrapping_mul(self.time_step as i64));
            record[at..at + 8].copy_from_slice(&self.clock.write(number).to_le_bytes());
        }
        if let Some(at) = layout.colour_at {
            for channel in 0..layout.channels {
                let value = point.colour[channel].wrapping_mul(self.colour);
                record[at + 2 * channel..][..2].copy_from_slice(&value.to_le_bytes());
            }
        }
    }
}
