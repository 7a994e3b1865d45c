//! Which way suits an image: tried on a part of it.

use crate::numbers::Numbers;
use crate::phases::Phases;
use crate::{encode_mixed, is_graphic, ranks_of, Effort, Layout};

/// How samples are coded with mixed contexts.
#[derive(Clone, Copy)]
pub struct Way {
    pub effort: Effort,
    pub phases: Phases,
}

/// Words of the part, at most.
const PART: usize = 1 << 16;
/// Parts begin at a multiple of it, so that phases stay as they are.
const ALIGNED: usize = 12;
/// Up to so many ranks exact neighbours may come again.
const FEW: i32 = 256;
/// The more is coded, the more comes again: exact neighbours may take so many ten thousandths more on the part for each
/// of it that the whole has, up to this number of parts.
const MORE: usize = 15;
const AT_MOST: usize = 14;

/// The best way for level max.
pub fn choose(layout: &Layout, input: &[u8], values: &Numbers) -> Way {
    let plain = Way { effort: Effort::Max, phases: Phases::NONE };
    let phased = Way { phases: Phases::find(layout.width, layout.height, |y, row| ranks_of(layout, input, values, 0, y, row)), ..plain };
    let is_exact_likely = layout.words() == 1 && (values.words[0].top < FEW || is_graphic(layout, input));
    if phased.phases == Phases::NONE && !is_exact_likely {
        return plain;
    }
    let (part_layout, part) = part_of(layout, input);
    let length = |way: Way| encode_mixed(&part_layout, &part, values, way, Vec::new()).len();
    let mut best = (length(plain), plain);
    if phased.phases != Phases::NONE {
        let found = length(phased);
        if found < best.0 {
            best = (found, phased);
        }
    }
    let exact = Way { effort: Effort::Exact, ..best.1 };
    let parts = (input.len() / part.len()).min(AT_MOST);
    if is_exact_likely && length(exact) * 10000 < best.0 * (10000 + MORE * parts) { exact } else { best.1 }
}

/// Whole frames, or rows from the middle of the first one.
fn part_of(layout: &Layout, input: &[u8]) -> (Layout, Vec<u8>) {
    let row_words = layout.width * layout.channels * layout.words();
    let height = (PART / row_words).clamp(1, layout.height);
    let frames = if height == layout.height { (PART / (row_words * height)).clamp(1, layout.frames) } else { 1 };
    let first = (layout.height - height) / 2 / ALIGNED * ALIGNED;
    // The rows of a plane lie together, or those of all channels.
    let planes = if layout.planar { layout.channels } else { 1 };
    let row = layout.width * layout.channels / planes * layout.bytes;
    let mut part = Vec::with_capacity(row * height * planes * frames);
    for plane in 0..planes * frames {
        let start = (plane * layout.height + first) * row;
        part.extend_from_slice(&input[start..start + height * row]);
    }
    (Layout { height, frames, ..*layout }, part)
}
