//! Contexts of JavaScript, CSS and HTML: orders, identifiers, brackets, and text with its identifiers left out.

use crate::matcher::Matcher;
use coding::matching::CONFIDENCES;
use general::{hash, recent, ContextSource, Contexts, Engine, SELECTORS};

/// The engine of level max, with 14 contexts.
pub type FullEngine = Engine<Full, 14, VOTES, 24>;
/// The engine of level balanced, with 5 contexts.
pub type LightEngine = Engine<Light, 5, VOTES, 16>;

const VOTES: usize = 4;

/// Brackets deeper than this are not told apart.
const DEPTH: usize = 64;

/// What surrounds an open bracket.
#[derive(Clone, Copy, Default)]
struct Bracket {
    opener: u8,
    /// The identifier before it.
    owner: u64,
}


/// What has been read so far.
#[derive(Clone)]
struct Code {
    long: Matcher<24>,
    middle: Matcher<12>,
    short: Matcher<5>,
    /// The identifier being read, and those before it, latest first.
    word: u64,
    words: [u64; 2],
    /// What the value being read belongs to, a CSS property or a key: the identifier before the last colon, equals sign
    /// or bracket.
    key: u64,
    /// The last bytes with identifiers as one letter each.
    skeleton: u64,
    /// The byte that opened a string or 0.
    quote: u8,
    brackets: [Bracket; DEPTH],
    depth: usize,
    /// What followed the last two bytes before: indirect contexts.
    followers: Vec<u16>,
}

#[inline(always)]
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 128
}

impl Code {
    fn new() -> Self {
        Code {
            long: Matcher::new(),
            middle: Matcher::new(),
            short: Matcher::new(),
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

    fn read(&mut self, history: &[u8]) {
        let Some(&byte) = history.last() else { return };
        self.long.update(history);
        self.middle.update(history);
        self.short.update(history);
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
}

/// What is known of the place of the next byte.
struct Place {
    /// The last eight bytes, latest lowest.
    recent: u64,
    /// The last two of the skeleton.
    delimiter: u64,
    bracket: Bracket,
}

impl Place {
    fn last(&self, count: u32) -> u64 {
        self.recent & (u64::MAX >> (64 - 8 * count))
    }
}

impl Code {
    const SELECTOR_SIZES: [usize; SELECTORS] = [256, 256 * 4];

    /// Takes in the newest byte; says what the pointers expect and which weights to use.
    fn advance<const SLOTS: usize>(&mut self, history: &[u8], next: &mut Contexts<SLOTS, VOTES>) -> Place {
        self.read(history);
        let pointers = [self.long.pointer(), self.middle.pointer(), self.short.pointer()];
        for (expected, pointer) in next.expected.iter_mut().zip(pointers) {
            *expected = (pointer.expected(history), pointer.confidence());
        }
        let bracket = self.brackets[self.depth.min(DEPTH - 1)];
        let surroundings = match (self.quote, bracket.opener) {
            (1.., _) => 0,
            (_, b'(') => 1,
            (_, b'{') => 2,
            _ => 3,
        };
        let recent = recent(history);
        next.selectors = [(recent & 255) as usize, (self.skeleton >> 8 & 255) as usize * 4 + surroundings];
        Place { recent, delimiter: self.skeleton & 0xffff, bracket }
    }
}

#[derive(Clone)]
pub struct Full(Code);

impl Full {
    pub fn new() -> Self {
        Full(Code::new())
    }
}

impl ContextSource<14, VOTES> for Full {
    const SELECTOR_SIZES: [usize; SELECTORS] = Code::SELECTOR_SIZES;
    const CONFIDENCES: usize = CONFIDENCES;

    fn update(&mut self, history: &[u8], next: &mut Contexts<14, VOTES>) {
        let place = self.0.advance(history, next);
        let code = &self.0;
        let [c1, c2] = [place.last(1), place.last(2)];
        let owner = hash(place.bracket.owner, place.bracket.opener as u64);
        let (expected, confidence) = next.expected[2];
        let expected = expected.map_or(256, |byte| byte as u64);
        next.hashes = [
            c2,
            place.last(3),
            place.last(4),
            place.last(5),
            place.last(6),
            hash(place.recent, 8),
            hash(code.word, place.delimiter),
            hash(hash(code.word, place.delimiter), code.words[0]),
            hash(hash(hash(code.word, code.words[0]), code.words[1]), c1),
            hash(code.skeleton & 0xffff_ffff_ffff, code.word),
            hash(owner, code.word) ^ c1,
            hash(hash(code.key, code.word), c1),
            hash(code.followers[c2 as usize] as u64, c1),
            hash(hash(expected, confidence as u64 >> 3), c1),
        ];
    }
}

#[derive(Clone)]
pub struct Light(Code);

impl Light {
    pub fn new() -> Self {
        Light(Code::new())
    }
}

impl ContextSource<5, VOTES> for Light {
    const SELECTOR_SIZES: [usize; SELECTORS] = Code::SELECTOR_SIZES;
    const CONFIDENCES: usize = CONFIDENCES;

    fn update(&mut self, history: &[u8], next: &mut Contexts<5, VOTES>) {
        let place = self.0.advance(history, next);
        let code = &self.0;
        next.hashes = [
            place.last(2),
            place.last(3),
            place.last(4),
            place.last(6),
            hash(hash(code.word, place.delimiter), code.words[0]),
        ];
    }
}
