//! What the structure of logs, dumps and JSON means for the next byte: who expects which, and the contexts of those
//! that are spelt.

use crate::engine::{hash, Contexts, Source, CONFIDENCES, HASHES, VOTES};
use crate::layout::Dialect;
use crate::numbers::Expectation;
use crate::text::{is_token, Text};
use coding::matching::Pointer;

/// Tokens are not measured beyond.
const LONGEST_LEFT: usize = 24;

impl Text {
    /// The last bytes, at most 8.
    #[inline(always)]
    fn last(&self, count: u32) -> u64 {
        self.recent & (u64::MAX >> (64 - 8 * count))
    }

    fn expectations(&self, history: &[u8]) -> [(Option<u8>, usize); VOTES] {
        let same = |index: usize| self.memory.entry(index).same;
        let depth = (history.len() - self.start).min(3);
        let told = |pointer: &Pointer, same: u8| {
            // Fresh in its token, a pointer is worth what its place was worth before.
            let confidence = pointer.confidence();
            let confidence = if depth < 3 { (same as usize & 7) << 2 | depth } else { confidence };
            (pointer.expected(history), confidence)
        };
        let number = |expectation: &Expectation| {
            let came = expectation.came().min(3);
            (expectation.next(), ((expectation.trust & 15) as usize) << 2 | came)
        };
        let related = self.relations.as_ref();
        let by_tokens = || (self.local.expected(history), self.local.confidence());
        [
            (self.long.pointer().expected(history), self.long.pointer().confidence()),
            (self.short.pointer().expected(history), self.short.pointer().confidence()),
            told(&self.above, same(self.entries[0])),
            told(&self.alike, same(self.entries[1])),
            related.map_or_else(by_tokens, |related| related.reckoner.expected()),
            number(&self.continued[1]),
            number(&self.related),
            number(&self.continued[0]),
            number(&self.stepped),
            related.map_or((None, 0), |related| number(&related.continued)),
            related.map_or((None, 0), |related| number(&related.moved)),
        ]
    }
}

/// The byte `ahead` bytes behind the one that a pointer expects; 0 if it points nowhere.
#[inline(always)]
fn byte_ahead(pointer: &Pointer, history: &[u8], ahead: usize) -> u64 {
    match pointer.is_aimed() {
        true => history.get(pointer.at() + ahead).map_or(0, |byte| *byte as u64),
        false => 0,
    }
}

/// How many bytes more the token has that a pointer is in.
#[inline(always)]
fn bytes_left(pointer: &Pointer, history: &[u8]) -> u64 {
    if !pointer.is_aimed() {
        return 0;
    }
    let rest = history.get(pointer.at()..).unwrap_or_default();
    rest.iter().take(LONGEST_LEFT).take_while(|byte| is_token(**byte)).count() as u64
}

impl Source for Text {
    fn sure(&self) -> u32 {
        // Dumps have fewer bytes that are foretold, and need the speed.
        match self.dialect {
            Dialect::Lines => 65000,
            Dialect::Sql => 60000,
        }
    }

    fn update(&mut self, history: &[u8], next: &mut Contexts) {
        self.read(history);
        next.expected = self.expectations(history);
        debug_assert!(next.expected.iter().all(|expected| expected.1 < CONFIDENCES));
        let depth = (history.len() - self.start).min(40) as u64;
        let place = self.layout.place;
        let template = hash(self.template, self.kind);
        next.place = hash(place, depth.min(30));
        let token_place = hash(next.place, self.token);
        next.signs = [hash(place, depth), hash(template, self.token), token_place, self.last(5)];
    }

    #[inline(always)]
    fn hashes(&self, history: &[u8], next: &Contexts) -> [u64; HASHES] {
        let last = |count: u32| self.last(count);
        let c1 = last(1);
        let byte = |index: usize| next.expected[index].0.map_or(256, |byte| byte as u64);
        let [long, short, above, alike] = [byte(0), byte(1), byte(2), byte(3)];
        let [continued, related, continued_in_place, stepped] = [byte(5), byte(6), byte(7), byte(8)];
        let higher = self.higher.expected(history).map_or(256, |byte| byte as u64);
        let depth = (history.len() - self.start).min(40) as u64;
        let place = self.layout.place;
        let template = hash(self.template, self.kind);
        let compared = self.compared as u64;
        let column = hash(place, self.token);
        let shape = hash(self.shape as u64 & 0xffff_ffff_ffff, 9);
        let [parent, kin, kin_token, reckoned] = self.relations.as_ref().map_or([0; 4], |relations| {
            let kin = relations.kin.expected(history).map_or(256, |byte| byte as u64);
            let token = self.memory.entry(relations.entry).token as u64;
            [relations.parent, kin, token, relations.reckoner.context()]
        });
        [
            last(3),
            last(4),
            shape,
            hash(self.word, self.words[0]) ^ c1,
            column,
            hash(long << 18 | short << 9 | alike, c1),
            hash(hash(place, depth), above << 2 | compared),
            hash(hash(continued << 20 | related << 10 | continued_in_place, compared), above),
            last(2),
            hash(self.word, c1),
            hash(column, self.tokens[0]),
            hash(column, self.anchor),
            hash(hash(self.tokens[0], self.anchor), self.token),
            hash(hash(place, depth), higher << 1 | 1),
            hash(hash(alike, byte_ahead(&self.alike, history, 1)), hash(kin, c1)),
            hash(hash(template, related << 9 | stepped), depth),
            hash(hash(template, bytes_left(&self.alike, history) << 5 | depth), alike << 9 | kin),
            hash(last(6) & !255, above),
            hash(place, self.heading),
            hash(hash(self.words[0], self.words[1]), hash(self.word, c1)),
            hash(hash(template, parent), self.token),
            hash(hash(template, kin_token), hash(parent, self.token)),
            hash(place, reckoned << 9 | above),
            hash(self.shape as u64, (self.shape >> 64) as u64),
            hash(shape, alike),
        ]
    }
}
