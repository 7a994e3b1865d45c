//! All that is known before a byte: where it stands, what it may be, and the contexts that follow.

use crate::columns::{Area, Columns};
use crate::gate::CONTEXTS;
use crate::genotypes::Genotypes;
use crate::guides::{Ended, Guides, GUIDES};
use crate::hash::hash;
use coding::matching::Matcher;

/// How many bytes are expected at most: by the guides, and by a long and a short match.
pub const SIGNS: usize = GUIDES + 2;
const LONG: usize = 16;
const SHORT: usize = 7;

pub struct Scene {
    pub columns: Columns,
    guides: Guides,
    genotypes: Genotypes,
    /// A long and a short one, or none.
    matches: Vec<Matcher>,
    /// A byte and how far it is to be trusted, below 128.
    pub expected: [(Option<u8>, usize); SIGNS],
    pub field: u64,
    /// The last eight bytes, latest lowest.
    pub recent: u64,
    /// The first token of this sample.
    first: u64,
    /// What haplotypes like the one to come carry, see [`Genotypes::alike`].
    pub alike: u64,
}

impl Scene {
    /// For a text of `length` bytes; `matches`: whether to look for matches of any place, and among
    /// haplotypes.
    pub fn new(length: usize, matches: bool) -> Self {
        let bits = length.max(1).ilog2().clamp(10, 17) + 1;
        Scene {
            columns: Columns::new(),
            guides: Guides::new(length),
            genotypes: Genotypes::new(matches),
            matches: [LONG, SHORT].iter().filter(|_| matches).map(|&minimum| Matcher::new(minimum, bits)).collect(),
            expected: [(None, 0); SIGNS],
            field: 0,
            recent: 0,
            first: 0,
            alike: 0,
        }
    }

    /// Takes in the newest byte of `history`, if there is one.
    pub fn update(&mut self, history: &[u8]) {
        if let Some(&byte) = history.last() {
            self.recent = self.recent << 8 | byte as u64;
            self.matches.iter_mut().for_each(|matches| matches.update(history));
            if self.columns.separates(byte) {
                self.end_token(history, byte);
            } else {
                self.columns.take(history);
                self.guides.follow(history);
            }
        }
    }

    /// Finds out which bytes are expected.
    pub fn expect(&mut self, history: &[u8]) {
        self.alike = if self.columns.is_genotype() { self.genotypes.alike(&history[self.columns.start..]) } else { 0 };
        for guide in 0..GUIDES {
            self.expected[guide] = (self.guides.expected(guide, history), self.guides.all[guide].confidence());
        }
        for (i, matches) in self.matches.iter().enumerate() {
            self.expected[GUIDES + i] = (matches.pointer().expected(history), matches.pointer().confidence());
        }
    }

    /// The tokens that are expected at the start of one, as hashes, how far they are to be trusted, and their lengths.
    #[inline(always)]
    pub fn expected_tokens(&self, history: &[u8]) -> ([(Option<u8>, usize); SIGNS], [usize; GUIDES]) {
        let mut expected = [(None, 0); SIGNS];
        let mut lengths = [0; GUIDES];
        for guide in 0..GUIDES {
            lengths[guide] = self.guides.token_length(guide, history, &self.columns);
            if lengths[guide] > 0 {
                let token = self.token(guide, lengths[guide], history);
                expected[guide] = (Some(hash_of(token)), self.guides.all[guide].confidence());
            }
        }
        (expected, lengths)
    }

    /// The first `length` bytes of a guide's token.
    #[inline(always)]
    pub fn token<'a>(&'a self, guide: usize, length: usize, history: &'a [u8]) -> &'a [u8] {
        self.guides.token(guide, length, history)
    }

    fn end_token(&mut self, history: &[u8], byte: u8) {
        let columns = &self.columns;
        let start = columns.start;
        let was = Ended {
            token: columns.token,
            key: columns.key,
            element: columns.element,
            is_value: columns.is_value(),
            is_sample: columns.is_sample(),
        };
        self.genotypes.take(&history[start..history.len() - 1], columns);
        if byte == b'\n' {
            self.genotypes.end_line(columns);
        }
        let opens = columns.area != Area::Sample || byte == b'\t';
        if columns.area == Area::Sample && self.first == 0 {
            self.first = columns.token | 1;
        }
        if opens {
            self.first = 0;
        }
        self.columns.take(history);
        self.guides.turn(history, start, &self.columns, &was);
        self.field = self.columns.field();
    }

    /// Bytes since the token began.
    #[inline(always)]
    pub fn depth(&self, history: &[u8]) -> usize {
        history.len() - self.columns.start
    }

    /// What else is known of this haplotype, of this sample, or of this site.
    #[inline(always)]
    fn setting(&self) -> u64 {
        if self.alike > 0 {
            return self.alike;
        }
        if self.columns.is_sample() { self.first } else { self.columns.alleles }
    }

    /// Contexts of whether an expected byte comes, most useful first.
    #[inline(always)]
    pub fn gate_contexts(&self, history: &[u8]) -> [u64; CONTEXTS] {
        let c = &self.columns;
        let f = self.field;
        let token = hash(f, c.token);
        let marks = self.expected.iter().fold(0, |marks, expected| marks << 1 | expected.0.is_some() as u64);
        if c.is_genotype() {
            let sample = c.sample();
            let g = &self.genotypes;
            let history = g.history(sample) as u64;
            return [
                hash(token, marks),
                hash(token, hash(g.carriers, sample as u64)),
                hash(token, g.left(sample)),
                hash(token, hash(sample as u64, history & 0xf)),
                hash(token, history & 0xffff),
                hash(token, hash(c.before[0], c.before[1])),
                hash(token, hash(g.left(sample), history & 0xff)),
                hash(token, self.alike),
            ];
        }
        [
            hash(f, hash(self.depth(history).min(15) as u64, marks)),
            token,
            hash(token, c.before[0]),
            hash(token, hash(c.before[0], c.before[1])),
            hash(token, self.setting()),
            self.recent & 0xff_ffff,
            hash(hash(f, self.recent & 0xff), self.guides.aligned(1, history, 0) as u64),
            hash(token, hash(c.before[1], c.before[2])),
        ]
    }

    /// A context of a byte that is spelt, by its number.
    #[inline(always)]
    pub fn slot_context(&self, history: &[u8], kind: usize) -> u64 {
        let c = &self.columns;
        let f = self.field;
        let token = hash(f, c.token);
        let depth = self.depth(history).min(31) as u64;
        let order = self.guides.all[1].order as u64;
        let aligned = |ahead: usize| self.guides.aligned(1, history, ahead);
        match kind {
            0 => token,
            1 => hash(token, c.before[0]),
            2 => hash(token, hash(c.before[0], c.before[1])),
            3 => hash(hash(f, depth), order << 16 | (aligned(0) as u64) << 8 | aligned(1) as u64),
            4 => self.recent & 0xff_ffff,
            _ => hash(token, self.setting()),
        }
    }
}

/// Of the length and of the first and last bytes, at most eight of each.
#[inline(always)]
fn hash_of(token: &[u8]) -> u8 {
    let [first, last] = match (token.first_chunk(), token.last_chunk()) {
        (Some(first), Some(last)) => [first, last].map(|bytes| u64::from_le_bytes(*bytes)),
        _ => [token.iter().fold(0, |word, &byte| word << 8 | byte as u64), 0],
    };
    (hash(hash(first, token.len() as u64), last) >> 40) as u8
}
