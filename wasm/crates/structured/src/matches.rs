//! The latest place where the last bytes stood before. Like `coding::matching::Matcher`, but hashed from whole words
//! and measured for a few bytes only: most bytes of a record are already foretold by their place.

use coding::matching::Pointer;

/// A match is measured no further back than this when it is found.
const LONGEST_MEASURED: usize = 32;
/// A pointer that failed so often in a row is given up.
const PATIENCE: u32 = 16;

#[derive(Clone)]
pub struct Matcher<const MINIMUM: usize> {
    heads: Vec<u32>,
    pointer: Pointer,
    misses: u32,
}

impl<const MINIMUM: usize> Matcher<MINIMUM> {
    /// Looks for `MINIMUM` (at most 16) or more bytes with a table of `1 << bits` places.
    pub fn new(bits: u32) -> Self {
        assert!(MINIMUM <= 16);
        Matcher { heads: vec![0; 1 << bits], pointer: Pointer::default(), misses: 0 }
    }

    /// Takes in the newest byte. A pointer that has just failed keeps its place until a better one is found, since
    /// records often go on as before behind a field that differs.
    #[inline]
    pub fn update(&mut self, history: &[u8]) {
        self.pointer.follow(history);
        self.misses = if self.pointer.length() > 0 { 0 } else { self.misses + 1 };
        let Some(last) = history.last_chunk::<16>() else { return };
        let head = self.head(u128::from_be_bytes(*last));
        let candidate = std::mem::replace(&mut self.heads[head], history.len() as u32) as usize;
        if self.pointer.length() >= MINIMUM as u32 && self.pointer.is_aimed() {
            return;
        }
        if candidate > 0 {
            let length = common(history, candidate);
            if length >= MINIMUM && length as u32 > self.pointer.length() {
                self.pointer = Pointer::default();
                self.pointer.aim(candidate, length as u32);
                return;
            }
        }
        if self.misses >= PATIENCE {
            self.pointer.lose();
        }
    }

    #[inline(always)]
    pub fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    #[inline]
    fn head(&self, last: u128) -> usize {
        let tail = last << (128 - 8 * MINIMUM);
        let mixed = ((tail >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (tail as u64).rotate_left(31);
        (mixed.wrapping_mul(0x2f0b_4c47_9e37_79b9) >> 32) as usize & (self.heads.len() - 1)
    }
}

/// How many bytes before `at` equal the newest ones.
#[inline]
fn common(history: &[u8], at: usize) -> usize {
    let newest = history.len();
    let most = at.min(LONGEST_MEASURED);
    (1..=most).take_while(|&back| history[at - back] == history[newest - back]).count()
}
