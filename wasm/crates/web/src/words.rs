//! Identifiers and the signs between them, as level balanced reads them.

use crate::code::is_word;
use general::hash;

#[derive(Clone, Default)]
pub struct Words {
    /// The identifier being read.
    word: u64,
    /// The last signs, with an identifier as one letter and without blanks.
    skeleton: u64,
}

impl Words {
    #[inline(always)]
    pub fn read(&mut self, byte: u8) {
        let is_word = is_word(byte);
        let sign = if is_word { b'a' } else { byte };
        let is_sign = if is_word { self.word == 0 } else { byte != b' ' };
        self.skeleton = if is_sign { self.skeleton << 8 | sign as u64 } else { self.skeleton };
        self.word = if is_word { hash(self.word, byte as u64 + 1) } else { 0 };
    }

    /// The identifier being read, behind the last two signs.
    #[inline(always)]
    pub fn named(&self) -> u64 {
        hash(self.word, self.skeleton & 0xffff)
    }

    /// The identifier being read, behind the last four signs.
    #[inline(always)]
    pub fn placed(&self) -> u64 {
        hash(self.skeleton & 0xffff_ffff, self.word)
    }
}
