//! Bases by one context each, for speed.

use crate::bits::BitCoder;

const SHORT: u32 = 11;
const LONG: u32 = 16;
/// Nodes of a base's tree, and in long contexts a check.
type Entry = [u16; 4];
const NEW: Entry = [32768; 4];

/// Bases behind the last sixteen if those have been seen, else behind the last eleven, as probabilities alone.
pub struct PlainBases {
    short: Vec<Entry>,
    long: Vec<Entry>,
    context: u64,
    /// Makes the memory of the entries that may come next be asked for while there is time.
    ahead: u16,
}

impl PlainBases {
    /// `count`: how many bases there are.
    pub fn new(count: usize) -> Self {
        let bits = (count as u64 * 4).max(1).ilog2();
        PlainBases {
            short: vec![NEW; 1 << bits.clamp(8, 2 * SHORT)],
            long: vec![[0; 4]; 1 << bits.clamp(8, 22)],
            context: 0,
            ahead: 0,
        }
    }

    pub fn start_read(&mut self) {
        self.context = 0;
    }

    #[inline(always)]
    pub fn code<C: BitCoder>(&mut self, coder: &mut C, base: u8) -> u8 {
        let (short, long, check) = self.places(self.context);
        let (next_short, next_long, _) = self.places(self.context << 2);
        self.ahead ^= self.short[next_short][0] ^ self.long[next_long][0];
        let is_known = self.long[long][3] == check;
        if !is_known {
            self.long[long] = [32768, 32768, 32768, check];
        }
        let mut node = 0;
        let mut found = 0;
        for step in 0..2 {
            let in_long = &mut self.long[long][node];
            let in_short = &mut self.short[short][node];
            let one = if is_known { *in_long } else { *in_short };
            let bit = coder.code((base >> (1 - step) & 1) as u32, (one as u32).clamp(64, 65471));
            *in_long = if bit != 0 { *in_long + ((65535 - *in_long) >> 2) } else { *in_long - (*in_long >> 2) };
            *in_short = if bit != 0 { *in_short + ((65535 - *in_short) >> 4) } else { *in_short - (*in_short >> 4) };
            found = found << 1 | bit as u8;
            node = 1 + bit as usize;
        }
        self.context = self.context << 2 | found as u64;
        found
    }

    /// Entries and check of a context; those of contexts that differ in the latest base alone are neighbours.
    #[inline(always)]
    fn places(&self, context: u64) -> (usize, usize, u16) {
        let before = context >> 2 & ((1 << (2 * LONG - 2)) - 1);
        let hash = (before + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let long = (hash >> 32) as usize & !3 | context as usize & 3;
        let check = (hash >> 16) as u16 | 1;
        (context as usize & (self.short.len() - 1), long & (self.long.len() - 1), check)
    }
}
