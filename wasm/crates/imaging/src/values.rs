//! Which numbers occur in the planes of a word: if they are few of the possible ones, they are coded by their rank, and
//! one far from all others stands for "no data" and is told apart first.

use crate::Layout;

/// Gaps are packed when at most this share of the range is in use.
const SPARSE: (usize, usize) = (4, 5);
/// How far from the others, in shares of their range, and how common a number is that stands for no data.
const FAR: u32 = 8;
const COMMON: usize = 1000;
/// How many times the bits of the list packing must save.
const WORTH: usize = 2;
/// Fewer numbers than this are as well told apart by the model.
const FEW: usize = 2;

const PACKED: u8 = 1;
const HOLES: u8 = 2;

/// The numbers of a word's planes, from rank to number.
pub struct Values {
    ranks: Option<Vec<u16>>,
    low: u32,
    pub top: i32,
    /// The number of holes: samples without data.
    pub hole: Option<u32>,
}

impl Values {
    /// `counts`: how often each number occurs; `may`: whether one of them may stand for no data.
    pub fn of(counts: &[u32], may: bool) -> Values {
        let mut used: Vec<u16> = (0..=u16::MAX).filter(|&number| counts[number as usize] > 0).collect();
        let hole = if may { take_hole(counts, &mut used) } else { None };
        let (low, high) = (used[0] as u32, used[used.len() - 1] as u32);
        let range = (high - low) as usize + 1;
        if used.len() * SPARSE.1 <= range * SPARSE.0 && is_worth_packing(counts, &used) {
            Values { top: used.len() as i32 - 1, ranks: Some(used), low, hole }
        } else {
            Values { top: (high - low) as i32, ranks: None, low, hole }
        }
    }

    /// How often each number occurs in the planes of a word.
    pub fn count(layout: &Layout, bytes: &[u8], word: usize) -> Vec<u32> {
        let mut counts = vec![0; 1 << 16];
        for plane in (word..layout.planes()).step_by(layout.words()) {
            layout.take(bytes, plane, |number| counts[number as usize] += 1);
        }
        counts
    }

    /// A table from numbers to ranks; -1 for holes.
    pub fn inverse(&self) -> Vec<i32> {
        let mut table = vec![0; 1 << 16];
        for rank in 0..=self.top {
            table[self.number(rank) as usize] = rank;
        }
        if let Some(hole) = self.hole {
            table[hole as usize] = -1;
        }
        table
    }

    #[inline]
    pub fn number(&self, rank: i32) -> u32 {
        match &self.ranks {
            Some(ranks) => ranks[rank as usize] as u32,
            None => self.low + rank as u32,
        }
    }

    /// Lowest number, highest rank, flags, the number of holes, and for packed numbers the runs of equal steps.
    pub fn write(&self, out: &mut Vec<u8>) {
        varint(out, self.low);
        varint(out, self.top as u32);
        out.push(if self.ranks.is_some() { PACKED } else { 0 } | if self.hole.is_some() { HOLES } else { 0 });
        if let Some(hole) = self.hole {
            varint(out, hole);
        }
        if let Some(ranks) = &self.ranks {
            write_ranks(ranks, out);
        }
    }

    /// Gives the numbers; `at` moves behind them.
    pub fn read(bytes: &[u8], at: &mut usize) -> Option<Values> {
        let (low, top) = (varint_at(bytes, at)?, varint_at(bytes, at)?);
        let flags = *bytes.get(*at)?;
        *at += 1;
        if low + top > 0xffff || flags > PACKED | HOLES {
            return None;
        }
        let hole = if flags & HOLES != 0 { Some(varint_at(bytes, at)?) } else { None };
        if hole.is_some_and(|hole| hole > 0xffff) {
            return None;
        }
        let ranks = if flags & PACKED != 0 { Some(read_ranks(bytes, at, low, top as usize)?) } else { None };
        Some(Values { ranks, low, top: top as i32, hole })
    }
}

/// Takes a number out of those in use that is far below or above them and common.
fn take_hole(counts: &[u32], used: &mut Vec<u16>) -> Option<u32> {
    if used.len() < FEW {
        return None;
    }
    let total: usize = counts.iter().map(|&count| count as usize).sum();
    let last = used.len() - 1;
    let stands_out = |at: usize, next: usize, other: usize| {
        let gap = (used[at] as i32 - used[next] as i32).unsigned_abs();
        let range = (used[next] as i32 - used[other] as i32).unsigned_abs() + 1;
        gap > 1 && gap * FAR > range && counts[used[at] as usize] as usize * COMMON >= total
    };
    if stands_out(0, 1, last) {
        return Some(used.remove(0) as u32);
    }
    if stands_out(last, last - 1, 0) {
        return used.pop().map(u32::from);
    }
    None
}

/// Whether the bits that ranks save, the logarithm of a number's distance to those beside it, are well above what the list
/// of numbers takes. A common number far from the others, which no hole stands for, is worth it, too.
fn is_worth_packing(counts: &[u32], used: &[u16]) -> bool {
    let mut list = Vec::new();
    write_ranks(used, &mut list);
    let saved = |at: usize| {
        let beside = gap(used, (at + 1).min(used.len() - 1));
        counts[used[at] as usize] as f64 * (gap(used, at).max(beside).max(1) as f64).log2()
    };
    let saved: f64 = (0..used.len()).map(saved).sum();
    saved > (WORTH * 8 * list.len()) as f64
}

/// The runs of equal steps.
fn write_ranks(ranks: &[u16], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < ranks.len() {
        let step = gap(ranks, at);
        let run = (at..ranks.len()).take_while(|&i| gap(ranks, i) == step).count();
        varint(out, step);
        varint(out, run as u32);
        at += run;
    }
}

fn read_ranks(bytes: &[u8], at: &mut usize, low: u32, top: usize) -> Option<Vec<u16>> {
    let mut ranks = Vec::with_capacity(top + 1);
    let mut number = low;
    while ranks.len() <= top {
        let (step, run) = (varint_at(bytes, at)?, varint_at(bytes, at)?);
        let first = ranks.is_empty();
        if run == 0 || run as usize > top + 1 - ranks.len() || (step == 0) != first || first && run != 1 {
            return None;
        }
        for _ in 0..run {
            number += step;
            if number > 0xffff {
                return None;
            }
            ranks.push(number as u16);
        }
    }
    Some(ranks)
}

fn gap(ranks: &[u16], at: usize) -> u32 {
    if at == 0 { 0 } else { (ranks[at] - ranks[at - 1]) as u32 }
}

pub fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 128 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Up to four bytes.
pub fn varint_at(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let mut value = 0;
    for shift in [0, 7, 14, 21] {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= ((byte & 127) as u32) << shift;
        if byte < 128 {
            return Some(value);
        }
    }
    None
}
