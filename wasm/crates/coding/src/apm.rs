//! Adaptive probability maps, also called secondary symbol estimation: a probability, refined by what happened in a
//! small context when that probability was given before (Mahoney's PAQ7 APM, interpolating between two buckets).

use crate::logistic::{squash, stretch, LIMIT};

/// `contexts` curves from probability to probability; `RATE` is how slowly they move. A curve has a bucket for every
/// `2^STEP` of the logistic domain, in 1/256: a larger step learns sooner and takes less memory.
#[derive(Clone)]
pub struct Apm<const RATE: u32, const STEP: u32 = 7> {
    curves: Vec<u16>,
    near: usize,
}

impl<const RATE: u32> Apm<RATE> {
    pub fn new(contexts: usize) -> Self {
        Self::with_step(contexts)
    }
}

impl<const RATE: u32, const STEP: u32> Apm<RATE, STEP> {
    const OFFSET: i32 = ((LIMIT >> STEP) + 1) << STEP;
    const BUCKETS: usize = (2 * Self::OFFSET >> STEP) as usize + 1;

    /// As `new`, for any `STEP`.
    pub fn with_step(contexts: usize) -> Self {
        let straight = |bucket: usize| squash(((bucket as i32) << STEP) - Self::OFFSET) as u16;
        let line: Vec<u16> = (0..Self::BUCKETS).map(straight).collect();
        Apm { curves: line.repeat(contexts), near: 0 }
    }

    /// The refined probability of a value of the logistic domain; remembers where it looked for [`Apm::update`].
    #[inline]
    pub fn refine(&mut self, stretched: i32, context: usize) -> u32 {
        let at = stretched.clamp(-LIMIT, LIMIT) + Self::OFFSET;
        let (bucket, weight) = ((at >> STEP) as usize, (at & ((1 << STEP) - 1)) as u32);
        let index = context * Self::BUCKETS + bucket;
        self.near = index + (weight >> (STEP - 1)) as usize;
        let (below, above) = (self.curves[index] as u32, self.curves[index + 1] as u32);
        (below * ((1 << STEP) - weight) + above * weight) >> STEP
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
pub fn refine<const RATE: u32, const STEP: u32>(apm: &mut Apm<RATE, STEP>, one: u32, context: usize) -> u32 {
    apm.refine(stretch(one), context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_untrained_map_changes_little() {
        let mut apm = Apm::<6>::new(2);
        for p in (100..65436).step_by(99) {
            let slack = 30 + (p as i32).min(65536 - p as i32) / 32;
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
