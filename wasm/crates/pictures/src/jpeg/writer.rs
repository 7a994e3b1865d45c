//! From coefficients to the entropy-coded data of a scan (T.81, annexes F.1 and G.1), the way encoders do it that
//! write as few symbols as they can.

use crate::jpeg::frame::{Frame, Scan, ScanComponent, Walk, ZIGZAG};
use crate::jpeg::huffman::Table;
use crate::jpeg::planes::{Block, Planes};
use crate::jpeg::reader::Habits;

/// The longest run of blocks that a symbol can say.
const MAX_RUN: u32 = 0x7fff;
/// Encoders of the libjpeg family end a run before their buffer of correction bits is full.
const MAX_CORRECTIONS: usize = 1000 - 64 + 1;

/// Writes a scan, or as much of it as its tables have codes for, until `limit` bytes are written.
pub fn write_scan(frame: &Frame, scan: &Scan, planes: &Planes, habits: Habits, limit: usize) -> Vec<u8> {
    let mut writer = Writer {
        bits: BitWriter { bytes: Vec::new(), buffer: 0, count: 0 },
        dc: [0; 4],
        run: 0,
        corrections: Vec::new(),
        habits,
    };
    writer.write(frame, scan, planes, limit);
    writer.bits.bytes
}

struct Writer {
    bits: BitWriter,
    dc: [i32; 4],
    /// Blocks without further coefficients, not yet written, and their correction bits.
    run: u32,
    corrections: Vec<bool>,
    habits: Habits,
}

impl Writer {
    fn write(&mut self, frame: &Frame, scan: &Scan, planes: &Planes, limit: usize) -> Option<()> {
        let walk = Walk::new(frame, scan);
        let (mut restarts, mut left) = (0u8, scan.interval);
        for unit_y in 0..walk.down {
            for unit_x in 0..walk.across {
                if scan.interval > 0 && left == 0 {
                    self.end_run(scan)?;
                    self.bits.pad(self.habits.padding);
                    self.bits.bytes.extend_from_slice(&[0xff, 0xd0 + restarts]);
                    restarts = (restarts + 1) & 7;
                    (self.dc, left) = ([0; 4], scan.interval);
                }
                left = left.wrapping_sub(1);
                for b in &walk.blocks {
                    let block = planes.planes[b.component].get(unit_x * b.step_x + b.x, unit_y * b.step_y + b.y);
                    self.block(frame, scan, b.member, block)?;
                }
                if self.bits.bytes.len() >= limit {
                    return None;
                }
            }
        }
        self.end_run(scan)?;
        self.bits.pad(self.habits.padding);
        Some(())
    }

    fn block(&mut self, frame: &Frame, scan: &Scan, member: usize, block: &Block) -> Option<()> {
        let component = &scan.components[member];
        if !frame.progressive {
            self.dc_first(component, member, 0, block)?;
            return self.ac_baseline(component.ac.as_ref()?, block);
        }
        match (scan.first, scan.high) {
            (0, 0) => self.dc_first(component, member, scan.low, block),
            (0, _) => {
                self.bits.put((block[0] >> scan.low & 1) as u32, 1);
                Some(())
            }
            (_, 0) => self.ac_first(component.ac.as_ref()?, scan, block),
            _ => self.ac_refined(component.ac.as_ref()?, scan, block),
        }
    }

    fn dc_first(&mut self, component: &ScanComponent, member: usize, low: u32, block: &Block) -> Option<()> {
        let value = block[0] as i32 >> low;
        let difference = value - self.dc[member];
        self.dc[member] = value;
        let size = size_of(difference);
        self.bits.symbol(component.dc.as_ref()?, size as u8)?;
        self.bits.value(difference, size);
        Some(())
    }

    fn ac_baseline(&mut self, table: &Table, block: &Block) -> Option<()> {
        let mut zeros = 0;
        for &place in &ZIGZAG[1..] {
            let value = block[place as usize] as i32;
            if value == 0 {
                zeros += 1;
                continue;
            }
            self.coefficient(table, &mut zeros, value)?;
        }
        if zeros > 0 {
            self.bits.symbol(table, 0)?;
        }
        Some(())
    }

    /// Writes a coefficient with the zeros before it.
    fn coefficient(&mut self, table: &Table, zeros: &mut u8, value: i32) -> Option<()> {
        while *zeros > 15 {
            self.bits.symbol(table, 0xf0)?;
            *zeros -= 16;
        }
        let size = size_of(value);
        if size > 15 {
            return None;
        }
        self.bits.symbol(table, *zeros << 4 | size as u8)?;
        self.bits.value(value, size);
        *zeros = 0;
        Some(())
    }

    fn ac_first(&mut self, table: &Table, scan: &Scan, block: &Block) -> Option<()> {
        let mut zeros = 0;
        for &place in &ZIGZAG[scan.first..=scan.last] {
            let value = block[place as usize] as i32;
            let shifted = if value < 0 { -(-value >> scan.low) } else { value >> scan.low };
            if shifted == 0 {
                zeros += 1;
                continue;
            }
            self.end_run(scan)?;
            self.coefficient(table, &mut zeros, shifted)?;
        }
        if zeros > 0 {
            self.run += 1;
            self.end_long_run(scan)?;
        }
        Some(())
    }

    fn ac_refined(&mut self, table: &Table, scan: &Scan, block: &Block) -> Option<()> {
        let sizes: [u32; 64] =
            std::array::from_fn(|k| (block[ZIGZAG[k] as usize] as i32).unsigned_abs() >> scan.low);
        let last_new = (scan.first..=scan.last).rev().find(|&k| sizes[k] == 1).unwrap_or(0);
        let mut zeros = 0u8;
        // Correction bits of this block that follow no symbol yet; those of a run come before them.
        let mut own = Vec::new();
        for k in scan.first..=scan.last {
            if sizes[k] == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 && k <= last_new {
                self.end_run(scan)?;
                self.bits.symbol(table, 0xf0)?;
                zeros -= 16;
                self.put_all(&mut own);
            }
            if sizes[k] > 1 {
                own.push(sizes[k] & 1 != 0);
                continue;
            }
            self.end_run(scan)?;
            self.bits.symbol(table, zeros << 4 | 1)?;
            self.bits.put((block[ZIGZAG[k] as usize] > 0) as u32, 1);
            self.put_all(&mut own);
            zeros = 0;
        }
        if zeros > 0 || !own.is_empty() {
            self.run += 1;
            self.corrections.append(&mut own);
            if self.corrections.len() > MAX_CORRECTIONS {
                self.end_run(scan)?;
            }
            self.end_long_run(scan)?;
        }
        Some(())
    }

    fn put_all(&mut self, bits: &mut Vec<bool>) {
        for bit in bits.drain(..) {
            self.bits.put(bit as u32, 1);
        }
    }

    fn end_long_run(&mut self, scan: &Scan) -> Option<()> {
        if self.run >= self.habits.longest_run.min(MAX_RUN) {
            self.end_run(scan)?;
        }
        Some(())
    }

    fn end_run(&mut self, scan: &Scan) -> Option<()> {
        if self.run == 0 {
            return Some(());
        }
        let size = self.run.ilog2();
        self.bits.symbol(scan.components[0].ac.as_ref()?, (size << 4) as u8)?;
        self.bits.put(self.run - (1 << size), size);
        self.run = 0;
        let mut corrections = std::mem::take(&mut self.corrections);
        self.put_all(&mut corrections);
        self.corrections = corrections;
        Some(())
    }
}

/// Bits of a number's size (table F.1).
fn size_of(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

struct BitWriter {
    bytes: Vec<u8>,
    /// The last bits, at the bottom.
    buffer: u64,
    count: u32,
}

impl BitWriter {
    #[inline]
    fn put(&mut self, bits: u32, count: u32) {
        self.buffer = self.buffer << count | bits as u64;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.buffer >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xff {
                self.bytes.push(0);
            }
        }
    }

    #[inline]
    fn symbol(&mut self, table: &Table, symbol: u8) -> Option<()> {
        let (length, code) = table.code(symbol);
        self.put(code as u32, length as u32);
        (length > 0).then_some(())
    }

    #[inline]
    fn value(&mut self, value: i32, size: u32) {
        let bits = if value < 0 { value + (1 << size) - 1 } else { value };
        self.put(bits as u32, size);
    }

    fn pad(&mut self, padding: bool) {
        let room = (8 - self.count % 8) % 8;
        self.put(if padding { (1 << room) - 1 } else { 0 }, room);
    }
}
