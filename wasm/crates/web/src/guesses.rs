//! The bytes that stood in a context before, each with its history: a context answers with one load, and all contexts
//! at the same time.

use coding::states;

/// How many contexts there are.
pub const CONTEXTS: usize = 6;
/// Of a context's table, as a power of two.
const BITS: u32 = 17;
/// What stands for the history of a byte that a known context has not: no state has this number.
const STRANGE: u8 = 255;

/// Histories after a byte that a guess did not expect, and after the one that it did: what is no history stays none.
static AFTER: [[u8; 2]; 256] = {
    let mut after = states::transitions();
    after[0][0] = 0;
    after
};

/// Two bytes and their histories: the first has come more often lately. History 0 is no byte.
///
/// Which bytes a context has cannot be foretold, so all that is done with guesses goes without branches.
#[derive(Clone, Copy, Default)]
pub struct Guess(u32);

impl Guess {
    /// Both bytes, each below its history.
    #[inline(always)]
    pub fn both(self) -> [u32; 2] {
        [self.0 & 0xffff, self.0 >> 16]
    }

    /// The history of `byte`.
    #[inline(always)]
    pub fn history(self, byte: u8) -> u8 {
        let [a, x, b, y] = self.0.to_le_bytes();
        let known = if a == byte { x } else { 0 } | if b == byte { y } else { 0 };
        let unknown = if x == 0 { 0 } else { STRANGE };
        if known == 0 {
            unknown
        } else {
            known
        }
    }

    /// After `byte`: its history gets a 1, the other's a 0. A new byte takes the second place, and keeps the first one
    /// when it comes again.
    #[inline(always)]
    fn learn(self, byte: u8) -> Self {
        let [_, _, b, y] = self.0.to_le_bytes();
        let is_second = (b == byte) & (y != 0);
        let sorted = self.0.rotate_right(16 * is_second as u32);
        let [a, x, _, y] = sorted.to_le_bytes();
        let is_first = (a == byte) | (x == 0);
        let came = byte as u32 | sorted & 0xff_0000 | (AFTER[y as usize][0] as u32) << 24;
        let new = a as u32 | (byte as u32) << 16 | (AFTER[0][1] as u32) << 24;
        Guess(if is_first { came } else { new } | (AFTER[x as usize][is_first as usize] as u32) << 8)
    }
}

/// Tables of guesses, one for each context.
#[derive(Clone)]
pub struct Guesses {
    table: Vec<Guess>,
    at: [usize; CONTEXTS],
    found: [Guess; CONTEXTS],
}

impl Guesses {
    pub fn new() -> Self {
        let none = Guess::default();
        Guesses { table: vec![none; CONTEXTS << BITS], at: [0; CONTEXTS], found: [none; CONTEXTS] }
    }

    /// Looks up the contexts of the next byte.
    #[inline(always)]
    pub fn find(&mut self, contexts: &[u64; CONTEXTS]) {
        for i in 0..CONTEXTS {
            let place = (contexts[i].wrapping_mul(0x2f0b_4c47_9e37_79b9) >> (64 - BITS)) as usize;
            self.at[i] = i << BITS | place;
            self.found[i] = self.table[self.at[i]];
        }
    }

    /// What the contexts know.
    #[inline(always)]
    pub fn found(&self) -> &[Guess; CONTEXTS] {
        &self.found
    }

    /// `byte` came in the contexts that were looked up last.
    #[inline(always)]
    pub fn learn(&mut self, byte: u8) {
        for i in 0..CONTEXTS {
            self.table[self.at[i]] = self.found[i].learn(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_keeps_the_two_bytes_that_come() {
        let mut guesses = Guesses::new();
        for byte in [b'a', b'b', b'b', b'c', b'b', b'c'] {
            guesses.find(&[7; CONTEXTS]);
            guesses.learn(byte);
        }
        guesses.find(&[7; CONTEXTS]);
        let bytes = guesses.found()[0].both().map(|guess| guess as u8);
        assert_eq!(bytes, [b'c', b'b']);
        let strange = guesses.found()[0].history(b'a');
        assert_ne!(strange, 0);
        guesses.find(&[8; CONTEXTS]);
        assert_eq!(guesses.found()[0].history(b'a'), 0);
    }
}
