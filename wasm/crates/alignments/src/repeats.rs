//! The latest place where the last bases stood before, on either strand.

#[derive(Clone, Copy, Default)]
pub struct Repeat {
    pub base: u8,
    /// 0: nothing is expected; below [`CONFIDENCES`].
    pub confidence: usize,
}

/// How many levels [`Repeat::confidence`] has.
pub const CONFIDENCES: usize = 1024;

impl Repeat {
    #[inline(always)]
    pub fn is_some(self) -> bool {
        self.confidence > 0
    }
}

/// A k-mer's last place: a check of 6 bits above the place, doubled, odd if it was the opposite strand's; 0 is none.
const PLACE_BITS: u32 = 26;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;
/// A repeat is measured no further back than this when it is found.
const LONGEST_MEASURED: usize = 40;
/// A repeat that failed so often of sixteen times is given up.
const PATIENCE: u32 = 8;

pub struct Repeats {
    heads: Vec<u32>,
    bits: u32,
    length: u32,
    /// Where the expected base is.
    at: usize,
    /// Whether its complement is expected, reading backwards.
    backward: bool,
    aimed: bool,
    /// Bases foretold in a row.
    matched: u32,
    /// The last sixteen outcomes, latest lowest, 1 for a base that came otherwise.
    misses: u32,
    /// What stood at the head of the k-mer before the newest base, and that k-mer's own entry.
    found: u32,
    entry: u32,
}

impl Repeats {
    /// Looks for `length` or more bases, 32 at most, with a table of `1 << bits` places.
    pub fn new(length: u32, bits: u32) -> Self {
        Repeats {
            heads: vec![0; 1 << bits],
            bits,
            length,
            at: 0,
            backward: false,
            aimed: false,
            matched: 0,
            misses: 0,
            found: 0,
            entry: 0,
        }
    }

    pub fn start_read(&mut self) {
        self.aimed = false;
        self.misses = 0;
        self.matched = 0;
        self.found = 0;
    }

    /// What is expected behind all of `history`.
    #[inline(always)]
    pub fn expected(&self, history: &[u8]) -> Repeat {
        if !self.aimed || self.at >= history.len() {
            return Repeat::default();
        }
        let base = if self.backward { 3 - history[self.at] } else { history[self.at] };
        let step = match self.matched {
            matched @ 0..=15 => matched,
            matched @ 16..=31 => 12 + matched / 4,
            32..=47 => 20,
            48..=63 => 21,
            64..=127 => 22,
            128..=255 => 23,
            256..=511 => 24,
            _ => 25,
        };
        let wrong = self.misses.count_ones().min(7);
        Repeat { base, confidence: (1 + step * 32 + wrong * 4 + (self.misses & 3)) as usize }
    }

    /// Takes in the newest base, which `history` ends with. `forward` and `reverse` hold the read's latest bases and,
    /// from the top, their complements.
    #[inline(always)]
    pub fn update(&mut self, history: &[u8], forward: u64, reverse: u64, read_length: usize) {
        let newest = history.len() - 1;
        if self.aimed {
            self.follow(history, newest);
        }
        // What was asked for one base ago is at hand by now.
        if self.found & PLACE_MASK != 0 && (self.found ^ self.entry) >> PLACE_BITS == 0 {
            self.aim(history, newest);
        }
        self.found = 0;
        if read_length < self.length as usize {
            return;
        }
        let ahead = forward & (u64::MAX >> (64 - 2 * self.length));
        let back = reverse >> (64 - 2 * self.length);
        let is_back = back < ahead;
        let hash = ahead.min(back).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let head = (hash >> (64 - self.bits)) as usize & (self.heads.len() - 1);
        let check = (hash >> 8) as u32 & !PLACE_MASK;
        self.entry = check | ((newest as u32 + 1) << 1 | is_back as u32) & PLACE_MASK;
        if !self.aimed || self.matched < 16 {
            self.found = self.heads[head];
        }
        self.heads[head] = self.entry;
    }

    #[inline(always)]
    fn follow(&mut self, history: &[u8], newest: usize) {
        let expected = if self.backward { 3 - history[self.at] } else { history[self.at] };
        let missed = expected != history[newest];
        self.misses = (self.misses << 1 | missed as u32) & 0xffff;
        self.matched = if missed { 0 } else { self.matched + 1 };
        if self.backward && self.at == 0 || self.misses.count_ones() > PATIENCE {
            self.aimed = false;
        } else if self.backward {
            self.at -= 1;
        } else {
            self.at += 1;
        }
    }

    /// Follows the place found if it agrees with the newest bases and is better than what is followed now.
    #[inline(always)]
    fn aim(&mut self, history: &[u8], newest: usize) {
        let end = ((self.found & PLACE_MASK) >> 1) as usize - 1;
        let backward = (self.found ^ self.entry) & 1 != 0;
        let length = self.length as usize;
        let start = (end + 1).wrapping_sub(length);
        // The k-mers ended one base before the newest.
        let matched = (0..LONGEST_MEASURED)
            .take_while(|&back| {
                let here = newest.wrapping_sub(back);
                let there = if backward { start.wrapping_add(back).wrapping_sub(1) } else { (end + 1).wrapping_sub(back) };
                match (history.get(here), history.get(there)) {
                    (Some(&here_base), Some(&base)) if there != here => here_base == if backward { 3 - base } else { base },
                    _ => false,
                }
            })
            .count();
        let next = if backward { start.wrapping_sub(2) } else { end + 2 };
        if matched > length && matched as u32 > self.matched && next <= newest {
            (self.at, self.backward, self.aimed) = (next, backward, true);
            (self.matched, self.misses) = (matched as u32, 0);
        }
    }
}
