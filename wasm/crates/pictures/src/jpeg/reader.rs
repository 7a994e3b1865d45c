//! From the entropy-coded data of a scan to coefficients (T.81, annexes F.2 and G.2).

use crate::jpeg::frame::{Frame, Scan, ScanComponent, Walk, ZIGZAG};
use crate::jpeg::huffman::Table;
use crate::jpeg::planes::{Block, Planes};

/// What cannot be told from the coefficients.
#[derive(Clone, Copy, Default)]
pub struct Habits {
    /// The longest run of blocks without further coefficients that was written as one.
    pub longest_run: u32,
    /// The bits that fill up the last byte before a marker.
    pub padding: bool,
}

/// Reads as much of a scan as `data` has, into `planes`. Damage just ends it.
pub fn read_scan(data: &[u8], frame: &Frame, scan: &Scan, planes: &mut Planes) -> Habits {
    let mut reader =
        Reader { bits: BitReader::new(data), dc: [0; 4], run: 0, habits: Habits::default(), padded: false };
    reader.read(frame, scan, planes);
    reader.habits
}

struct Reader<'a> {
    bits: BitReader<'a>,
    dc: [i32; 4],
    /// Blocks that have nothing more in this scan.
    run: u32,
    habits: Habits,
    padded: bool,
}

impl Reader<'_> {
    fn read(&mut self, frame: &Frame, scan: &Scan, planes: &mut Planes) -> Option<()> {
        let walk = Walk::new(frame, scan);
        let mut restarts = 0u8;
        let mut left = scan.interval;
        for unit_y in 0..walk.down {
            for unit_x in 0..walk.across {
                if scan.interval > 0 && left == 0 {
                    self.pad();
                    self.bits.restart(restarts)?;
                    restarts = (restarts + 1) & 7;
                    (self.dc, self.run, left) = ([0; 4], 0, scan.interval);
                }
                left = left.wrapping_sub(1);
                for b in &walk.blocks {
                    let block = planes.block(b.component, unit_x * b.step_x + b.x, unit_y * b.step_y + b.y)?;
                    self.block(frame, scan, b.member, block)?;
                }
            }
        }
        self.pad();
        Some(())
    }

    fn pad(&mut self) {
        if let Some(padding) = self.bits.pad() {
            if !self.padded {
                (self.padded, self.habits.padding) = (true, padding);
            }
        }
    }

    fn block(&mut self, frame: &Frame, scan: &Scan, member: usize, block: &mut Block) -> Option<()> {
        let component = &scan.components[member];
        if !frame.progressive {
            self.dc_first(component, member, 0, block)?;
            return self.ac_baseline(component.ac.as_ref()?, block);
        }
        match (scan.first, scan.high) {
            (0, 0) => self.dc_first(component, member, scan.low, block),
            (0, _) => {
                block[0] |= (self.bits.take(1)? << scan.low) as i16;
                Some(())
            }
            (_, 0) => self.ac_first(component.ac.as_ref()?, scan, block),
            _ => self.ac_refined(component.ac.as_ref()?, scan, block),
        }
    }

    fn dc_first(&mut self, component: &ScanComponent, member: usize, low: u32, block: &mut Block) -> Option<()> {
        let size = self.bits.symbol(component.dc.as_ref()?)? as u32;
        self.dc[member] += self.bits.value(size)?;
        block[0] = i16::try_from(self.dc[member] << low).ok()?;
        Some(())
    }

    fn ac_baseline(&mut self, table: &Table, block: &mut Block) -> Option<()> {
        let mut k = 1;
        while k < 64 {
            let symbol = self.bits.symbol(table)?;
            let (run, size) = ((symbol >> 4) as usize, symbol as u32 & 15);
            if size == 0 {
                if run != 15 {
                    return (run == 0).then_some(());
                }
                k += 16;
                continue;
            }
            k += run;
            let value = self.bits.value(size)?;
            *block.get_mut(*ZIGZAG.get(k)? as usize)? = value as i16;
            k += 1;
        }
        Some(())
    }

    fn ac_first(&mut self, table: &Table, scan: &Scan, block: &mut Block) -> Option<()> {
        if self.run > 0 {
            self.run -= 1;
            return Some(());
        }
        let mut k = scan.first;
        while k <= scan.last {
            let symbol = self.bits.symbol(table)?;
            let (run, size) = ((symbol >> 4) as usize, symbol as u32 & 15);
            if size == 0 {
                if run != 15 {
                    self.run = self.begin_run(run as u32)? - 1;
                    break;
                }
                k += 16;
                continue;
            }
            k += run;
            let value = self.bits.value(size)? << scan.low;
            block[*ZIGZAG.get(k)? as usize] = i16::try_from(value).ok()?;
            k += 1;
        }
        Some(())
    }

    fn ac_refined(&mut self, table: &Table, scan: &Scan, block: &mut Block) -> Option<()> {
        let one = 1i16 << scan.low;
        let mut k = scan.first;
        while k <= scan.last && self.run == 0 {
            let symbol = self.bits.symbol(table)?;
            let (mut zeros, size) = ((symbol >> 4) as u32, symbol & 15);
            let mut value = 0;
            if size == 0 {
                if zeros != 15 {
                    self.run = self.begin_run(zeros)?;
                    break;
                }
            } else if size == 1 {
                value = if self.bits.take(1)? != 0 { one } else { -one };
            } else {
                return None;
            }
            while k <= scan.last {
                let place = ZIGZAG[k] as usize;
                if block[place] != 0 {
                    self.refine(&mut block[place], one)?;
                } else if zeros == 0 {
                    if value != 0 {
                        block[place] = value;
                    }
                    k += 1;
                    break;
                } else {
                    zeros -= 1;
                }
                k += 1;
            }
        }
        if self.run > 0 {
            for &place in &ZIGZAG[k.min(scan.last + 1)..=scan.last] {
                if block[place as usize] != 0 {
                    self.refine(&mut block[place as usize], one)?;
                }
            }
            self.run -= 1;
        }
        Some(())
    }

    fn refine(&mut self, value: &mut i16, one: i16) -> Option<()> {
        if self.bits.take(1)? != 0 {
            *value = value.checked_add(if *value > 0 { one } else { -one })?;
        }
        Some(())
    }

    /// The length of a run of blocks, this one included.
    fn begin_run(&mut self, size: u32) -> Option<u32> {
        let run = (1 << size) + self.bits.take(size)?;
        self.habits.longest_run = self.habits.longest_run.max(run);
        Some(run)
    }
}

/// Bits, with the zero bytes behind 0xff left out.
struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, at the top.
    buffer: u64,
    count: u32,
}

impl<'a> BitReader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        BitReader { bytes, at: 0, buffer: 0, count: 0 }
    }

    #[inline]
    fn fill(&mut self) {
        while self.count <= 48 {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            if byte == 0xff {
                if self.bytes.get(self.at + 1) != Some(&0) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.buffer |= (byte as u64) << (56 - self.count);
            self.count += 8;
        }
    }

    #[inline]
    fn take(&mut self, count: u32) -> Option<u32> {
        if count == 0 {
            return Some(0);
        }
        if self.count < count {
            self.fill();
            if self.count < count {
                return None;
            }
        }
        let bits = (self.buffer >> (64 - count)) as u32;
        self.drop_bits(count);
        Some(bits)
    }

    #[inline]
    fn drop_bits(&mut self, count: u32) {
        self.buffer <<= count;
        self.count -= count;
    }

    #[inline]
    fn symbol(&mut self, table: &Table) -> Option<u8> {
        if self.count < 16 {
            self.fill();
        }
        let (length, symbol) = table.find((self.buffer >> 48) as u32)?;
        if length as u32 > self.count {
            return None;
        }
        self.drop_bits(length as u32);
        Some(symbol)
    }

    /// A number of so many bits: negative if the first is 0 (table F.1).
    #[inline]
    fn value(&mut self, size: u32) -> Option<i32> {
        if size == 0 {
            return Some(0);
        }
        if size > 15 {
            return None;
        }
        let bits = self.take(size)? as i32;
        Some(if bits >> (size - 1) == 0 { bits - (1 << size) + 1 } else { bits })
    }

    /// Drops the rest of the byte; gives its first bit if there is one.
    fn pad(&mut self) -> Option<bool> {
        let rest = self.count % 8;
        (rest > 0).then(|| {
            let first = self.buffer >> 63 != 0;
            self.drop_bits(rest);
            first
        })
    }

    /// Steps over the restart marker of this number.
    fn restart(&mut self, number: u8) -> Option<()> {
        if self.count > 0 || self.bytes.get(self.at..self.at + 2)? != [0xff, 0xd0 + number] {
            return None;
        }
        self.at += 2;
        Some(())
    }
}
