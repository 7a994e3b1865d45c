//! Phases of images that were made larger: what a sample has to do with those around it goes by its place in a cell of
//! the former image.

/// The longest period.
pub const MOST: usize = 4;

/// The periods across and down, 1 to [`MOST`].
#[derive(Clone, Copy, PartialEq)]
pub struct Phases {
    across: usize,
    down: usize,
}

impl Phases {
    pub const NONE: Phases = Phases { across: 1, down: 1 };

    pub fn count(self) -> usize {
        self.across * self.down
    }

    #[inline(always)]
    pub fn of(self, x: usize, y: usize) -> usize {
        if self == Self::NONE { 0 } else { y % self.down * self.across + x % self.across }
    }

    /// The period across; of rows with the one at hand first, that one, the one a period above and the one two above.
    #[inline(always)]
    pub fn rows<T>(self, rows: &[T]) -> (usize, &T, &T, &T) {
        (self.across, &rows[0], &rows[self.down], &rows[2 * self.down])
    }

    pub fn byte(self) -> u8 {
        (self.across - 1 | (self.down - 1) << 4) as u8
    }

    pub fn read(byte: u8) -> Option<Phases> {
        let (across, down) = ((byte & 15) as usize + 1, (byte >> 4) as usize + 1);
        (across <= MOST && down <= MOST).then_some(Phases { across, down })
    }

    /// The periods by which steps or bends differ most, if they do.
    pub fn find(width: usize, numbers: &[i32]) -> Phases {
        let height = numbers.len() / width;
        let across = period(width, height, |x, y| numbers[y * width + x]);
        let down = period(height, width, |y, x| numbers[y * width + x]);
        Phases { across, down }
    }
}

/// Lines looked at, at most.
const LINES: usize = 128;
/// How much more the steps or bends of one phase must be than those of another.
const DISTINCT: u64 = 5;
const ALIKE: u64 = 4;

fn period(length: usize, lines: usize, number: impl Fn(usize, usize) -> i32) -> usize {
    let mut sums = vec![(0u64, 0u64); length];
    for line in (0..lines).step_by(lines.div_ceil(LINES)) {
        for at in 2..length {
            let [a, b, c] = [at - 2, at - 1, at].map(|at| number(at, line));
            sums[at].0 += c.abs_diff(b) as u64;
            sums[at].1 += (c - b).abs_diff(b - a) as u64;
        }
    }
    let contrast = |period: usize| {
        let mut phases = [(0u64, 0u64); MOST];
        sums.iter().enumerate().skip(2).take((length - 2) / period * period).for_each(|(at, sum)| {
            phases[at % period].0 += sum.0;
            phases[at % period].1 += sum.1;
        });
        let of = |each: fn(&(u64, u64)) -> u64| {
            let all = phases[..period].iter().map(each);
            all.clone().max().unwrap_or(0) * 1024 / (all.min().unwrap_or(0) + 1)
        };
        of(|sum| sum.0).max(of(|sum| sum.1))
    };
    if length < 16 {
        return 1;
    }
    // A multiple of a period shows it, too, so it must show more.
    let mut best = (1, 1024);
    for period in 2..=MOST {
        let found = contrast(period);
        if found * ALIKE > best.1 * DISTINCT {
            best = (period, found);
        }
    }
    best.0
}
