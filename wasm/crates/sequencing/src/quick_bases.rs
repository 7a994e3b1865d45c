//! Bases by the latest repeat where one can be trusted, else by contexts of two lengths, for speed.

use crate::bases::{how_known, share_of, surprise_of, NODES, QUALITIES};
use crate::kmers::KmerCounts;
use crate::pairing::Weights;
use crate::repeats::{Repeat, Repeats, CONFIDENCES};
use coding::arithmetic::Coder;
use coding::maps::Map;
use coding::vector::Eight;

/// The length of contexts with probabilities of their own, and of those with counts.
const SHORT: u32 = 6;
const COUNTED: u32 = 11;
/// The least length of a repeat.
const REPEATED: u32 = 14;
/// A repeat is relied on if it was right more often than this, in 1/65536.
const LEAST_TRUST: u16 = 40000;
/// Qualities are told apart by fours.
const QUALITY_STEPS: usize = QUALITIES / 4;
const RATE: i32 = 60;

pub struct QuickBases {
    short: Vec<[u16; 4]>,
    counts: KmerCounts,
    shares: Map,
    /// By node and how well the counts know the context.
    weights: Weights,
    repeats: Repeats,
    /// How often a repeat was right, by its confidence and the quality.
    trust: Vec<u16>,
    /// How often it was, by the counts of its base and of the others.
    agreement: Map,
    agreement_weights: Weights,
    /// Which base came instead of an expected one.
    others: [[u16; 2]; 4],
    history: Vec<u8>,
    /// The latest bases of this read, latest lowest; older ones are A.
    forward: u64,
    /// Their complements, latest highest.
    reverse: u64,
    read_length: usize,
    surprise: u32,
    /// Whether the counts have not seen the last base.
    skipped: bool,
}

impl QuickBases {
    /// `count`: how many bases there are.
    pub fn new(count: usize) -> Self {
        let bits = (count as u64 * 2).max(1).ilog2().clamp(12, 20);
        QuickBases {
            short: vec![[32768; 4]; 1 << (2 * SHORT)],
            counts: KmerCounts::new(COUNTED, bits + 1),
            shares: Map::new(NODES << 10, 1023),
            weights: Weights::new(NODES << 2, 9000),
            repeats: Repeats::new(REPEATED, bits),
            trust: vec![60000; CONFIDENCES * QUALITY_STEPS],
            agreement: Map::new(256, 1023),
            agreement_weights: Weights::new(256, 18000),
            others: [[32768; 2]; 4],
            history: Vec::with_capacity(count),
            forward: 0,
            reverse: 0,
            read_length: 0,
            surprise: 0,
            skipped: false,
        }
    }

    pub fn start_read(&mut self) {
        self.forward = 0;
        self.reverse = 0;
        self.read_length = 0;
        self.repeats.start_read();
    }

    /// How little the last base was expected, 0..=7.
    pub fn surprise(&self) -> u8 {
        surprise_of(self.surprise)
    }

    /// Codes a base, 0..=3, whose quality has the rank `quality` plus one, or 0 if it is not known yet.
    #[inline(always)]
    pub fn code<C: Coder>(&mut self, coder: &mut C, base: u8, quality: u8) -> u8 {
        if core::mem::take(&mut self.skipped) {
            self.counts.enter(self.forward >> 2);
        }
        let counts = self.counts.enter(self.forward);
        let expected = self.repeats.expected(&self.history);
        let place = expected.confidence * QUALITY_STEPS + (quality as usize & (QUALITIES - 1)) / 4;
        let trust = self.trust[place];
        let found = if expected.is_some() && trust > LEAST_TRUST {
            self.code_expected(coder, base, expected, counts, trust)
        } else {
            self.code_fresh(coder, base, counts)
        };
        if expected.is_some() {
            move_to(&mut self.trust[place], (found == expected.base) as u32, 5);
        }
        self.take(found);
        found
    }

    /// Codes whether the base is the expected one, then which other.
    #[inline(always)]
    fn code_expected<C: Coder>(
        &mut self,
        coder: &mut C,
        base: u8,
        expected: Repeat,
        counts: u32,
        trust: u16,
    ) -> u8 {
        let own = counts >> (4 * expected.base) & 15;
        let all = (0..4).fold(0, |sum, base| sum + (counts >> (4 * base) & 15));
        let seen = (own << 4 | (all - own).min(15)) as usize;
        let mut ones = [32768; 8];
        (ones[0], ones[1]) = (trust, self.agreement.one(seen) as u16);
        let inputs = Eight::new(ones).stretched();
        let one = self.agreement_weights.mix(inputs, seen);
        let right = coder.code((base == expected.base) as u32, one);
        self.agreement_weights.update(inputs, seen, one, right, RATE);
        self.agreement.update(seen, right);
        if right != 0 {
            self.surprise = 16 - one.ilog2();
            return expected.base;
        }
        self.surprise = 17 - (65536 - one).ilog2();
        self.code_other(coder, base, expected.base)
    }

    /// Codes how far behind the expected base, in the order of bases, the other one comes.
    fn code_other<C: Coder>(&mut self, coder: &mut C, base: u8, expected: u8) -> u8 {
        let distance = base.wrapping_sub(expected) & 3;
        let ones = &mut self.others[expected as usize & 3];
        if code_bit(coder, &mut ones[0], (distance == 2) as u32) != 0 {
            return (expected + 2) & 3;
        }
        let last = code_bit(coder, &mut ones[1], (distance == 3) as u32);
        (expected + 1 + 2 * last as u8) & 3
    }

    #[inline(always)]
    fn code_fresh<C: Coder>(&mut self, coder: &mut C, base: u8, counts: u32) -> u8 {
        let short = self.forward as usize & ((1 << (2 * SHORT)) - 1);
        let known = how_known(counts);
        let mut node = 0;
        let mut found = 0;
        self.surprise = 0;
        for step in 0..2 {
            let share = node << 10 | share_of(counts, node);
            let mut ones = [32768; 8];
            (ones[0], ones[1]) = (self.short[short][node], self.shares.one(share) as u16);
            let inputs = Eight::new(ones).stretched();
            let one = self.weights.mix(inputs, node << 2 | known);
            let bit = coder.code((base >> (1 - step) & 1) as u32, one);
            self.weights.update(inputs, node << 2 | known, one, bit, RATE);
            self.surprise += 16 - (if bit != 0 { one } else { 65536 - one }).ilog2();
            move_to(&mut self.short[short][node], bit, 5);
            self.shares.update(share, bit);
            found = found << 1 | bit as u8;
            node = 1 + bit as usize;
        }
        found
    }

    /// Takes in a base that was coded otherwise; repeats neither go on behind it nor find it.
    #[inline(always)]
    pub fn skip(&mut self, base: u8) {
        if !self.skipped {
            self.skipped = true;
            self.repeats.start_read();
        }
        self.append(base);
    }

    #[inline(always)]
    fn take(&mut self, base: u8) {
        self.counts.count(self.forward, base);
        self.append(base);
        self.repeats.update(&self.history, self.forward, self.reverse, self.read_length);
    }

    #[inline(always)]
    fn append(&mut self, base: u8) {
        self.forward = self.forward << 2 | base as u64;
        self.reverse = self.reverse >> 2 | (3 - base as u64) << 62;
        self.read_length += 1;
        self.history.push(base);
    }
}

#[inline(always)]
fn code_bit<C: Coder>(coder: &mut C, one: &mut u16, bit: u32) -> u32 {
    let bit = coder.code(bit, (*one as u32).clamp(32, 65503));
    move_to(one, bit, 5);
    bit
}

/// Moves a probability towards a bit by `1 / 2^rate` of its error.
#[inline(always)]
fn move_to(one: &mut u16, bit: u32, rate: u32) {
    *one = if bit != 0 { *one + ((65535 - *one) >> rate) } else { *one - (*one >> rate) };
}
