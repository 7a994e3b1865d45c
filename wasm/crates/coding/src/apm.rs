//! Adaptive probability maps, also called secondary symbol estimation: a probability, refined by what happened in a
//! small context when that probability was given before (Mahoney's PAQ7 APM, interpolating between two buckets).

use crate::logistic::{squash, stretch, LIMIT};

const BUCKET_BITS: u32 = 8;
const OFFSET: i32 = ((LIMIT >> BUCKET_BITS) + 1) << BUCKET_BITS;
const BUCKETS: usize = (2 * OFFSET >> BUCKET_BITS) as usize + 1;

/// `contexts` curves from probability to probability; `RATE` is how slowly they move.
#[derive(Clone)]
pub struct Apm<const RATE: u32> {
    curves: Vec<u16>,
    near: usize,
}

impl<const RATE: u32> Apm<RATE> {
    pub fn new(contexts: usize) -> Self {
        let straight = |bucket: usize| squash(((bucket as i32) << BUCKET_BITS) - OFFSET) as u16;
        let line: Vec<u16> = (0..BUCKETS).map(straight).collect();
        Apm { curves: line.repeat(contexts), near: 0 }
    }

    /// The refined probability of a value of the logistic domain; remembers where it looked for [`Apm::update`].
    #[inline]
    pub fn refine(&mut self, stretched: i32, context: usize) -> u32 {
        let at = stretched.clamp(-LIMIT, LIMIT) + OFFSET;
        let (bucket, weight) = ((at >> BUCKET_BITS) as usize, (at & ((1 << BUCKET_BITS) - 1)) as u32);
        let index = context * BUCKETS + bucket;
        self.near = index + (weight >> (BUCKET_BITS - 1)) as usize;
        let (below, above) = (self.curves[index] as u32, self.curves[index + 1] as u32);
        (below * ((1 << BUCKET_BITS) - weight) + above * weight) >> BUCKET_BITS
    }

    #[inline]
    pub fn update(&mut self, bit: u32) {
        let entry = &mut self.curves[self.near];
        let target = if bit != 0 { 65535 } else { 0 };
        let error = target - *entry as i32;
        *entry = (*entry as i32 + ((error + (1 << RATE >> 1)) >> RATE)) as u16;
    }
}

/// [`Apm::refine`] for a plain probability.
#[inline]
pub fn refine<const RATE: u32>(apm: &mut Apm<RATE>, one: u32, context: usize) -> u32 {
    apm.refine(stretch(one), context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_untrained_map_changes_little() {
        let mut apm = Apm::<6>::new(2);
        for p in (100..65436).step_by(99) {
            let slack = 60 + (p as i32).min(65536 - p as i32) / 8;
            assert!((refine(&mut apm, p, 1) as i32 - p as i32).abs() <= slack, "{p}");
        }
    }

    #[test]
    fn a_trained_map_corrects() {
        let mut apm = Apm::<5>::new(2);
        for _ in 0..1000 {
            refine(&mut apm, 32768, 1);
            apm.update(0);
        }
        assert!(refine(&mut apm, 32768, 1) < 9000);
        assert!(refine(&mut apm, 32768, 0) > 32000);
    }
}
