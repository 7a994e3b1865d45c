//! Reads JavaScript, CSS and HTML as they go by: identifiers, brackets, strings, and text with its identifiers left out.

use general::hash;

/// Brackets deeper than this are not told apart.
const DEPTH: usize = 64;

/// What surrounds an open bracket.
#[derive(Clone, Copy, Default)]
pub struct Bracket {
    pub opener: u8,
    /// The identifier before it.
    pub owner: u64,
}

/// What has been read so far.
#[derive(Clone)]
pub struct Code {
    /// The identifier being read, and those before it, latest first.
    pub word: u64,
    pub words: [u64; 2],
    /// What the value being read belongs to, a CSS property or a key: the identifier before the last colon, equals sign
    /// or bracket.
    pub key: u64,
    /// The last bytes with identifiers as one letter each.
    pub skeleton: u64,
    /// The byte that opened a string or 0.
    pub quote: u8,
    brackets: [Bracket; DEPTH],
    depth: usize,
    /// What followed the last two bytes before: indirect contexts.
    pub followers: Vec<u16>,
}

/// Whether a byte belongs to an identifier: by table, since text of both kinds alternates too quickly for branches.
#[inline(always)]
pub fn is_word(byte: u8) -> bool {
    WORD[byte as usize]
}

static WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let code = byte as u8;
        word[byte] = code.is_ascii_alphanumeric() || code == b'_' || code == b'$' || code >= 128;
        byte += 1;
    }
    word
};

impl Code {
    pub fn new() -> Self {
        Code {
            word: 0,
            words: [0; 2],
            key: 0,
            skeleton: 0,
            quote: 0,
            brackets: [Bracket::default(); DEPTH],
            depth: 0,
            followers: vec![0; 1 << 16],
        }
    }

    /// Takes in the newest byte of `history`.
    pub fn read(&mut self, history: &[u8]) {
        let Some(&byte) = history.last() else { return };
        if let [.., a, b, _] = history {
            let follower = &mut self.followers[(*a as usize) << 8 | *b as usize];
            *follower = *follower << 8 | byte as u16;
        }
        if is_word(byte) {
            if self.word == 0 {
                self.skeleton = self.skeleton << 8 | b'a' as u64;
            }
            self.word = hash(self.word, byte as u64 + 1);
            return;
        }
        self.end_word(byte);
        self.nest(history, byte);
        if byte != b' ' {
            self.skeleton = self.skeleton << 8 | byte as u64;
        }
    }

    fn end_word(&mut self, byte: u8) {
        if self.word != 0 {
            self.words = [self.word, self.words[0]];
            self.word = 0;
        }
        if matches!(byte, b':' | b'=' | b'(' | b'{') {
            self.key = self.words[0];
        } else if matches!(byte, b';' | b'}') {
            self.key = 0;
        }
    }

    fn nest(&mut self, history: &[u8], byte: u8) {
        match byte {
            b'"' | b'\'' | b'`' => {
                let escaped = history.len() > 1 && history[history.len() - 2] == b'\\';
                if self.quote == 0 {
                    self.quote = byte;
                } else if self.quote == byte && !escaped {
                    self.quote = 0;
                }
            }
            b'\n' => self.quote = 0,
            b'(' | b'{' | b'[' => {
                self.depth += 1;
                if self.depth < DEPTH {
                    self.brackets[self.depth] = Bracket { opener: byte, owner: self.words[0] };
                }
            }
            b')' | b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// The innermost open bracket.
    pub fn bracket(&self) -> Bracket {
        self.brackets[self.depth.min(DEPTH - 1)]
    }

    /// The last two signs, with an identifier as one.
    pub fn delimiter(&self) -> u64 {
        self.skeleton & 0xffff
    }
}
