//! Earlier tokens that the one to come may equal: the same field above, to the left, behind the same token, another
//! field of the line, or a number that follows from others.

use crate::columns::Columns;
use crate::hash::hash;
use crate::reckoning::{push_number, Ended, Reckoning};

/// How many guides there are: above, latest, alike, copy and reckoned.
pub const GUIDES: usize = 5;
const ABOVE: usize = 0;
const LATEST: usize = 1;
const ALIKE: usize = 2;
const COPY: usize = 3;
const RECKONED: usize = 4;

const FIELD_BITS: u32 = 16;
/// Of the tables of places, at most.
const PLACE_BITS: u32 = 17;
/// How many of the latest tokens another one is compared with.
const REMEMBERED: usize = 32;
/// Shorter tokens equal others by chance.
const SHORTEST_COPY: usize = 2;

/// How a number compares with the guide's as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Same = 0,
    /// Larger by one in the last digit that differs.
    Next = 1,
    Larger = 2,
    Smaller = 3,
}

#[derive(Clone, Copy)]
pub struct Guide {
    /// 0 is nowhere.
    start: usize,
    alive: bool,
    pub order: Order,
    depth: usize,
    /// How the last tokens of this field went, latest lowest, 1 for one that came otherwise.
    misses: u8,
}

impl Guide {
    const NONE: Guide = Guide { start: 0, alive: false, order: Order::Same, depth: 0, misses: 0 };

    /// The byte that stands where the next one will.
    #[inline(always)]
    fn aligned(&self, text: &[u8], ahead: usize) -> u8 {
        if self.start > 0 { text.get(self.start + self.depth + ahead).copied().unwrap_or(0) } else { 0 }
    }

    /// A small context, below 128: how far it agreed, and how it went before.
    #[inline(always)]
    pub fn confidence(&self) -> usize {
        self.depth.min(7) << 4 | self.misses as usize & 15
    }
}

#[derive(Clone, Copy, Default)]
struct Seen {
    token: u64,
    field: u32,
}

pub struct Guides {
    pub all: [Guide; GUIDES],
    /// Where each field stood last.
    latest: Vec<u32>,
    above: Vec<u32>,
    alike: Vec<u32>,
    place_bits: u32,
    /// The field that had a field's value last.
    source: Vec<u32>,
    misses: Vec<[u8; GUIDES]>,
    seen: [Seen; REMEMBERED],
    seen_at: usize,
    field: usize,
    pub reckoning: Reckoning,
    reckoned: Vec<u8>,
}

impl Guides {
    /// For a text of `length` bytes.
    pub fn new(length: usize) -> Self {
        let place_bits = length.max(1).ilog2().clamp(10, PLACE_BITS);
        Guides {
            all: [Guide::NONE; GUIDES],
            latest: vec![0; 1 << FIELD_BITS],
            above: vec![0; 1 << place_bits],
            alike: vec![0; 1 << place_bits],
            place_bits,
            source: vec![0; 1 << FIELD_BITS],
            misses: vec![[0; GUIDES]; 1 << FIELD_BITS],
            seen: [Seen::default(); REMEMBERED],
            seen_at: 0,
            field: 0,
            reckoning: Reckoning::new(),
            reckoned: Vec::new(),
        }
    }

    /// The byte that a guide expects.
    #[inline(always)]
    pub fn expected(&self, guide: usize, history: &[u8]) -> Option<u8> {
        let all = &self.all[guide];
        all.alive.then(|| all.aligned(self.text(guide, history), 0))
    }

    /// What stands in a guide's token where the next byte will, and behind it.
    #[inline(always)]
    pub fn aligned(&self, guide: usize, history: &[u8], ahead: usize) -> u8 {
        self.all[guide].aligned(self.text(guide, history), ahead)
    }

    #[inline(always)]
    fn text<'a>(&'a self, guide: usize, history: &'a [u8]) -> &'a [u8] {
        if guide == RECKONED { &self.reckoned } else { history }
    }

    /// Takes in the newest byte, which ended no token.
    #[inline(always)]
    pub fn follow(&mut self, history: &[u8]) {
        let byte = history[history.len() - 1];
        for i in 0..GUIDES {
            let guide = self.all[i];
            if guide.start == 0 {
                continue;
            }
            let aligned = guide.aligned(self.text(i, history), 0);
            let guide = &mut self.all[i];
            if guide.order == Order::Same && byte != aligned {
                guide.alive = false;
                guide.order = match (byte, aligned) {
                    _ if byte == aligned.wrapping_add(1) => Order::Next,
                    _ if byte > aligned => Order::Larger,
                    _ => Order::Smaller,
                };
            }
            guide.depth += 1;
        }
    }

    /// Learns from the token that has just ended, whose field was [`Columns::field`] and which began at `start`, and
    /// whose separator `history` ends with; `columns` stand at the next one.
    pub fn turn(&mut self, history: &[u8], start: usize, columns: &Columns, token: u64, was: &Ended) {
        let byte = history[history.len() - 1];
        let misses = &mut self.misses[self.field];
        for i in 0..GUIDES {
            let guide = &self.all[i];
            if guide.start > 0 {
                let text = if i == RECKONED { &self.reckoned } else { history };
                let missed = !guide.alive || guide.aligned(text, 0) != byte && i != COPY && i != RECKONED;
                misses[i] = misses[i] << 1 | missed as u8;
            }
        }
        let length = history.len() - 1 - start;
        self.relate(length, token);
        self.reckon(&history[start..history.len() - 1], columns, was, byte);
        self.aim(history.len(), columns);
    }

    /// Finds the latest other token that equals this one.
    fn relate(&mut self, length: usize, token: u64) {
        if length >= SHORTEST_COPY && (self.all[COPY].start == 0 || !self.all[COPY].alive) {
            let found = (1..=REMEMBERED)
                .map(|back| self.seen[(self.seen_at + REMEMBERED - back) % REMEMBERED])
                .find(|seen| seen.token == token && seen.field as usize != self.field);
            if let Some(found) = found {
                self.source[self.field] = found.field;
            }
        }
        self.seen[self.seen_at] = Seen { token, field: self.field as u32 };
        self.seen_at = (self.seen_at + 1) % REMEMBERED;
    }

    /// Keeps the numbers that others follow from, and foretells those.
    fn reckon(&mut self, token: &[u8], columns: &Columns, was: &Ended, separator: u8) {
        self.reckoning.take(token, was, separator);
        self.reckoned.clear();
        if let Some(next) = self.reckoning.next(columns) {
            // Place 0 means nowhere.
            self.reckoned.push(0);
            push_number(next, &mut self.reckoned);
        }
    }

    /// Finds guides for the token that begins at `at`.
    fn aim(&mut self, at: usize, columns: &Columns) {
        let field = columns.field();
        let slot = (field >> (64 - FIELD_BITS)) as usize;
        self.field = slot;
        let line_place = if columns.is_sample() { columns.column as u64 } else { columns.before[1] ^ columns.before[0] };
        let above = (hash(field, line_place) >> (64 - self.place_bits)) as usize;
        let alike = (hash(field ^ 1, columns.before[0]) >> (64 - self.place_bits)) as usize;
        let source = self.source[slot] as usize;
        let mut starts = [0; GUIDES];
        starts[ABOVE] = self.above[above] as usize;
        starts[LATEST] = self.latest[slot] as usize;
        starts[ALIKE] = self.alike[alike] as usize;
        starts[COPY] = if source > 0 { self.latest[source] as usize } else { 0 };
        starts[RECKONED] = !self.reckoned.is_empty() as usize;
        for i in 0..GUIDES {
            let misses = self.misses[slot][i];
            self.all[i] = Guide { start: starts[i], alive: starts[i] > 0, order: Order::Same, depth: 0, misses };
        }
        self.above[above] = at as u32;
        self.latest[slot] = at as u32;
        self.alike[alike] = at as u32;
    }
}
