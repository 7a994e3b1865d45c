//! Which values occur: images that use few of the possible ones are coded by their rank.

use crate::Layout;

/// Gaps are packed when at most this share of the range is in use.
const SPARSE: (usize, usize) = (4, 5);

/// The values of a stream, from rank to value.
pub struct Values {
    ranks: Option<Vec<u16>>,
    low: u32,
    pub top: i32,
}

impl Values {
    pub fn of(layout: &Layout, bytes: &[u8]) -> Values {
        let mut seen = vec![false; 1 << 16];
        for plane in 0..layout.planes() {
            layout.take(bytes, plane, |value| seen[value as usize] = true);
        }
        let used: Vec<u16> = (0..=u16::MAX).filter(|&value| seen[value as usize]).collect();
        let (low, high) = (used[0] as u32, used[used.len() - 1] as u32);
        let range = (high - low) as usize + 1;
        if used.len() * SPARSE.1 <= range * SPARSE.0 {
            Values { top: used.len() as i32 - 1, ranks: Some(used), low }
        } else {
            Values { top: (high - low) as i32, ranks: None, low }
        }
    }

    /// A table from values to ranks.
    pub fn inverse(&self) -> Vec<u16> {
        let mut table = vec![0; 1 << 16];
        for rank in 0..=self.top {
            table[self.value(rank) as usize] = rank as u16;
        }
        table
    }

    #[inline]
    pub fn value(&self, rank: i32) -> u32 {
        match &self.ranks {
            Some(ranks) => ranks[rank as usize] as u32,
            None => self.low + rank as u32,
        }
    }

    /// Lowest value, number of ranks, and for packed values the runs of gaps and of neighbours in turn.
    pub fn write(&self, out: &mut Vec<u8>) {
        varint(out, self.low);
        varint(out, self.top as u32);
        let Some(ranks) = &self.ranks else {
            out.push(0);
            return;
        };
        out.push(1);
        let mut at = 0;
        while at < ranks.len() {
            let step = gap(ranks, at);
            let run = (at..ranks.len()).take_while(|&i| gap(ranks, i) == step).count();
            varint(out, step);
            varint(out, run as u32);
            at += run;
        }
    }

    /// Gives the values and the bytes that they took.
    pub fn read(bytes: &[u8]) -> Option<(Values, usize)> {
        let mut at = 0;
        let (low, top) = (read_varint(bytes, &mut at)?, read_varint(bytes, &mut at)?);
        let packed = *bytes.get(at)?;
        at += 1;
        if low + top > 0xffff || packed > 1 {
            return None;
        }
        if packed == 0 {
            return Some((Values { ranks: None, low, top: top as i32 }, at));
        }
        let mut ranks = Vec::with_capacity(top as usize + 1);
        let mut value = low;
        while ranks.len() <= top as usize {
            let (step, run) = (read_varint(bytes, &mut at)?, read_varint(bytes, &mut at)?);
            let first = ranks.is_empty();
            if run == 0 || run as usize > top as usize + 1 - ranks.len() || (step == 0) != first || first && run != 1 {
                return None;
            }
            for _ in 0..run {
                value += step;
                if value > 0xffff {
                    return None;
                }
                ranks.push(value as u16);
            }
        }
        Some((Values { ranks: Some(ranks), low, top: top as i32 }, at))
    }
}

fn gap(ranks: &[u16], at: usize) -> u32 {
    if at == 0 { 0 } else { (ranks[at] - ranks[at - 1]) as u32 }
}

fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 128 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Up to three bytes.
fn read_varint(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let mut value = 0;
    for shift in [0, 7, 14] {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= ((byte & 127) as u32) << shift;
        if byte < 128 {
            return Some(value);
        }
    }
    None
}
