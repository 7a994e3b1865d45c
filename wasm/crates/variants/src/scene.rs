//! All that is known before a byte: where it stands, what it may be, and the contexts that follow.

use crate::columns::{Area, Columns};
use crate::gate::CONTEXTS;
use crate::genotypes::Genotypes;
use crate::guides::{Guides, GUIDES};
use crate::hash::hash;
use crate::reckoning::Ended;
use coding::matching::Matcher;

/// How many bytes are expected at most: by the guides, and by a long and a short match.
pub const SIGNS: usize = GUIDES + 2;
const LONG: usize = 16;
const SHORT: usize = 7;

pub struct Scene {
    pub columns: Columns,
    guides: Guides,
    genotypes: Genotypes,
    /// A long and a short one.
    matches: [Matcher; 2],
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
    /// For a text of `length` bytes.
    pub fn new(length: usize) -> Self {
        let bits = length.max(1).ilog2().clamp(10, 17) + 1;
        Scene {
            columns: Columns::new(),
            guides: Guides::new(length),
            genotypes: Genotypes::new(),
            matches: [LONG, SHORT].map(|minimum| Matcher::new(minimum, bits)),
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

    fn end_token(&mut self, history: &[u8], byte: u8) {
        let columns = &self.columns;
        let start = columns.start;
        let (token, was) = (columns.token, Ended::of(columns));
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
        self.guides.turn(history, start, &self.columns, token, &was);
        self.field = self.columns.field();
    }

    /// POS of the line before, at the start of a POS that does not follow from other numbers.
    pub fn position_before(&self, history: &[u8]) -> Option<u64> {
        let reckoning = &self.guides.reckoning;
        let is_open = self.depth(history) == 0 && self.columns.is_position() && reckoning.next(&self.columns).is_none();
        reckoning.position().filter(|_| is_open)
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
