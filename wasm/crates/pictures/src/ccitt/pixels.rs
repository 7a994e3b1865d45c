//! Bilevel pixels by what is near them, line by line. Where all near a pixel has one colour, a whole stretch is coded
//! at once.

use super::bitmap::Bitmap;
use super::lines::Changes;
use super::stretches::{Ahead, Stretches};
use coding::arithmetic::Coder;
use crate::decider::{Decider, Situation};
use coding::adaptive::TwoRateBit;

/// Lines that are looked at.
const LINES: usize = 5;
const CONTEXTS: usize = 5;
/// Bits of each context.
const SIZES: [u32; CONTEXTS] = [16, 22, 18, 19, 22];
const RATE: i32 = 64;
/// Pixels before this one, and to both sides in the lines above, that have one colour on a plain stretch.
const OWN: usize = 5;
const SIDES: [usize; 2] = [5, 4];

pub struct Pixels {
    columns: usize,
    /// The line being coded, then those above it, nearest first.
    lines: [Bitmap; LINES],
    /// The line before the one above.
    above2: Changes,
    decider: Decider<CONTEXTS>,
    /// Whether a line is as the one above it, by whether the last two were.
    repeats: [TwoRateBit<4, 7>; 4],
    repeated: usize,
    stretches: Stretches,
}

impl Pixels {
    pub fn new(columns: usize) -> Self {
        let sizes = Situation { lines: SIZES.map(|bits| 1 << bits), weights: 256 };
        Pixels {
            columns,
            lines: std::array::from_fn(|_| Bitmap::new(columns)),
            above2: Changes::new(),
            decider: Decider::new(sizes, 1, RATE),
            repeats: [TwoRateBit::new(); 4],
            repeated: 0,
            stretches: Stretches::default(),
        }
    }

    /// Codes a line; `given` is what an encoder knows, `above` the line before.
    pub fn code<B: Coder>(&mut self, bits: &mut B, given: &Changes, above: &Changes) -> Changes {
        let repeat = &mut self.repeats[self.repeated];
        let is_repeat = bits.code((given == above) as u32, repeat.one());
        repeat.update(is_repeat);
        self.repeated = (self.repeated << 1 | is_repeat as usize) & 3;
        self.lines.rotate_right(1);
        let line = if is_repeat != 0 {
            let (first, rest) = self.lines.split_at_mut(1);
            first[0].copy_from(&rest[0]);
            above.clone()
        } else {
            self.lines[0].clear();
            self.line(bits, given, above)
        };
        self.above2.clone_from(above);
        line
    }

    fn line<B: Coder>(&mut self, bits: &mut B, given: &Changes, above: &Changes) -> Changes {
        let above2 = std::mem::take(&mut self.above2);
        let mut ahead = [Ahead::new(above), Ahead::new(&above2)];
        let mut wanted = Ahead::new(given);
        let mut line = Changes::new();
        let (mut x, mut colour) = (0, 0);
        while x < self.columns {
            let (kept, asked) = if self.is_plain(x, colour) {
                let ends: [usize; 2] = std::array::from_fn(|i| ahead[i].end(x, self.columns) - SIDES[i]);
                let length = ends[0].min(ends[1]).min(self.columns) - x;
                let given = if wanted.colour(x) == colour { wanted.end(x, self.columns) - x } else { 0 };
                (self.stretches.code(bits, colour, length, given), length)
            } else {
                ((self.pixel(bits, x, wanted.colour(x)) == colour) as usize, 1)
            };
            let end = x + kept;
            if colour != 0 {
                self.lines[0].blacken(x, end);
            }
            x = end;
            if kept < asked {
                colour ^= 1;
                line.push(x as u32);
                self.lines[0].blacken(x, x + colour);
                x += 1;
            }
        }
        self.above2 = above2;
        line
    }

    /// Whether all near pixel `x` have one colour.
    #[inline(always)]
    fn is_plain(&self, x: usize, colour: usize) -> bool {
        let [own, above, above2] =
            [self.lines[0].before(x, OWN), self.lines[1].window(x, SIDES[0]), self.lines[2].window(x, SIDES[1])];
        if colour == 0 {
            own | above | above2 == 0
        } else {
            own == (1 << OWN) - 1 && above == (2 << 2 * SIDES[0]) - 1 && above2 == (2 << 2 * SIDES[1]) - 1
        }
    }

    fn pixel<B: Coder>(&mut self, bits: &mut B, x: usize, wanted: usize) -> usize {
        let own = self.lines[0].before(x, 8);
        let [one, two] = [self.lines[1].window(x, 5), self.lines[2].window(x, 4)];
        let far = [self.lines[3].window(x, 3), self.lines[4].window(x, 2)];
        // Parts of the lines: so many pixels to the left and to the right of the one above.
        let part = |line: usize, reach: usize, left: usize, right: usize| {
            line >> (reach - right) & ((1 << (left + right + 1)) - 1)
        };
        let lines = [
            (own & 15) << 12 | part(one, 5, 3, 3) << 5 | part(two, 4, 2, 2),
            (own & 31) << 17 | part(one, 5, 4, 4) << 8 | part(two, 4, 3, 4),
            (own & 3) << 16
                | part(one, 5, 1, 1) << 13
                | part(two, 4, 2, 2) << 8
                | (far[0] >> 1 & 31) << 3
                | (far[1] >> 1 & 7),
            own << 11 | one,
            (own & 1) << 21 | part(one, 5, 1, 2) << 17 | part(two, 4, 2, 2) << 12 | far[0] << 5 | far[1],
        ];
        let situation = Situation { lines, weights: (own & 7) << 5 | part(one, 5, 2, 2) };
        self.decider.code(bits, &situation, 0, wanted as u32) as usize
    }
}
