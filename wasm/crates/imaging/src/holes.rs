//! Where there is no data: one decision a sample, by what is known around it.

use crate::io::Bits;
use crate::plane::Plane;
use crate::slot::Slot;

/// Places in the plane itself and in one before it that choose the statistics of a decision.
const OWN: u32 = 8;
const OTHER: u32 = 2;

pub struct Holes {
    slots: Vec<Slot>,
}

impl Holes {
    pub fn new() -> Self {
        Holes { slots: vec![Slot::EVEN; 1 << (OWN + OTHER)] }
    }

    /// Whether there is a hole at `at`; `hole` is what an encoder knows.
    #[inline(always)]
    pub fn code<B: Bits>(&mut self, bits: &mut B, plane: &Plane, before: Option<&Plane>, at: usize, hole: bool) -> bool {
        let (h, up) = (&plane.holes, at - plane.stride);
        let up2 = up - plane.stride;
        let own = [h[at - 1], h[up], h[up - 1], h[up + 1], h[at - 2], h[up2], h[up + 2], h[up - 2]];
        let mut context = own.iter().fold(0, |all, &one| all << 1 | one as usize);
        let other = before.filter(|plane| !plane.holes.is_empty());
        let other = other.map_or([false; 2], |plane| [plane.holes[at], plane.holes[at + 1]]);
        context = other.iter().fold(context, |all, &one| all << 1 | one as usize);
        let slot = &mut self.slots[context];
        let bit = bits.bit(hole as u32, slot.one().clamp(16, 65536 - 16));
        slot.update(bit, 250);
        bit != 0
    }
}
