//! What a block can look at: its neighbours, the other components, and what both say of its edges.

use super::Progress;
use crate::jpeg::planes::{Block, Plane, ZERO_BLOCK};

/// Blocks near the one being coded; where there is none, the nearest that there is.
pub struct Surroundings<'a> {
    pub left: &'a Block,
    pub above: &'a Block,
    pub above_left: &'a Block,
    pub above_right: &'a Block,
    pub left2: &'a Block,
    pub above2: &'a Block,
    /// The component coded before this one, at the same place.
    pub other: &'a Block,
    /// How many coefficients the neighbours have.
    pub count_left: usize,
    pub count_above: usize,
    /// A weighted mean of more neighbours' counts.
    pub count_wide: usize,
    /// Counts of the component before this one and of the first.
    pub count_other: usize,
    pub count_first: usize,
    pub has_left: bool,
    pub has_above: bool,
}

impl<'a> Surroundings<'a> {
    /// `coded`: the blocks of this component before block (`x`, `y`); `done`: the components before it, with how many
    /// coefficients each of all components' blocks has.
    pub fn of(
        coded: &'a [Block],
        stride: usize,
        done: &'a [Plane],
        counts: &[Vec<u8>],
        x: usize,
        y: usize,
    ) -> Self {
        let at = y * stride + x;
        let own = &counts[done.len()];
        let block = |there: bool, back: usize, instead: &'a Block| if there { &coded[at - back] } else { instead };
        let count =
            |there: bool, back: usize, instead: usize| if there { own[at - back] as usize } else { instead };
        let (has_left, has_above, has_right) = (x > 0, y > 0, x + 1 < stride && y > 0);

        let first_row = block(has_left, 1, &ZERO_BLOCK);
        let above = block(has_above, stride, first_row);
        let left = block(has_left, 1, above);
        let count_above = count(has_above, stride, count(has_left, 1, 0));
        let count_left = count(has_left, 1, count_above);
        let farther =
            count(has_left && has_above, stride + 1, 0) + count(has_right, stride.wrapping_sub(1), count_above);
        let farthest = count(x > 1, 2, 0) + count(y > 1, 2 * stride, 0);

        let beside = |plane: &Plane| (x * plane.stride / stride, y * plane.stride / stride);
        let count_of = |index: usize, plane: &Plane| {
            let (x, y) = beside(plane);
            counts[index].get(y * plane.stride + x).map_or(0, |&count| count as usize)
        };
        let other = done.last();
        Surroundings {
            left,
            above,
            above_left: block(has_left && has_above, stride + 1, above),
            above_right: block(has_right, stride.wrapping_sub(1), above),
            left2: block(x > 1, 2, left),
            above2: block(y > 1, 2 * stride, above),
            other: other.map_or(&ZERO_BLOCK, |plane| {
                let (x, y) = beside(plane);
                plane.get(x, y)
            }),
            count_left,
            count_above,
            count_wide: (2 * count_left + 2 * count_above + farther + farthest + 4) / 8,
            count_other: other.map_or(0, |plane| count_of(done.len() - 1, plane)),
            count_first: done.first().map_or(0, |plane| count_of(0, plane)),
            has_left,
            has_above,
        }
    }
}

/// The one-dimensional transform of the line on which two blocks meet: a block's transform along the edge, with each
/// frequency across summed up at the edge, where a cosine is 1 or -1. Pictures hardly change from one block to the
/// next, so what the neighbour has there and the known coefficients have not is what the others will have.
/// (Lepton's idea, NSDI 2017, section 3.3, for all coefficients instead of those of the first row and column.)
#[derive(Clone, Copy, Default)]
pub struct Edge(pub [i32; 8]);

/// What a coefficient of frequency 0 counts, in 1/256 of others: the root of 1/2.
const FLAT: i32 = 181;
const STEEP: i32 = 256;
/// No picture's coefficients are larger; those of damaged files must not overflow.
const LARGEST: i32 = 1 << 19;

#[inline(always)]
fn scale(frequency: usize) -> i32 {
    if frequency == 0 {
        FLAT
    } else {
        STEEP
    }
}

impl Edge {
    /// What a coefficient adds to the near edge. `along` and `across`: its frequencies.
    #[inline(always)]
    pub fn add(&mut self, value: i32, along: usize, across: usize) {
        self.0[along] += value.clamp(-LARGEST, LARGEST) * scale(across);
    }

    /// The value that a coefficient needs to meet the edge of its block's neighbour, in steps of its quantiser.
    /// `share`: the coefficient's in that edge.
    #[inline(always)]
    pub fn missing(&self, neighbour: &Edge, along: usize, share: i32) -> i32 {
        ((neighbour.0[along] - self.0[along]) as i64 * share as i64 + (SHARES / 2) >> SHARES.ilog2()) as i32
    }
}

/// Shares are in 1/2^24.
const SHARES: i64 = 1 << 24;

/// What the coefficients of a plane count.
pub struct Steps {
    pub quantisers: [u16; 64],
    /// One by what a step adds to the edge above, and to that on the left.
    pub above: [i32; 64],
    pub left: [i32; 64],
}

impl Steps {
    /// Quantisers are not zero.
    pub fn new(quantisers: &[u16; 64]) -> Self {
        let share = |place: usize, across: usize| (SHARES as i32) / (quantisers[place] as i32 * scale(across));
        Steps {
            quantisers: *quantisers,
            above: std::array::from_fn(|place| share(place, place >> 3)),
            left: std::array::from_fn(|place| share(place, place & 7)),
        }
    }
}

/// The lower and right edges of a finished block.
pub fn far_edges(block: &Block, quantisers: &[u16; 64]) -> (Edge, Edge) {
    let (mut lower, mut right) = (Edge::default(), Edge::default());
    for (place, (&coefficient, &quantiser)) in block.iter().zip(quantisers).enumerate() {
        if coefficient != 0 {
            let (u, v) = (place & 7, place >> 3);
            let value = coefficient as i32 * quantiser as i32;
            lower.add(if v & 1 == 0 { value } else { -value }, u, v);
            right.add(if u & 1 == 0 { value } else { -value }, v, u);
        }
    }
    (lower, right)
}

/// A block's near edges as far as they are known, and those of the neighbours that they meet.
pub struct Edges {
    pub top: Edge,
    pub side: Edge,
    pub above: Edge,
    pub left: Edge,
}

impl Edges {
    pub fn new(progress: &Progress, x: usize) -> Self {
        Edges { top: Edge::default(), side: Edge::default(), above: progress.lower[x], left: progress.right }
    }

    #[inline(always)]
    pub fn add(&mut self, value: i32, u: usize, v: usize) {
        self.top.add(value, u, v);
        self.side.add(value, v, u);
    }
}
