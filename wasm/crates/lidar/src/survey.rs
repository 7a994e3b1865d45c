//! What an encoder finds out about a segment before it walks over it.

use crate::fields::*;
use crate::layout::Layout;
use crate::point::{Lattice, WAVE_BYTES};
use crate::walk::Plan;

/// What all records have in common. At least one record.
pub fn survey(records: &[u8], layout: &Layout) -> (Lattice, Plan) {
    let lattice = Lattice::find(records, layout);
    let first = lattice.read(records, layout);
    let mut constant = (1u32 << FIELDS) - 1;
    let mut vary = |field: usize, varies: bool| if varies { constant &= !(1 << field) };
    let (mut low, mut high) = (first.position, first.position);
    let mut count = 0u64;
    let mut moves = [0u64; 3];
    let mut last = first.position;
    let head = &records[..layout.record_bytes];
    for record in records.chunks_exact(layout.record_bytes) {
        let p = lattice.read(record, layout);
        count += 1;
        vary(FLAGS, p.flags != first.flags);
        vary(MORE_FLAGS, p.more_flags != first.more_flags);
        vary(TIME_SAME, p.time != first.time);
        vary(CLASS, p.class != first.class);
        vary(INTENSITY, p.intensity != first.intensity);
        vary(ANGLE, p.angle != first.angle);
        vary(USER, p.user != first.user);
        vary(SOURCE, p.source != first.source);
        vary(COLOUR_SAME, p.colour != first.colour);
        if let Some(at) = layout.wave_at {
            vary(WAVE, record[at..at + WAVE_BYTES] != head[at..at + WAVE_BYTES]);
        }
        vary(EXTRA, record[layout.extra_at..] != head[layout.extra_at..]);
        for axis in 0..3 {
            low[axis] = low[axis].min(p.position[axis]);
            high[axis] = high[axis].max(p.position[axis]);
            moves[axis] += last[axis].abs_diff(p.position[axis]) as u64;
        }
        last = p.position;
    }
    let extent = |axis: usize| (high[axis] as i64 - low[axis] as i64) as u64 + 1;
    // About one point for each cell of the grid.
    let area = extent(0) as u128 * extent(1) as u128 / count.max(1) as u128;
    let shift = ((128 - area.leading_zeros()) / 2).min(30);
    let wide = (moves[1] > moves[0]) as usize;
    let order = if constant >> FLAGS & 1 == 0 { [2, wide, 1 - wide] } else { [wide, 2, 1 - wide] };
    (lattice, Plan { order, shift, constant })
}
