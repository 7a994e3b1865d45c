//! Bases, two bits each, by mixed contexts of several lengths and by repeats on either strand.

use crate::blend::{Blend, Choice, Sizes};
use crate::kmers::KmerCounts;
use crate::repeats::{Repeat, Repeats, CONFIDENCES};
use coding::arithmetic::Coder;
use coding::logistic::stretch;
use coding::maps::Map;
use coding::mixer::Inputs;

/// Nodes of a base's tree: its first bit, then its second one under either outcome.
pub const NODES: usize = 3;
/// Ranks of quality values, and one for "unknown".
pub const QUALITIES: usize = 128;

/// Which contexts predict; the sum of the three counts and one is at most `INPUTS`.
pub struct Orders<const DENSE: usize, const COUNTED: usize, const REPEATS: usize> {
    /// Lengths of contexts with probabilities of their own, 12 at most.
    pub dense: [u32; DENSE],
    /// Lengths of contexts with counts, 24 at most.
    pub counted: [u32; COUNTED],
    /// Least lengths of repeats.
    pub repeats: [u32; REPEATS],
}

pub struct MixedBases<const DENSE: usize, const COUNTED: usize, const REPEATS: usize, const INPUTS: usize> {
    orders: Orders<DENSE, COUNTED, REPEATS>,
    dense: [Vec<[u16; 4]>; DENSE],
    counted: [KmerCounts; COUNTED],
    shares: [Map; COUNTED],
    repeats: [Repeats; REPEATS],
    trust: [Map; REPEATS],
    history: Vec<u8>,
    /// The latest bases of this read, latest lowest; older ones are A.
    forward: u64,
    /// Their complements, latest highest.
    reverse: u64,
    read_length: usize,
    blend: Blend<INPUTS>,
    surprise: u32,
}

impl<const DENSE: usize, const COUNTED: usize, const REPEATS: usize, const INPUTS: usize>
    MixedBases<DENSE, COUNTED, REPEATS, INPUTS>
{
    /// `count`: how many bases there are.
    pub fn new(orders: Orders<DENSE, COUNTED, REPEATS>, count: usize) -> Self {
        let bits = (count as u64 * 2).max(1).ilog2().clamp(12, 20);
        MixedBases {
            dense: orders.dense.map(|order| vec![[32768; 4]; 1 << (2 * order)]),
            counted: orders.counted.map(|order| KmerCounts::new(order, bits + 1)),
            shares: orders.counted.map(|_| Map::new(NODES << 10, 1023)),
            repeats: orders.repeats.map(|length| Repeats::new(length, bits)),
            trust: orders.repeats.map(|_| Map::new(2 * CONFIDENCES, 1023)),
            history: Vec::with_capacity(count),
            forward: 0,
            reverse: 0,
            read_length: 0,
            blend: Blend::new(
                Sizes {
                    sets: [NODES << 9, NODES << 8, NODES * QUALITIES],
                    curves: [NODES << 8, NODES * QUALITIES * 4],
                    nodes: NODES,
                },
                5000,
                [60, 20],
            ),
            surprise: 0,
            orders,
        }
    }

    pub fn start_read(&mut self) {
        self.forward = 0;
        self.reverse = 0;
        self.read_length = 0;
        self.repeats.iter_mut().for_each(Repeats::start_read);
    }

    /// How little the last base was expected, 0..=7.
    pub fn surprise(&self) -> u8 {
        surprise_of(self.surprise)
    }

    /// Codes a base, 0..=3, whose quality has the rank `quality` plus one, or 0 if it is not known yet.
    #[inline(always)]
    pub fn code<C: Coder>(&mut self, coder: &mut C, base: u8, quality: u8) -> u8 {
        let forward = self.forward;
        let quality = quality as usize & (QUALITIES - 1);
        let dense: [usize; DENSE] =
            core::array::from_fn(|i| forward as usize & ((1 << (2 * self.orders.dense[i])) - 1));
        let counts: [u32; COUNTED] = core::array::from_fn(|i| self.counted[i].enter(forward));
        let expected: [Repeat; REPEATS] = core::array::from_fn(|i| self.repeats[i].expected(&self.history));
        let longest = expected.iter().rposition(|repeat| repeat.is_some()).map_or(0, |i| i + 1);
        let best = if longest > 0 { expected[longest - 1].confidence / 8 } else { 0 };
        let known = (0..COUNTED).fold(0, |known, i| known << 2 | how_known(counts[i]));
        let mut node = 0;
        let mut found = 0;
        self.surprise = 0;
        for step in 0..2 {
            let mut inputs = Inputs([0i16; INPUTS]);
            for i in 0..DENSE {
                inputs.0[i] = stretch(self.dense[i][dense[i]][node] as u32) as i16;
            }
            let shares: [usize; COUNTED] = core::array::from_fn(|i| node << 10 | share_of(counts[i], node));
            for i in 0..COUNTED {
                inputs.0[DENSE + i] = self.shares[i].stretched(shares[i]);
            }
            let votes = expected.map(|repeat| repeat.is_some() && (step == 0 || repeat.base >> 1 == found));
            let bits = expected.map(|repeat| (repeat.base >> (1 - step) & 1) as u32);
            for i in 0..REPEATS {
                if votes[i] {
                    let trust = self.trust[i].stretched(step * CONFIDENCES + expected[i].confidence);
                    inputs.0[DENSE + COUNTED + i] = if bits[i] != 0 { trust } else { -trust };
                }
            }
            inputs.0[INPUTS - 1] = 256;
            let agreed = (longest.min(2) * 128 + best).min(511);
            let choice = Choice {
                sets: [node << 9 | agreed, node << 8 | known & 255, node * QUALITIES + quality],
                curves: [node << 8 | forward as usize & 255, (node * QUALITIES + quality) * 4 + longest.min(3)],
                node,
            };
            let one = self.blend.one(&inputs, &choice);
            let bit = coder.code((base >> (1 - step) & 1) as u32, one);

            self.surprise += 16 - (if bit != 0 { one } else { 65536 - one }).ilog2();
            for i in 0..DENSE {
                let rate = if self.orders.dense[i] > 6 { 4 } else { 6 };
                let p = &mut self.dense[i][dense[i]][node];
                *p = if bit != 0 { *p + ((65535 - *p) >> rate) } else { *p - (*p >> rate) };
            }
            for i in 0..COUNTED {
                self.shares[i].update(shares[i], bit);
            }
            for i in 0..REPEATS {
                if votes[i] {
                    self.trust[i].update(step * CONFIDENCES + expected[i].confidence, (bit == bits[i]) as u32);
                }
            }
            self.blend.update(&inputs, bit);
            found = found << 1 | bit as u8;
            node = 1 + bit as usize;
        }
        self.take(found);
        found
    }

    #[inline(always)]
    fn take(&mut self, base: u8) {
        for table in &mut self.counted {
            table.count(self.forward, base);
        }
        self.forward = self.forward << 2 | base as u64;
        self.reverse = self.reverse >> 2 | (3 - base as u64) << 62;
        self.read_length += 1;
        self.history.push(base);
        for repeats in &mut self.repeats {
            repeats.update(&self.history, self.forward, self.reverse, self.read_length);
        }
    }
}

/// 0: never seen, 1: once, 2: several bases, 3: one base several times.
#[inline(always)]
pub fn how_known(counts: u32) -> usize {
    let mut kinds = 0;
    let mut sum = 0;
    for base in 0..4 {
        let count = counts >> (4 * base) & 15;
        kinds += (count > 0) as usize;
        sum += count;
    }
    match (kinds, sum) {
        (0, _) => 0,
        (_, 1) => 1,
        (1, _) => 3,
        _ => 2,
    }
}

/// The counts of the two outcomes at a node, five bits each.
#[inline(always)]
pub fn share_of(counts: u32, node: usize) -> usize {
    let [a, c, g, t] = [counts & 15, counts >> 4 & 15, counts >> 8 & 15, counts >> 12 & 15];
    let (zeros, ones) = match node {
        0 => (a + c, g + t),
        1 => (a, c),
        _ => (g, t),
    };
    (zeros << 5 | ones) as usize
}

/// From the bits that a base took to a level, 0..=7.
pub fn surprise_of(bits: u32) -> u8 {
    match bits {
        0..=3 => bits as u8,
        4..=5 => 4,
        6..=8 => 5,
        9..=12 => 6,
        _ => 7,
    }
}
