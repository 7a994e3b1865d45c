//! The AC coefficients of a block, in zigzag order until none is left: whether it is zero, how often its size doubles,
//! its sign, and the bits below the first.

use super::levels::{level, sign, signed_level, LEVELS, SIGNED_LEVELS};
use super::surroundings::{Edges, Steps, Surroundings};
use super::CLASSES;
use coding::arithmetic::Coder;
use crate::decider::{Decider, Situation};
use crate::jpeg::frame::ZIGZAG;
use crate::jpeg::planes::Block;

const PLACES: usize = 64 * CLASSES;
const PAIRS: usize = LEVELS * LEVELS;
/// Decisions of a size: zero, and each doubling.
const SIZE_NODES: usize = 16;
const MOST_DOUBLINGS: usize = SIZE_NODES - 2;
/// Decisions of the bits below the first: the first by the size, the second by size and first, the others.
const BIT_NODES: usize = 64;
const SECOND_BIT: usize = 16;
const LATER_BITS: usize = 48;
const RATE: i32 = 32;

pub struct Coefficients {
    sizes: Decider<7>,
    signs: Decider<5>,
    bits: Decider<3>,
}

/// What is known of a coefficient before it is coded.
struct Hints {
    /// Class and place.
    place: usize,
    /// What would meet the edges above and to the left.
    from_above: i32,
    from_left: i32,
    /// Levels: of the sizes around it in this block, and of those with the sizes at its place in the blocks around.
    inside: usize,
    energy: usize,
}

impl Coefficients {
    pub fn new() -> Self {
        let sizes = Situation {
            lines: [
                PLACES * 64,
                PLACES * PAIRS,
                PLACES * 64,
                PLACES * 64,
                PLACES * 64,
                64 * CLASSES * PAIRS,
                PLACES * PAIRS,
            ],
            weights: 64,
        };
        let signs = Situation {
            lines: [SIGNED_LEVELS, SIGNED_LEVELS, 9, SIGNED_LEVELS, 27].map(|size| size * PLACES),
            weights: PLACES,
        };
        let (line, pairs) = (PLACES * LEVELS, CLASSES * PAIRS);
        let bits = Situation { lines: [pairs, line, line], weights: CLASSES };
        Coefficients {
            sizes: Decider::new(sizes, SIZE_NODES, RATE),
            signs: Decider::new(signs, 1, RATE),
            bits: Decider::new(bits, BIT_NODES, RATE),
        }
    }

    /// Codes the `count` coefficients that are not zero and adds them to the edges.
    #[allow(clippy::too_many_arguments)]
    pub fn code<B: Coder>(
        &mut self,
        bits: &mut B,
        around: &Surroundings,
        class: usize,
        given: &Block,
        count: usize,
        steps: &Steps,
        edges: &mut Edges,
    ) -> Block {
        let mut block = [0; 64];
        // The DC coefficient is coded last, but the edges need some value for it.
        let average = steps.quantisers[0] as i32 * mean_dc(around);
        edges.add(average, 0, 0);
        let (mut left, mut zeros) = (count, 0);
        for k in 1..64 {
            if left == 0 {
                break;
            }
            let place = ZIGZAG[k] as usize;
            let (u, v) = (place & 7, place >> 3);
            let hints = Hints::new(around, &block, edges, class, k, steps);
            let s = hints.size_situation(&block, class, left, zeros);
            let wanted = given[place].unsigned_abs() as u32;
            let is_certain = left == 64 - k;
            if !is_certain && self.sizes.code(bits, &s, 0, (wanted != 0) as u32) == 0 {
                zeros += 1;
                continue;
            }
            (left, zeros) = (left - 1, 0);
            let doublings = self.doublings(bits, &s, wanted);
            let is_negative = (given[place] < 0) as u32;
            let is_negative = if hints.both() == 0 && hints.from_above == 0 {
                bits.code(is_negative, 1 << 15)
            } else {
                let s = hints.sign_situation(around, place);
                self.signs.code(bits, &s, 0, is_negative)
            } != 0;
            let size = self.lower_bits(bits, &hints, class, is_negative, doublings, wanted) as i32;
            let value = if is_negative { -size } else { size };
            block[place] = value as i16;
            edges.add(value * steps.quantisers[place] as i32, u, v);
        }
        edges.add(-average, 0, 0);
        block
    }

    fn doublings<B: Coder>(&mut self, bits: &mut B, s: &Situation<7>, size: u32) -> usize {
        let mut count = 0;
        while count < MOST_DOUBLINGS && self.sizes.code(bits, s, 1 + count, (size >> (count + 1) != 0) as u32) != 0
        {
            count += 1;
        }
        count
    }

    fn lower_bits<B: Coder>(
        &mut self,
        bits: &mut B,
        hints: &Hints,
        class: usize,
        is_negative: bool,
        doublings: usize,
        wanted: u32,
    ) -> u32 {
        let mut size = 1;
        if doublings == 0 {
            return size;
        }
        let s = hints.bit_situation(class, if is_negative { -1 } else { 1 }, doublings);
        for depth in 0..doublings {
            let node = match depth {
                0 => doublings,
                1 => SECOND_BIT + doublings * 2 + (size & 1) as usize,
                _ => LATER_BITS + depth,
            };
            size = size << 1 | self.bits.code(bits, &s, node, wanted >> (doublings - 1 - depth) & 1);
        }
        size
    }
}

/// The mean of the neighbours' DC coefficients; 0 if there are none.
pub fn mean_dc(around: &Surroundings) -> i32 {
    (around.left[0] as i32 + around.above[0] as i32) / 2
}

impl Hints {
    #[inline(always)]
    fn new(around: &Surroundings, block: &Block, edges: &Edges, class: usize, k: usize, steps: &Steps) -> Self {
        let place = ZIGZAG[k] as usize;
        let (u, v) = (place & 7, place >> 3);
        let from_above = if around.has_above { edges.top.missing(&edges.above, u, steps.above[place]) } else { 0 };
        let from_left = if around.has_left { edges.side.missing(&edges.left, v, steps.left[place]) } else { 0 };
        let of = |block: &Block| block[place].unsigned_abs() as u32;
        let outside = 6 * (of(around.above) + of(around.left))
            + 3 * of(around.above_left)
            + 2 * (of(around.above_right) + of(around.above2) + of(around.left2));
        let own = |there: bool, at: usize| if there { block[at].unsigned_abs() as u32 } else { 0 };
        let inside = 2 * (own(u > 0, place.wrapping_sub(1)) + own(v > 0, place.wrapping_sub(8)))
            + own(u > 0 && v > 0, place.wrapping_sub(9))
            + own(u > 1, place.wrapping_sub(2))
            + own(v > 1, place.wrapping_sub(16))
            + own(u > 0 && v < 7, place + 7)
            + own(v > 0 && u < 7, place.wrapping_sub(7));
        Hints {
            place: class * 64 + k,
            from_above,
            from_left,
            inside: level(inside),
            energy: level((outside + 3 * inside) / 4),
        }
    }

    #[inline(always)]
    fn both(&self) -> i32 {
        self.from_above + self.from_left
    }

    /// `left`: coefficients still to come; `zeros`: places since the last.
    #[inline(always)]
    fn size_situation(&self, block: &Block, class: usize, left: usize, zeros: usize) -> Situation<7> {
        let place = ZIGZAG[self.place & 63] as usize;
        let (u, v) = (place & 7, place >> 3);
        let own = |there: bool, back: usize| {
            if there {
                level(block[place - back].unsigned_abs() as u32).min(3)
            } else {
                0
            }
        };
        let meeting = level(self.both().unsigned_abs());
        Situation {
            lines: [
                self.place * 64 + left,
                (self.place * LEVELS + level(self.from_above.unsigned_abs())) * LEVELS
                    + level(self.from_left.unsigned_abs()),
                self.place * 64 + meeting * 4 + level(left as u32 / 4).min(3),
                self.place * 64 + own(u > 0, 1) * 16 + own(v > 0, 8) * 4 + own(u > 0 && v > 0, 9),
                self.place * 64 + zeros.min(15) * 4 + level(left as u32 / 2).min(3),
                ((class * 64 + (u + v) * 4 + u.min(3)) * LEVELS + meeting) * LEVELS + self.inside,
                (self.place * LEVELS + self.energy) * LEVELS + level(left as u32),
            ],
            weights: level(left as u32) * 4 + zeros.min(3),
        }
    }

    #[inline(always)]
    fn sign_situation(&self, around: &Surroundings, place: usize) -> Situation<5> {
        let other = around.other[place] as i32;
        Situation {
            lines: [
                self.place * SIGNED_LEVELS + signed_level(self.from_above),
                self.place * SIGNED_LEVELS + signed_level(self.from_left),
                self.place * 9 + sign(other) * 3 + sign(self.both()),
                self.place * SIGNED_LEVELS + signed_level(other),
                self.place * 27 + sign(self.from_above) * 9 + sign(self.from_left) * 3 + sign(other),
            ],
            weights: self.place,
        }
    }

    /// `direction`: 1 or -1, the sign of the coefficient.
    #[inline(always)]
    fn bit_situation(&self, class: usize, direction: i32, doublings: usize) -> Situation<3> {
        let expected = level((direction * self.both() / 2).max(0) as u32);
        Situation {
            lines: [
                (class * LEVELS + expected) * LEVELS + (2 * doublings).min(LEVELS - 1),
                self.place * LEVELS + expected,
                self.place * LEVELS + self.energy,
            ],
            weights: class,
        }
    }
}
