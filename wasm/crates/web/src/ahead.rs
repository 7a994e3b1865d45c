//! Matches at level balanced, as those of [`crate::matcher`], but found two bytes later: the table and the place that it
//! names are read a byte ahead of when they are needed each, so that memory has the time of a byte to answer.

use crate::matcher::head;
use coding::matching::{Pointer, LONGEST_MEASURED};

/// Finds `LENGTH` or more bytes again, with a table of `1 << BITS` places.
#[derive(Clone)]
pub struct Matcher<const LENGTH: usize, const BITS: u32> {
    heads: Vec<u32>,
    pointer: Pointer,
    /// The place that the table named for the bytes before the newest one; 0 is none.
    fetched: usize,
    /// The place behind the one fetched a byte earlier, and how what stands before it differs from the bytes before the
    /// newest one.
    weighed: (usize, u64),
}

impl<const LENGTH: usize, const BITS: u32> Matcher<LENGTH, BITS> {
    pub fn new() -> Self {
        Matcher { heads: vec![0; 1 << BITS], pointer: Pointer::default(), fetched: 0, weighed: (0, 0) }
    }

    /// Takes in the newest byte of `history`. A pointer that has just failed keeps its place until a better one is
    /// found: code often goes on as before behind a name or a number that differs.
    #[inline]
    pub fn update(&mut self, history: &[u8]) {
        let Some(&newest) = history.last() else { return };
        self.pointer.follow(history);
        if history.len() < LENGTH {
            return;
        }
        let aimed = self.pointer.length() >= LENGTH as u32;
        let (candidate, differing) = self.weighed;
        self.weighed = self.weigh(history);
        self.fetched = self.fetch(history, aimed);
        if candidate > 0
            && !aimed
            && differing.trailing_zeros() as usize >= 8 * (LENGTH - 1).min(8)
            && history[candidate] == newest
        {
            let candidate = candidate + 1;
            let length = common(history, candidate);
            if length >= LENGTH && length as u32 > self.pointer.length() {
                self.pointer.aim_anew(candidate, length as u32);
                return;
            }
        }
        self.pointer.lose_patience();
    }

    /// Takes in the newest byte of `history` as one to be found later, looking for nothing itself.
    #[inline(always)]
    pub fn note(&mut self, history: &[u8]) {
        if history.len() >= LENGTH {
            self.heads[head::<LENGTH>(history, BITS)] = history.len() as u32;
        }
    }

    /// Notes the newest place in the table. Returns the one that was there, unless the pointer is aimed well.
    #[inline(always)]
    fn fetch(&mut self, history: &[u8], aimed: bool) -> usize {
        let head = &mut self.heads[head::<LENGTH>(history, BITS)];
        let newest = history.len() as u32;
        let there = std::mem::replace(head, newest);
        if aimed {
            0
        } else {
            there as usize
        }
    }

    /// The place behind the one fetched, and how what stands before it differs from the newest bytes.
    #[inline(always)]
    fn weigh(&self, history: &[u8]) -> (usize, u64) {
        if self.fetched == 0 {
            return (0, 0);
        }
        let next = self.fetched + 1;
        (next, general::recent(&history[..next]) ^ general::recent(history))
    }

    #[inline(always)]
    pub fn pointer(&self) -> &Pointer {
        &self.pointer
    }
}

/// How many bytes before `at` equal the newest ones; fewer than eight before the start of the history do not count.
#[inline(always)]
fn common(history: &[u8], at: usize) -> usize {
    let (old, new) = (&history[..at], history);
    let mut length = 0;
    while length < LONGEST_MEASURED && at >= length + 8 {
        let differing = general::recent(&old[..at - length]) ^ general::recent(&new[..new.len() - length]);
        if differing != 0 {
            return length + (differing.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_found_and_followed() {
        let text = [b"0123456789", &b"the quick brown fox, ".repeat(3)[..], b"the slow"].concat();
        let mut matcher = Matcher::<12, 12>::new();
        let mut right = 0;
        for end in 1..text.len() {
            matcher.update(&text[..end]);
            right += (matcher.pointer().expected(&text[..end]) == Some(text[end])) as usize;
        }
        assert!(right >= 31, "{right}");
    }

    #[test]
    fn a_pointer_recovers_behind_a_name_that_differs() {
        let text = b"0123456789var aa=1;f(aa,b);return aa;var bb=1;f(bb,b);return bb;";
        let mut matcher = Matcher::<4, 12>::new();
        for end in 1..text.len() {
            matcher.update(&text[..end]);
            if end > 56 && text[end] != b'b' {
                assert_eq!(matcher.pointer().expected(&text[..end]), Some(text[end]));
            }
        }
    }
}
