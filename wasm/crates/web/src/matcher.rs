//! The latest place where the last bytes stood before, found by whole words of eight bytes at a time: three tables are
//! asked for each byte, so that the hash must not take longer than the answer.

use coding::matching::{Pointer, LONGEST_MEASURED};

/// Finds `LENGTH` or more bytes again, with a table of `1 << BITS` places.
#[derive(Clone)]
pub struct Matcher<const LENGTH: usize, const BITS: u32> {
    heads: Vec<u32>,
    pointer: Pointer,
}

impl<const LENGTH: usize, const BITS: u32> Matcher<LENGTH, BITS> {
    pub fn new() -> Self {
        Matcher { heads: vec![0; 1 << BITS], pointer: Pointer::default() }
    }

    /// Takes in the newest byte of `history`. A pointer that has just failed keeps its place until a better one is
    /// found: code often goes on as before behind a name or a number that differs.
    #[inline]
    pub fn update(&mut self, history: &[u8]) {
        self.pointer.follow(history);
        if history.len() < LENGTH {
            return;
        }
        let head = head::<LENGTH>(history, BITS);
        // A place is read only where it may be needed: reading waits for memory, writing does not.
        if self.pointer.length() >= LENGTH as u32 {
            self.heads[head] = history.len() as u32;
            return;
        }
        let candidate = std::mem::replace(&mut self.heads[head], history.len() as u32) as usize;
        if candidate > 0 {
            let length = common(history, candidate);
            if length >= LENGTH && length as u32 > self.pointer.length() {
                self.pointer.aim_anew(candidate, length as u32);
                return;
            }
        }
        self.pointer.lose_patience();
    }

    #[inline(always)]
    pub fn pointer(&self) -> &Pointer {
        &self.pointer
    }
}

/// The place in a table of `1 << bits` for the last `LENGTH` bytes.
#[inline(always)]
pub fn head<const LENGTH: usize>(history: &[u8], bits: u32) -> usize {
    let mut hash = 0u64;
    let mut end = history.len();
    let mut left = LENGTH;
    while left > 0 {
        let word = general::recent(&history[..end]);
        let taken = left.min(8);
        hash = (hash ^ word & (u64::MAX >> (64 - 8 * taken))).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
        (left, end) = (left - taken, end - taken);
    }
    (hash.wrapping_mul(0x2f0b_4c47_9e37_79b9) >> (64 - bits)) as usize
}

/// How many bytes before `at` equal the newest ones.
#[inline]
fn common(history: &[u8], at: usize) -> usize {
    let newest = history.len();
    let most = at.min(LONGEST_MEASURED);
    (1..=most).take_while(|&back| history[at - back] == history[newest - back]).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_found_and_followed() {
        let mut text = b"the quick brown fox, ".repeat(3);
        text.extend_from_slice(b"the slow");
        let mut matcher = Matcher::<12, 12>::new();
        let mut right = 0;
        for end in 1..text.len() {
            matcher.update(&text[..end]);
            right += (matcher.pointer().expected(&text[..end]) == Some(text[end])) as usize;
        }
        assert!(right >= 33, "{right}");
    }

    #[test]
    fn a_pointer_recovers_behind_a_name_that_differs() {
        let text = b"var aa=1;f(aa,b);return aa;var bb=1;f(bb,b);return bb;";
        let mut matcher = Matcher::<4, 12>::new();
        for end in 1..text.len() {
            matcher.update(&text[..end]);
            if end > 40 && text[end] != b'b' {
                assert_eq!(matcher.pointer().expected(&text[..end]), Some(text[end]));
            }
        }
    }
}
