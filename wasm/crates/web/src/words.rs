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
        if is_word(byte) {
            if self.word == 0 {
                self.skeleton = self.skeleton << 8 | b'a' as u64;
            }
            self.word = hash(self.word, byte as u64 + 1);
            return;
        }
        self.word = 0;
        if byte != b' ' {
            self.skeleton = self.skeleton << 8 | byte as u64;
        }
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
