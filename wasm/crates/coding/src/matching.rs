//! Models that expect a whole byte because of where it stood before: long matches (lpaq's and PAQ8's match model) and
//! any other pointer into the past, such as the same column of the line above.

use crate::maps::Map;

/// How many levels [`Pointer::confidence`] has.
pub const CONFIDENCES: usize = 128;
/// A pointer that failed so often of eight times is given up.
const PATIENCE: u32 = 8;

/// A place in the past whose bytes are expected to come again, and how well that went lately.
#[derive(Clone, Copy, Default)]
pub struct Pointer {
    /// 0 is nowhere.
    at: usize,
    /// Bytes foretold in a row.
    length: u32,
    /// The last eight outcomes, latest lowest, 1 for a byte that came otherwise.
    misses: u8,
}

impl Pointer {
    /// Expects the bytes from `at` on. `length` bytes before it agree with the latest ones.
    #[inline]
    pub fn aim(&mut self, at: usize, length: u32) {
        (self.at, self.length) = (at, length);
    }

    /// As [`aim`](Self::aim), with nothing held against the new place.
    #[inline]
    pub fn aim_anew(&mut self, at: usize, length: u32) {
        *self = Pointer { at, length, misses: 0 };
    }

    /// Gives the place up if it has failed the last eight times. One that failed less often keeps it: records and code
    /// often go on as before behind a field or a name that differs.
    #[inline]
    pub fn lose_patience(&mut self) {
        if self.misses.count_ones() >= PATIENCE {
            self.lose();
        }
    }

    #[inline]
    pub fn lose(&mut self) {
        *self = Pointer { misses: self.misses, ..Pointer::default() };
    }

    #[inline(always)]
    pub fn is_aimed(&self) -> bool {
        self.at > 0
    }

    pub fn length(&self) -> u32 {
        self.length
    }

    #[inline(always)]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Moves past the newest byte, which `history` ends with.
    #[inline]
    pub fn follow(&mut self, history: &[u8]) {
        if self.at == 0 || self.at + 1 >= history.len() {
            return;
        }
        let missed = history[self.at] != history[history.len() - 1];
        self.misses = self.misses << 1 | missed as u8;
        self.length = if missed { 0 } else { self.length + 1 };
        self.at += 1;
    }

    /// The byte expected next.
    #[inline(always)]
    pub fn expected(&self, history: &[u8]) -> Option<u8> {
        if self.at > 0 {
            history.get(self.at).copied()
        } else {
            None
        }
    }

    /// A small context: the length in 16 steps and the last three outcomes.
    #[inline]
    pub fn confidence(&self) -> usize {
        let step = match self.length {
            length @ 0..=7 => length,
            8..=11 => 8,
            12..=15 => 9,
            16..=23 => 10,
            24..=31 => 11,
            32..=63 => 12,
            64..=127 => 13,
            128..=399 => 14,
            _ => 15,
        };
        (step as usize) << 3 | self.misses as usize & 7
    }
}

/// Finds the latest place where the last bytes stood before.
#[derive(Clone)]
pub struct Matcher {
    heads: Vec<u32>,
    minimum: usize,
    pointer: Pointer,
}

/// A match is measured no further back than this when it is found.
pub const LONGEST_MEASURED: usize = 400;

impl Matcher {
    /// Looks for `minimum` or more bytes with a table of `1 << bits` places.
    pub fn new(minimum: usize, bits: u32) -> Self {
        Matcher { heads: vec![0; 1 << bits], minimum, pointer: Pointer::default() }
    }

    /// Makes the table `1 << more` times as large; every place in it is found as before.
    pub fn grow(&mut self, more: u32) {
        self.heads = self.heads.repeat(1 << more);
    }

    /// Takes in the newest byte. A pointer that has just failed keeps its place until a better one is found.
    #[inline]
    pub fn update(&mut self, history: &[u8]) {
        self.pointer.follow(history);
        if history.len() < self.minimum {
            return;
        }
        let head = self.head(history);
        // A place is read only where it may be needed: reading waits for memory, writing does not.
        if self.pointer.length >= self.minimum as u32 && self.pointer.is_aimed() {
            self.heads[head] = history.len() as u32;
            return;
        }
        let candidate = std::mem::replace(&mut self.heads[head], history.len() as u32) as usize;
        if candidate > 0 {
            let length = common(history, candidate);
            if length >= self.minimum && length as u32 > self.pointer.length {
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

    #[inline]
    fn head(&self, history: &[u8]) -> usize {
        let tail = &history[history.len() - self.minimum..];
        let hash = match tail.last_chunk() {
            // Whole words from the front, then the last one, which may overlap.
            Some(last) => tail.chunks_exact(8).fold(u64::from_le_bytes(*last), |hash, word| {
                spread(hash) ^ word.try_into().map_or(0, u64::from_le_bytes)
            }),
            None => tail.iter().fold(0, |word, &byte| word << 8 | byte as u64),
        };
        (spread(hash) >> 32) as usize & (self.heads.len() - 1)
    }
}

#[inline(always)]
fn spread(word: u64) -> u64 {
    (word ^ word >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// How many bytes before `at` equal the newest ones.
#[inline]
fn common(history: &[u8], at: usize) -> usize {
    let (old, new) = (&history[..at], history);
    let most = at.min(LONGEST_MEASURED);
    let (old, new) = (&old[at - most..], &new[history.len() - most..]);
    let mut length = 0;
    for (old, new) in old.rchunks_exact(8).zip(new.rchunks_exact(8)) {
        let [old, new] = [old, new].map(|word| word.try_into().map_or(0, u64::from_le_bytes));
        if old != new {
            return length + ((old ^ new).leading_zeros() / 8) as usize;
        }
        length += 8;
    }
    let (old, new) = (&old[..most - length], &new[..most - length]);
    length + old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count()
}

/// Turns an expected byte into predictions of its bits, learning how far each kind of confidence is to be trusted.
#[derive(Clone)]
pub struct Voter {
    map: Map,
    /// The expected byte below a leading 1; 0 expects nothing.
    byte: u32,
    confidence: usize,
    context: usize,
    voted: bool,
    bit: u32,
}

impl Voter {
    /// `confidences`: how many levels there are.
    pub fn new(confidences: usize) -> Self {
        let mut map = Map::new(confidences * 8, 1023);
        (0..confidences * 8).for_each(|context| map.start(context, 49152, 0));
        Voter { map, byte: 0, confidence: 0, context: 0, voted: false, bit: 0 }
    }

    /// What is expected of the next byte.
    #[inline]
    pub fn expect(&mut self, byte: Option<u8>, confidence: usize) {
        self.byte = byte.map_or(0, |byte| byte as u32 | 256);
        self.confidence = confidence;
    }

    /// The vote on the next bit in the logistic domain, given the node (leading 1, then the byte's bits so far); 0 when
    /// there is none.
    #[inline(always)]
    pub fn vote(&mut self, node: u32, bits_known: u32) -> i32 {
        self.voted = self.byte != 0 && self.byte >> (8 - bits_known) == node;
        if !self.voted {
            return 0;
        }
        self.bit = self.byte >> (7 - bits_known) & 1;
        self.context = self.confidence * 8 + bits_known as usize;
        let trust = self.map.stretched(self.context) as i32;
        if self.bit != 0 {
            trust
        } else {
            -trust
        }
    }

    /// The bit expected, if there is a vote.
    #[inline(always)]
    pub fn expected_bit(&self) -> Option<u32> {
        if self.voted {
            Some(self.bit)
        } else {
            None
        }
    }

    #[inline(always)]
    pub fn update(&mut self, bit: u32) {
        if self.voted {
            self.map.update(self.context, (bit == self.bit) as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_found_and_followed() {
        let mut text = b"the quick brown fox, ".repeat(3);
        text.extend_from_slice(b"the slow");
        let mut matcher = Matcher::new(5, 12);
        let mut right = 0;
        for end in 1..text.len() {
            matcher.update(&text[..end]);
            right += (matcher.pointer().expected(&text[..end]) == Some(text[end])) as usize;
        }
        assert!(right >= 38, "{right}");
    }

    #[test]
    fn a_pointer_recovers_behind_a_field_that_differs() {
        let text = b"new id=12345 state=ok;new id=67890 state=ok;";
        let mut matcher = Matcher::new(4, 12);
        for end in 1..text.len() {
            matcher.update(&text[..end]);
            if end > 33 {
                assert_eq!(matcher.pointer().expected(&text[..end]), Some(text[end]));
            }
        }
    }

    #[test]
    fn votes_grow_with_success_and_stop_at_a_miss() {
        let mut voter = Voter::new(1);
        for _ in 0..100 {
            voter.expect(Some(0b1010_0000), 0);
            voter.vote(1, 0);
            voter.update(1);
        }
        voter.expect(Some(0b1010_0000), 0);
        assert!(voter.vote(1, 0) > 700);
        assert!(voter.vote(0b10, 1) == 0 && voter.expected_bit().is_none());
    }
}
