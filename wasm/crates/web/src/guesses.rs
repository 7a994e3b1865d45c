//! The bytes that stood in a context before, each with its history: a context answers with one load, and all contexts
//! at the same time.

use coding::states;

/// How many contexts there are.
pub const CONTEXTS: usize = 6;
/// Of a context's table, as a power of two.
const BITS: u32 = 17;
/// What stands for the history of a byte that a known context has not: no state has this number.
const STRANGE: u8 = 255;

/// Two bytes and their histories: the first has come more often lately. History 0 is no byte.
#[derive(Clone, Copy, Default)]
pub struct Guess(u32);

impl Guess {
    /// Both bytes and their histories.
    #[inline(always)]
    pub fn both(self) -> [(u8, u8); 2] {
        let [a, x, b, y] = self.0.to_le_bytes();
        [(a, x), (b, y)]
    }

    /// The history of `byte`. Without branches, as [`Guess::learn`]: which bytes a context has cannot be foretold.
    #[inline(always)]
    pub fn history(self, byte: u8) -> u8 {
        let [(a, x), (b, y)] = self.both();
        let known = x & mask(a == byte) | y & mask(b == byte);
        let strange = (known == 0) & (x != 0);
        known | STRANGE & mask(strange)
    }

    /// After `byte`: its history gets a 1, the other's a 0. A new byte takes the second place, and keeps the first one
    /// when it comes again.
    #[inline(always)]
    fn learn(self, byte: u8) -> Self {
        let [_, (b, y)] = self.both();
        let is_second = (b == byte) & (y != 0);
        let [(a, x), (b, y)] = Guess(self.0.rotate_right(16 * is_second as u32)).both();
        let is_first = (a == byte) | (x == 0);
        let failed = states::next(y, 0) & mask(y != 0);
        let (kept, new) = (mask(is_first), mask(!is_first));
        let [a, b] = [byte & kept | a & new, b & kept | byte & new];
        let [x, y] = [states::next(x, is_first as u32), failed & kept | states::next(0, 1) & new];
        Guess(u32::from_le_bytes([a, x, b, y]))
    }
}

/// All bits or none.
#[inline(always)]
fn mask(condition: bool) -> u8 {
    (condition as u8).wrapping_neg()
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
        let [(first, _), (second, _)] = guesses.found()[0].both();
        assert_eq!([first, second], [b'c', b'b']);
        let strange = guesses.found()[0].history(b'a');
        assert_ne!(strange, 0);
        guesses.find(&[8; CONTEXTS]);
        assert_eq!(guesses.found()[0].history(b'a'), 0);
    }
}
