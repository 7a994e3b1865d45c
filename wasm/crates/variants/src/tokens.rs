//! Whole tokens that the one to come may equal, each known by a hash, so that none is looked at before it is needed.

use crate::columns::Columns;
use crate::hash::hash;
use crate::reckoning::{push_number, Ended, Reckoning};

/// How many guides there are: above, latest, alike, copy and reckoned.
pub const GUIDES: usize = 5;
const ABOVE: usize = 0;
pub const LATEST: usize = 1;
const ALIKE: usize = 2;
const COPY: usize = 3;
const RECKONED: usize = 4;

const FIELD_BITS: u32 = 12;
/// Of the tables of places, at most.
const PLACE_BITS: u32 = 14;
const SEEN_BITS: u32 = 8;
/// A token equals another one by chance if it is shorter, and is no copy if that one lies further back.
const SHORTEST_COPY: usize = 2;
const FARTHEST_COPY: u32 = 32;
/// Longer tokens are not expected as a whole.
const LONGEST: usize = 64;
const TOO_LONG: usize = 255;

/// Where a token stands in the text, its length without what ends it, what ends it, and 16 bits of its hash: from the
/// lowest bits up 32, 8, 8 and 16. 0 is none.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Token(u64);

impl Token {
    fn new(start: usize, length: usize, end: u8, hash: u64) -> Self {
        let length = if length <= LONGEST { length } else { TOO_LONG };
        Token(start as u64 | (length as u64) << 32 | (end as u64) << 40 | hash >> 48 << 48)
    }

    #[inline(always)]
    pub fn start(self) -> usize {
        self.0 as u32 as usize
    }

    #[inline(always)]
    fn length(self) -> usize {
        (self.0 >> 32) as usize & 255
    }

    #[inline(always)]
    pub fn end(self) -> u8 {
        (self.0 >> 40) as u8
    }

    /// Equal for tokens that are equal.
    #[inline(always)]
    pub fn identity(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline(always)]
    fn ended_by(self, end: u8) -> Self {
        Token(self.0 & !(255 << 40) | (end as u64) << 40)
    }

    #[inline(always)]
    pub fn is_whole(self) -> bool {
        self.0 != 0 && self.length() <= LONGEST
    }
}

/// A hash of a token without what ends it, eight bytes at a time.
#[inline(always)]
pub fn hash_of(token: &[u8]) -> u64 {
    let chunks = token.chunks_exact(8);
    let rest = chunks.remainder().iter().fold(token.len() as u64, |word, &byte| word << 8 | byte as u64);
    let start = hash(rest, 0);
    chunks.fold(start, |context, chunk| hash(context, u64::from_le_bytes(chunk.try_into().unwrap_or_default())))
}

/// What a field had before.
#[derive(Clone, Copy, Default)]
struct Field {
    latest: Token,
    /// The field that had its value last.
    source: u16,
    /// How the last tokens went by each guide, latest lowest, 1 for one that came otherwise.
    misses: [u8; GUIDES],
}

#[derive(Clone, Copy, Default)]
struct Seen {
    token: u32,
    field: u16,
    count: u32,
}

pub struct Tokens {
    fields: Vec<Field>,
    above: Vec<Token>,
    alike: Vec<Token>,
    place_bits: u32,
    seen: Vec<Seen>,
    count: u32,
    /// Where the token to come will be kept.
    field: usize,
    places: [usize; 2],
    /// What the token to come may equal.
    pub guides: [Token; GUIDES],
    pub misses: [u8; GUIDES],
    pub reckoning: Reckoning,
    reckoned: Vec<u8>,
}

impl Tokens {
    /// For a text of `length` bytes.
    pub fn new(length: usize) -> Self {
        let place_bits = length.max(1).ilog2().clamp(10, PLACE_BITS);
        Tokens {
            fields: vec![Field::default(); 1 << FIELD_BITS],
            above: vec![Token::default(); 1 << place_bits],
            alike: vec![Token::default(); 1 << place_bits],
            place_bits,
            seen: vec![Seen::default(); 1 << SEEN_BITS],
            count: 0,
            field: 0,
            places: [0; 2],
            guides: [Token::default(); GUIDES],
            misses: [0; GUIDES],
            reckoning: Reckoning::new(),
            reckoned: Vec::new(),
        }
    }

    /// The bytes of a guide's token, without what ends it.
    #[inline(always)]
    pub fn bytes<'a>(&'a self, guide: usize, history: &'a [u8]) -> &'a [u8] {
        let token = self.guides[guide];
        if guide == RECKONED { &self.reckoned } else { &history[token.start()..][..token.length()] }
    }

    /// Takes in the token from `start` on, whose separator `history` ends with and whose hash is `hash`; `columns`
    /// stand at the next one, of the field `field`; it `was` another one before.
    pub fn turn(&mut self, history: &[u8], start: usize, hash: u64, columns: &Columns, field: u64, was: &Ended) {
        let (bytes, end) = (&history[start..history.len() - 1], history[history.len() - 1]);
        let token = Token::new(start, bytes.len(), end, hash);
        self.keep(token, bytes.len());
        self.reckoning.take(bytes, was, end);
        self.aim(columns, field);
    }

    fn keep(&mut self, token: Token, length: usize) {
        let field = &mut self.fields[self.field];
        for ((misses, before), guide) in field.misses.iter_mut().zip(self.misses).zip(self.guides) {
            if guide.0 != 0 {
                *misses = before << 1 | (guide.identity() != token.identity()) as u8;
            }
        }
        self.count += 1;
        let seen = &mut self.seen[(token.0 >> (64 - SEEN_BITS)) as usize];
        if length >= SHORTEST_COPY {
            let value = token.ended_by(0).identity();
            let is_copy = seen.token == value && self.count - seen.count <= FARTHEST_COPY;
            if is_copy && seen.field as usize != self.field && self.guides[COPY].identity() != token.identity() {
                field.source = seen.field;
            }
            *seen = Seen { token: value, field: self.field as u16, count: self.count };
        }
        field.latest = token;
        self.above[self.places[0]] = token;
        self.alike[self.places[1]] = token;
    }

    /// Finds guides for the token to come.
    fn aim(&mut self, columns: &Columns, field: u64) {
        self.field = (field >> (64 - FIELD_BITS)) as usize;
        let column = if columns.is_sample() { columns.column as u64 } else { columns.before[1] ^ columns.before[0] };
        let shift = 64 - self.place_bits;
        self.places = [hash(field, column), hash(field ^ 1, columns.before[0])].map(|place| (place >> shift) as usize);
        let kept = self.fields[self.field];
        self.misses = kept.misses;
        self.guides[ABOVE] = self.above[self.places[0]];
        self.guides[LATEST] = kept.latest;
        self.guides[ALIKE] = self.alike[self.places[1]];
        let source = if kept.source > 0 { self.fields[kept.source as usize].latest } else { Token::default() };
        self.guides[COPY] = if source.0 > 0 { source.ended_by(kept.latest.end()) } else { source };
        self.guides[RECKONED] = Token::default();
        if let Some(number) = self.reckoning.next(columns) {
            self.reckoned.clear();
            push_number(number, &mut self.reckoned);
            self.expect_reckoned(kept.latest.end());
        }
    }

    fn expect_reckoned(&mut self, end: u8) {
        self.guides[RECKONED] = Token::new(1, self.reckoned.len(), end, hash_of(&self.reckoned));
    }

    /// Expects `token`, ended as the latest one of its field was.
    pub fn expect(&mut self, token: &[u8]) {
        self.reckoned.clear();
        self.reckoned.extend_from_slice(token);
        self.expect_reckoned(self.guides[LATEST].end());
    }
}
