//! Bases by one context, for speed.

use crate::bits::BitCoder;

const ORDER: u32 = 11;

/// Bases behind the last eleven, as probabilities alone.
pub struct PlainBases {
    table: Vec<[u16; 4]>,
    context: usize,
}

impl PlainBases {
    pub fn new(count: usize) -> Self {
        let bits = (count as u64 * 4).max(1).ilog2().clamp(8, 2 * ORDER);
        PlainBases { table: vec![[32768; 4]; 1 << bits], context: 0 }
    }

    pub fn start_read(&mut self) {
        self.context = 0;
    }

    #[inline(always)]
    pub fn code<C: BitCoder>(&mut self, coder: &mut C, base: u8) -> u8 {
        let mask = self.table.len() - 1;
        let entry = &mut self.table[self.context & mask];
        let mut node = 0;
        let mut found = 0;
        for step in 0..2 {
            let p = &mut entry[node];
            let bit = coder.code((base >> (1 - step) & 1) as u32, (*p as u32).clamp(32, 65503));
            *p = if bit != 0 { *p + ((65535 - *p) >> 4) } else { *p - (*p >> 4) };
            found = found << 1 | bit as u8;
            node = 1 + bit as usize;
        }
        self.context = self.context << 2 | found as usize;
        found
    }
}
