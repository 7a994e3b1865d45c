//! Stretches of a line with nothing near them: whether another colour begins there all the same, and where.

use super::lines::Changes;
use coding::arithmetic::Coder;
use coding::adaptive::TwoRateBit;

/// Lengths are told apart by their highest bit.
const LENGTHS: usize = 17;
const EVEN: u32 = 1 << 15;

/// By the colour and the length: whether a stretch is broken.
#[derive(Default)]
pub struct Stretches {
    broken: [[TwoRateBit<5, 10>; LENGTHS]; 2],
}

impl Stretches {
    /// Codes how many pixels, of `length`, keep their colour; `given` is what an encoder knows, or more.
    pub fn code<B: Coder>(&mut self, bits: &mut B, colour: usize, length: usize, given: usize) -> usize {
        let chance = &mut self.broken[colour][(length.ilog2() as usize).min(LENGTHS - 1)];
        let is_broken = bits.code((given < length) as u32, chance.one());
        chance.update(is_broken);
        if is_broken == 0 {
            return length;
        }
        let last = length - 1;
        let count = usize::BITS - last.leading_zeros();
        let kept = (0..count)
            .rev()
            .fold(0, |kept, place| kept << 1 | bits.code((given >> place & 1) as u32, EVEN) as usize);
        kept.min(last)
    }
}

/// The changes of a line, looked for from left to right.
pub struct Ahead<'a> {
    changes: &'a Changes,
    at: usize,
}

impl<'a> Ahead<'a> {
    pub fn new(changes: &'a Changes) -> Self {
        Ahead { changes, at: 0 }
    }

    /// The colour at `x`.
    #[inline(always)]
    pub fn colour(&mut self, x: usize) -> usize {
        while self.changes.get(self.at).is_some_and(|&change| change as usize <= x) {
            self.at += 1;
        }
        self.at & 1
    }

    /// The first pixel behind `x` of another colour than that at `x`, as far as there is one: white is what follows
    /// the line's `columns`.
    #[inline(always)]
    pub fn end(&mut self, x: usize, columns: usize) -> usize {
        let border = if self.colour(x) == 0 { usize::MAX / 2 } else { columns };
        self.changes.get(self.at).map_or(border, |&change| change as usize)
    }
}
