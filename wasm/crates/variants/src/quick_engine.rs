//! Codes tokens if they are expected, and bytes else, for speed.

use crate::columns::{Area, Columns, ALT, REF};
use crate::engine::TextModel;
use crate::gaps::Gaps;
use crate::genotypes::Genotypes;
use crate::hash::hash;
use crate::reckoning::Ended;
use crate::speller::{self, Alphabet, Speller};
use crate::token_gate::{Candidate, TokenGate, CONTEXTS};
use crate::tokens::{hash_of, Tokens, LATEST};
use coding::arithmetic::Coder;
use coding::symbols::SymbolCoder;

/// How a token compares with the latest of its field as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Same = 0,
    /// Larger by one in the first byte that differs.
    Next = 1,
    Larger = 2,
    Smaller = 3,
}

/// A token that is being spelt.
struct Spelling {
    /// Its last two bytes so far, the latest lower.
    bytes: u16,
    order: Order,
}

impl Spelling {
    const START: Spelling = Spelling { bytes: 0, order: Order::Same };
}

/// With the first `GATES` contexts of a question; if not `THOROUGH`, without what haplotypes say and without second
/// questions.
pub struct QuickEngine<const GATES: usize, const THOROUGH: bool> {
    columns: Columns,
    genotypes: Genotypes,
    tokens: Tokens,
    field: u64,
    /// What haplotypes say of the genotype to come.
    said: u64,
    gate: TokenGate,
    /// For the token that is likeliest once one is denied.
    second_gate: TokenGate,
    gaps: Gaps,
    speller: Speller,
    spelling: Spelling,
    /// What was coded last, and whether it was a token.
    coded: Vec<u8>,
    is_token: bool,
}

impl<const GATES: usize, const THOROUGH: bool> QuickEngine<GATES, THOROUGH> {
    /// For a text of `length` bytes.
    pub fn new(length: usize) -> Self {
        QuickEngine {
            columns: Columns::new(),
            genotypes: Genotypes::new(THOROUGH),
            tokens: Tokens::new(length),
            field: 0,
            said: 0,
            gate: TokenGate::new(length),
            second_gate: TokenGate::new(length / 4),
            gaps: Gaps::new(),
            speller: Speller::new(length),
            spelling: Spelling::START,
            coded: Vec::new(),
            is_token: false,
        }
    }

    /// Takes in what was coded last.
    #[inline(always)]
    fn update(&mut self, history: &[u8]) {
        let Some(&byte) = history.last() else { return };
        if self.is_token || self.columns.separates(byte) {
            self.end_token(history);
        } else {
            self.follow(history, byte);
        }
    }

    #[inline(always)]
    fn follow(&mut self, history: &[u8], byte: u8) {
        let aligned = self.aligned(history.len() - 1 - self.columns.start, history);
        if self.spelling.order == Order::Same && byte != aligned {
            self.spelling.order = match byte {
                _ if byte == aligned.wrapping_add(1) => Order::Next,
                _ if byte > aligned => Order::Larger,
                _ => Order::Smaller,
            };
        }
        self.spelling.bytes = self.spelling.bytes << 8 | byte as u16;
    }

    fn end_token(&mut self, history: &[u8]) {
        let start = self.columns.start;
        let token = &history[start..history.len() - 1];
        let (was, hash) = (Ended::of(&self.columns), hash_of(token));
        self.columns.token = hash;
        self.genotypes.take(token, &self.columns);
        if history.last() == Some(&b'\n') {
            self.genotypes.end_line(&self.columns);
        }
        self.columns.end_token(history);
        self.field = self.columns.field();
        self.tokens.turn(history, start, hash, &self.columns, self.field, &was);
        self.spelling = Spelling::START;
        self.said = 0;
        if THOROUGH && self.columns.is_genotype() {
            self.guess_genotype(history);
        }
    }

    /// Expects the genotype that haplotypes tell, written as the latest one.
    #[inline(always)]
    fn guess_genotype(&mut self, history: &[u8]) {
        let Some((said, others)) = self.genotypes.guess() else { return };
        self.said = said;
        if !self.tokens.guides[LATEST].is_whole() {
            return;
        }
        if let &[_, phase, _] = self.tokens.bytes(LATEST, history) {
            let [first, second] = others.map(|is_other| b'0' + is_other as u8);
            self.tokens.expect(&[first, phase, second]);
        }
    }

    /// What stands in the latest token of the field at some depth, 0 if there is none.
    #[inline(always)]
    fn aligned(&self, depth: usize, history: &[u8]) -> u8 {
        let start = self.tokens.guides[LATEST].start();
        if start > 0 { history.get(start + depth).copied().unwrap_or(0) } else { 0 }
    }

    /// Asks for the likeliest of the expected tokens, and for another one if that is denied.
    #[inline(always)]
    fn foretell<C: Coder>(&mut self, coder: &mut C, history: &[u8], rest: &[u8]) -> bool {
        let contexts = self.gate_contexts();
        let mut denied = None;
        for is_second in [false, true].into_iter().take(1 + THOROUGH as usize) {
            let gate = if is_second { &mut self.second_gate } else { &mut self.gate };
            let Some(candidate) = gate.best(&self.tokens.guides, &self.tokens.misses, denied) else { return false };
            let chance = gate.chance::<GATES>(candidate, &contexts, (self.field >> 40) as usize);
            let Candidate { guide, identity, .. } = candidate;
            let (token, end) = (self.tokens.bytes(guide, history), self.tokens.guides[guide].end());
            let comes = rest.get(token.len()) == Some(&end) && rest.starts_with(token);
            let came = coder.code(comes as u32, chance) != 0;
            gate.update::<GATES>(came);
            if came {
                self.coded.clear();
                self.coded.extend_from_slice(token);
                self.coded.push(end);
                return true;
            }
            denied = Some(identity);
        }
        false
    }

    /// Contexts of whether an expected token comes, most useful first.
    #[inline(always)]
    fn gate_contexts(&self) -> [u64; CONTEXTS] {
        let (c, f) = (&self.columns, self.field);
        if c.is_genotype() {
            let g = &self.genotypes;
            let sample = c.sample() as u64;
            let history = g.history(c.sample()) as u64;
            return [
                hash(f, self.said),
                hash(f, hash(g.carriers, sample)),
                hash(f, g.left(c.sample())),
                hash(f, hash(sample, history & 0xf)),
                hash(f, history & 0xffff),
            ];
        }
        let misses = self.tokens.misses.iter().fold(0, |all, &misses| all << 3 | misses as u64 & 7);
        [
            f,
            hash(f, c.before[0]),
            hash(f, misses),
            hash(f, hash(c.before[0], c.before[1])),
            hash(f, c.before[1]),
        ]
    }

    /// Contexts of a byte that is spelt: the bytes before it in the token, how the token compares with the latest of
    /// its field, and the token before.
    #[inline(always)]
    fn spelling_contexts(&self, history: &[u8]) -> [u64; speller::CONTEXTS] {
        let depth = history.len() - self.columns.start;
        let place = depth.min(7) as u64;
        let order = self.spelling.order as u64;
        let compared = (depth.min(31) as u64) << 16 | order << 8 | self.aligned(depth, history) as u64;
        [
            hash(hash(self.field, self.spelling.bytes as u64), place + 3),
            hash(hash(self.field, compared), 2),
            hash(hash(self.field, place), self.columns.before[0]),
        ]
    }

    fn alphabet(&self) -> &'static Alphabet {
        match self.columns.area {
            Area::Header => &speller::HEADER,
            Area::Fixed if matches!(self.columns.column, REF | ALT) => &speller::ALLELES,
            Area::Fixed => &speller::FIXED,
            Area::InfoKey | Area::InfoValue => &speller::INFO,
            Area::Format | Area::Sample => &speller::SAMPLE,
        }
    }

    #[inline(always)]
    fn spell<C: SymbolCoder>(&mut self, coder: &mut C, history: &[u8], rest: &[u8]) {
        let byte = rest.first().copied().unwrap_or(0);
        let contexts = self.spelling_contexts(history);
        let found = self.speller.code(coder, byte, self.alphabet(), &contexts, (self.field >> 40) as usize);
        self.coded.clear();
        self.coded.push(found);
    }
}

impl<const GATES: usize, const THOROUGH: bool> TextModel for QuickEngine<GATES, THOROUGH> {
    #[inline(always)]
    fn code<C: SymbolCoder>(&mut self, coder: &mut C, history: &[u8], rest: &[u8]) -> &[u8] {
        self.update(history);
        let is_start = history.len() == self.columns.start;
        self.is_token = is_start && self.foretell(coder, history, rest);
        if is_start && !self.is_token && self.columns.is_position() {
            let before = self.tokens.reckoning.position();
            self.is_token = self.gaps.code_position(coder, before, rest, &mut self.coded);
        }
        if !self.is_token {
            self.spell(coder, history, rest);
        }
        &self.coded
    }

    fn place(&self) -> (u8, u32, usize) {
        (self.columns.area as u8, self.columns.key, self.speller.spelt())
    }
}

