//! Bilevel pixels by what is near them, line by line.

use super::lines::Changes;
use crate::bits::Bits;
use crate::decider::{Decider, Situation, CONTEXTS};
use coding::adaptive::TwoRateBit;

/// Lines that are looked at, and how far to the sides.
const LINES: usize = 5;
const MARGIN: usize = 16;
/// Bits of each context.
const SIZES: [u32; CONTEXTS] = [10, 16, 22, 18, 19, 14, 22];
const RATES: (i32, i32) = (20, 6);

pub struct Pixels {
    /// The line being coded, then those above it, nearest first; each with margins.
    lines: [Vec<u8>; LINES],
    decider: Decider,
    /// Whether a line is as the one above it, by whether the last two were.
    repeats: [TwoRateBit<4, 7>; 4],
    repeated: usize,
    /// A pixel all of whose surroundings have one colour: by the colour.
    plain: [TwoRateBit<5, 10>; 2],
}

impl Pixels {
    pub fn new(columns: usize) -> Self {
        let sizes =
            Situation { lines: SIZES.map(|bits| 1 << bits), weights: [1024, 256, 32], curves: [1024, 1], last: 1 };
        Pixels {
            lines: std::array::from_fn(|_| vec![0; columns + 2 * MARGIN]),
            decider: Decider::new(sizes, 1, RATES),
            repeats: [TwoRateBit::new(); 4],
            repeated: 0,
            plain: [TwoRateBit::new(); 2],
        }
    }

    /// Codes a line; `given` is what an encoder knows, `above` the line before.
    pub fn code<B: Bits>(&mut self, bits: &mut B, given: &Changes, above: &Changes) -> Changes {
        let repeat = &mut self.repeats[self.repeated];
        let is_repeat = bits.bit((given == above) as u32, repeat.one());
        repeat.update(is_repeat);
        self.repeated = (self.repeated << 1 | is_repeat as usize) & 3;
        self.lines.rotate_right(1);
        let columns = self.lines[0].len() - 2 * MARGIN;
        if is_repeat != 0 {
            let (first, rest) = self.lines.split_at_mut(1);
            first[0].copy_from_slice(&rest[0]);
            return above.clone();
        }
        self.lines[0].fill(0);
        let mut line = Changes::new();
        let (mut colour, mut next) = (0u32, 0);
        let mut last = 0u32;
        for x in 0..columns {
            while given.get(next).is_some_and(|&change| change as usize <= x) {
                (colour, next) = (colour ^ 1, next + 1);
            }
            let pixel = self.pixel(bits, x + MARGIN, colour);
            self.lines[0][x + MARGIN] = pixel as u8;
            if pixel != last {
                line.push(x as u32);
                last = pixel;
            }
        }
        line
    }

    #[inline(always)]
    fn pixel<B: Bits>(&mut self, bits: &mut B, x: usize, wanted: u32) -> u32 {
        let window = |line: usize, from: usize, to: usize| {
            self.lines[line][from..=to].iter().fold(0usize, |sum, &pixel| sum << 1 | pixel as usize)
        };
        let own = window(0, x - 12, x - 1);
        let above: [usize; 2] = [window(1, x - 5, x + 5), window(2, x - 4, x + 4)];
        let far = [window(3, x - 3, x + 3), window(4, x - 2, x + 2)];
        let near = own & 31;
        let colour = own & 1;
        let is_plain = if colour == 0 {
            near == 0 && above[0] == 0 && above[1] == 0
        } else {
            near == 31 && above[0] == 0x7ff && above[1] == 0x1ff
        };
        if is_plain {
            let chance = &mut self.plain[colour];
            let differs = bits.bit((wanted != colour as u32) as u32, chance.one());
            chance.update(differs);
            return differs ^ colour as u32;
        }
        // Parts of the lines: so many pixels to the left and to the right of the one above.
        let part = |line: usize, reach: usize, left: usize, right: usize| {
            line >> (reach - right) & ((1 << (left + right + 1)) - 1)
        };
        let [one, two] = above;
        let lines = [
            (own & 15) << 6 | part(one, 5, 2, 2) << 1 | part(two, 4, 0, 0),
            (own & 15) << 12 | part(one, 5, 3, 3) << 5 | part(two, 4, 2, 2),
            (own & 31) << 17 | part(one, 5, 4, 4) << 8 | part(two, 4, 3, 4),
            (own & 3) << 16
                | part(one, 5, 1, 1) << 13
                | part(two, 4, 2, 2) << 8
                | (far[0] >> 1 & 31) << 3
                | (far[1] >> 1 & 7),
            (own & 255) << 11 | one,
            (own & 7) << 11 | part(two, 4, 4, 4) << 2 | part(one, 5, 0, 1),
            (own & 1) << 21 | part(one, 5, 1, 2) << 17 | part(two, 4, 2, 2) << 12 | far[0] << 5 | far[1],
        ];
        let situation = Situation {
            lines,
            weights: [lines[0], (own & 7) << 5 | part(one, 5, 2, 2), part(one, 5, 1, 1) << 2 | (own & 3)],
            curves: [lines[0], 0],
            last: 0,
        };
        self.decider.code(bits, &situation, 0, wanted)
    }
}
