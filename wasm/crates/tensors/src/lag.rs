//! How far apart elements of one output channel, and so of one scale, stand in a tensor: its inner dimension.

/// A lag must bring magnitudes so much nearer to each other (in 1/64) to be believed.
const GAIN: u64 = 62;
const LONGEST: usize = 4096;
/// Pairs of elements that are compared for a lag: first of all, then for the best ones again.
const ROUGH: usize = 512;
const FINE: usize = 32768;
const FINALISTS: usize = 24;

/// The lag at which levels are most alike, or 0 when none stands out. `levels` are logarithms of magnitudes.
pub fn find(levels: &[u16]) -> usize {
    let finalists = likely(levels);
    let costs = finalists.into_iter().map(|lag| (distance(levels, lag, FINE), lag));
    let Some((least, best)) = costs.min() else { return 0 };
    // Elements far apart without regard to any dimension.
    let usual = distance(levels, levels.len() / 3 | 1, FINE);
    if least * 64 < usual * GAIN {
        best
    } else {
        0
    }
}

/// The lags that look best at a first glance, and what they may be a multiple of.
fn likely(levels: &[u16]) -> Vec<usize> {
    let longest = LONGEST.min(levels.len() / 4);
    let mut costs: Vec<(u64, usize)> = (2..=longest).map(|lag| (distance(levels, lag, ROUGH), lag)).collect();
    costs.sort_unstable();
    costs.truncate(FINALISTS);
    costs.into_iter().map(|(_, lag)| lag).collect()
}

/// The mean difference, in 1/256, between elements `lag` apart, over `samples` pairs spread evenly.
fn distance(levels: &[u16], lag: usize, samples: usize) -> u64 {
    let pairs = levels.len() - lag;
    let samples = pairs.min(samples);
    let sum: u64 = (0..samples)
        .map(|sample| {
            let at = (sample as u64 * pairs as u64 / samples as u64) as usize;
            levels[at].abs_diff(levels[at + lag]) as u64
        })
        .sum();
    sum * 256 / samples as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inner_dimension_is_found() {
        let mut x = 1u32;
        let mut noise = |most: u32| {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            (x >> 16) % most
        };
        let scales: Vec<u32> = (0..192).map(|_| noise(400)).collect();
        let levels: Vec<u16> = (0..20_000).map(|i| (1000 + scales[i % 192] + noise(200)) as u16).collect();
        assert_eq!(find(&levels) % 192, 0);
        assert_ne!(find(&levels), 0);
        let plain: Vec<u16> = (0..20_000).map(|_| noise(200) as u16).collect();
        assert_eq!(find(&plain), 0);
        assert_eq!(find(&[]), 0);
    }
}
