//! The sliding window and the hash chains of zlib's encoder (`deflate.c`), for input that is all there at once.

pub const MIN_MATCH: usize = 3;
const MAX_MATCH: usize = 258;
pub const MIN_LOOKAHEAD: usize = MAX_MATCH + MIN_MATCH + 1;
const WINDOW_BITS: u32 = 15;
const WINDOW: usize = 1 << WINDOW_BITS;
const PLACE_MASK: usize = 2 * WINDOW - 1;
pub const MAX_DISTANCE: usize = WINDOW - MIN_LOOKAHEAD;
const HASH_BITS: u32 = 15;
const HASH_MASK: usize = (1 << HASH_BITS) - 1;
/// zlib's shift, so that three bytes make a hash.
const HASH_SHIFT: u32 = HASH_BITS.div_ceil(MIN_MATCH as u32);

/// How hard to look for matches.
#[derive(Clone, Copy)]
pub struct Effort {
    /// With a match of this length in hand, a quarter of the chain is enough.
    pub good: usize,
    /// No lazy search with a match of this length in hand; for fast levels, no insertions for longer matches.
    pub lazy: usize,
    /// A match of this length ends the search.
    pub nice: usize,
    pub chain: usize,
}

/// Which strings share a chain.
#[derive(Clone, Copy, PartialEq)]
pub enum Hash {
    /// zlib's rolling hash of three bytes.
    Rolling,
    /// CRC-32C of three bytes.
    Crc3,
    /// CRC-32C of four bytes.
    Crc4,
}

pub struct Window<'a> {
    input: &'a [u8],
    /// Bytes of the input that are in the window.
    read: usize,
    /// Bytes of the input that are known to the encoder.
    available: usize,
    /// Strings before `start` that have not been entered yet, for want of a third byte.
    missed: usize,
    bytes: Vec<u8>,
    /// Where the string before each one of its chain began, by the lower bits of its place.
    previous: Box<[u16; WINDOW]>,
    heads: Box<[u16; 1 << HASH_BITS]>,
    rolling: usize,
    hash: Hash,
    effort: Effort,
    /// The search ends at the first candidate that is no better.
    pub is_impatient: bool,
    pub start: usize,
    pub match_start: usize,
    pub lookahead: usize,
    pub previous_length: usize,
    /// Where the current block begins; negative when that has left the window.
    pub block_start: isize,
}

impl<'a> Window<'a> {
    pub fn new(input: &'a [u8], hash: Hash, effort: Effort) -> Self {
        Window {
            input,
            read: 0,
            available: input.len(),
            missed: 0,
            // Matches are compared beyond the end.
            bytes: vec![0; 2 * WINDOW + MAX_MATCH + 8],
            previous: zeros(),
            heads: zeros(),
            rolling: 0,
            hash,
            effort,
            is_impatient: false,
            start: 0,
            match_start: 0,
            lookahead: 0,
            previous_length: MIN_MATCH - 1,
            block_start: 0,
        }
    }

    #[inline]
    pub fn byte(&self, at: usize) -> u8 {
        self.bytes[at]
    }

    /// What the current block holds, if all of it is in the window, and how long that is.
    pub fn block(&self) -> (Option<&[u8]>, usize) {
        let length = (self.start as isize - self.block_start) as usize;
        let start = usize::try_from(self.block_start).ok();
        (start.map(|start| &self.bytes[start..self.start]), length)
    }

    /// Reads input so that the lookahead suffices, if there is any.
    pub fn fill(&mut self) {
        loop {
            let mut room = 2 * WINDOW - self.lookahead - self.start;
            if self.start >= WINDOW + MAX_DISTANCE {
                self.slide();
                room += WINDOW;
            }
            let count = room.min(self.available - self.read);
            if count == 0 {
                return;
            }
            let end = self.start + self.lookahead;
            self.bytes[end..end + count].copy_from_slice(&self.input[self.read..self.read + count]);
            self.read += count;
            self.lookahead += count;
            if self.lookahead + self.missed >= MIN_MATCH {
                self.enter_missed();
            }
            if self.lookahead >= MIN_LOOKAHEAD || self.read == self.available {
                return;
            }
        }
    }

    fn enter_missed(&mut self) {
        let mut at = self.start - self.missed;
        self.restart_hash(at);
        while self.missed > 0 {
            self.insert(at);
            at += 1;
            self.missed -= 1;
            if self.lookahead + self.missed < MIN_MATCH {
                break;
            }
        }
    }

    /// Makes so many more bytes of the input known, the strings of all others having been entered but the last two.
    pub fn extend(&mut self, count: usize) {
        self.available = (self.available + count).min(self.input.len());
        self.missed = self.start.min(MIN_MATCH - 1);
    }

    /// Forgets all input but the first `count` bytes.
    pub fn restrict(&mut self, count: usize) {
        self.available = self.available.min(count);
    }

    /// Whether all of the input is known.
    pub fn is_complete(&self) -> bool {
        self.available == self.input.len()
    }

    fn slide(&mut self) {
        self.bytes.copy_within(WINDOW..2 * WINDOW, 0);
        self.match_start = self.match_start.wrapping_sub(WINDOW);
        self.start -= WINDOW;
        self.block_start -= WINDOW as isize;
        for entry in self.heads.iter_mut().chain(self.previous.iter_mut()) {
            *entry = entry.saturating_sub(WINDOW as u16);
        }
    }

    /// Begins the rolling hash anew with the two bytes at `at`.
    #[inline]
    pub fn restart_hash(&mut self, at: usize) {
        self.rolling = self.bytes[at] as usize;
        self.rolling = (self.rolling << HASH_SHIFT ^ self.bytes[at + 1] as usize) & HASH_MASK;
    }

    /// Enters the string at `at`; where its like began before, 0 for nowhere.
    #[inline]
    pub fn insert(&mut self, at: usize) -> usize {
        let hash = match self.hash {
            Hash::Rolling => {
                self.rolling = (self.rolling << HASH_SHIFT ^ self.bytes[at + 2] as usize) & HASH_MASK;
                self.rolling
            }
            Hash::Crc3 => crc32c(&[self.bytes[at], self.bytes[at + 1], self.bytes[at + 2], 0]) as usize & HASH_MASK,
            Hash::Crc4 => {
                let bytes = [self.bytes[at], self.bytes[at + 1], self.bytes[at + 2], self.bytes[at + 3]];
                crc32c(&bytes) as usize & HASH_MASK
            }
        };
        let head = self.heads[hash];
        self.previous[at & (WINDOW - 1)] = head;
        self.heads[hash] = at as u16;
        head as usize
    }

    /// What to look at first of a candidate. An impatient search ends at the first one whose last two bytes agree.
    #[inline(always)]
    fn end_of(&self, best: usize) -> End {
        if self.is_impatient {
            End { from: best - 1, mask: 0xffff }
        } else if best > MIN_MATCH - 1 {
            End { from: best - 3, mask: u32::MAX }
        } else {
            End { from: 0, mask: 0xff_ffff }
        }
    }

    /// The length of the longest match with a string of the chain from `candidate` on; its place becomes
    /// `match_start` if it is longer than `previous_length`.
    pub fn longest_match(&mut self, mut candidate: usize) -> usize {
        let Effort { good, nice, mut chain, .. } = self.effort;
        let start = self.start;
        let mut best = self.previous_length;
        if best >= good {
            chain >>= 2;
        }
        let nice = nice.min(self.lookahead);
        let limit = start.saturating_sub(MAX_DISTANCE);
        let scan: &[u8; MAX_MATCH + 4] = self.bytes[start..].first_chunk().expect("there is room behind the window");
        let first = four_at(scan, 0) as u16;
        let mut end = self.end_of(best);
        let mut wanted = four_at(scan, end.from) & end.mask;
        loop {
            // SAFETY: candidates are places of the window, below 2 * WINDOW, and no match is longer than MAX_MATCH, so
            // that the four bytes are within what is allocated for comparisons.
            let found = unsafe { self.bytes.as_ptr().add((candidate & PLACE_MASK) + end.from).cast::<u32>().read_unaligned() };
            if u32::from_le(found) & end.mask == wanted && four_at(&self.bytes, candidate) as u16 == first {
                let other = self.bytes[candidate..].first_chunk().expect("candidates come before");
                let length = common(scan, other);
                if length > best {
                    self.match_start = candidate;
                    best = length;
                    // Nothing is longer than the longest match, and the search ends at one.
                    if length >= nice || best >= MAX_MATCH {
                        break;
                    }
                    end = self.end_of(best);
                    wanted = four_at(scan, end.from) & end.mask;
                } else if self.is_impatient {
                    break;
                }
            }
            candidate = self.previous[candidate & (WINDOW - 1)] as usize;
            chain -= 1;
            if candidate <= limit || chain == 0 {
                break;
            }
        }
        best.min(self.lookahead)
    }
}

/// Bytes in which a candidate agrees that is longer than the best match.
struct End {
    from: usize,
    mask: u32,
}

fn zeros<const COUNT: usize>() -> Box<[u16; COUNT]> {
    vec![0; COUNT].into_boxed_slice().try_into().expect("so many")
}

/// Four bytes, or 0 where there are fewer.
#[inline(always)]
fn four_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |&four| u32::from_le_bytes(four))
}

/// How many bytes agree from the first on.
#[inline]
fn common(a: &[u8; MAX_MATCH + 4], b: &[u8; MAX_MATCH + 4]) -> usize {
    let eight = |bytes: &[u8; MAX_MATCH + 4], at: usize| {
        bytes[at..].first_chunk().map_or(0, |&eight| u64::from_le_bytes(eight))
    };
    let mut length = 0;
    while length + 8 <= MAX_MATCH {
        let difference = eight(a, length) ^ eight(b, length);
        if difference != 0 {
            return length + (difference.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    while length < MAX_MATCH && a[length] == b[length] {
        length += 1;
    }
    length
}

static CRC32C: [u32; 256] = crc32c_table();

const fn crc32c_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 != 0 { value >> 1 ^ 0x82f6_3b78 } else { value >> 1 };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
}

/// CRC-32C from 0 without inversion, as the processor's instruction has it.
#[inline]
fn crc32c(bytes: &[u8; 4]) -> u32 {
    bytes.iter().fold(0, |crc, &byte| crc >> 8 ^ CRC32C[(crc as u8 ^ byte) as usize])
}
