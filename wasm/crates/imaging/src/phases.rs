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

    /// The periods by which steps or bends differ most, if they do; `row` fills in a row.
    pub fn find(width: usize, height: usize, mut row: impl FnMut(usize, &mut [i32])) -> Phases {
        let mut line = vec![0; width];
        let across = period(width, height, |y, numbers| {
            row(y, &mut line);
            numbers.copy_from_slice(&line);
        });
        let mut columns = vec![Vec::with_capacity(height); width.min(LINES)];
        for y in 0..height {
            row(y, &mut line);
            columns.iter_mut().enumerate().for_each(|(i, column)| column.push(line[i * width / width.min(LINES)]));
        }
        let down = period(height, columns.len(), |column, numbers| numbers.copy_from_slice(&columns[column]));
        Phases { across, down }
    }
}

/// Lines looked at, at most.
const LINES: usize = 128;
/// How much more often the steps or bends of one phase must be large than those of another, in 1/1024.
const DISTINCT: u64 = 1280;
/// Shorter sides show nothing.
const SHORT: usize = 32;

/// For each place along lines how often there was a large step or bend.
type Counts = Vec<[u64; 2]>;

/// `line` fills in a line.
fn period(length: usize, lines: usize, mut line: impl FnMut(usize, &mut [i32])) -> usize {
    if length < SHORT {
        return 1;
    }
    let mut numbers = vec![0; length];
    let mut each = |work: &mut dyn FnMut(usize, [u64; 2])| {
        for at in (0..lines).step_by(lines.div_ceil(LINES)) {
            line(at, &mut numbers);
            for (at, triple) in numbers.windows(3).enumerate() {
                let (before, after) = (triple[1] - triple[0], triple[2] - triple[1]);
                work(at + 2, [after.unsigned_abs() as u64, before.abs_diff(after) as u64]);
            }
        }
    };
    let mut sums = [0; 2];
    let mut total = 0;
    each(&mut |_, found| {
        found.iter().zip(&mut sums).for_each(|(one, sum)| *sum += one);
        total += 1;
    });
    let mut counts: Counts = vec![[0; 2]; length];
    each(&mut |at, found| {
        for kind in 0..2 {
            counts[at][kind] += (found[kind] * total > sums[kind]) as u64;
        }
    });
    // A multiple of a period shows it, too, so it must show more.
    let mut best = (1, 1024);
    for period in 2..=MOST {
        let found = contrast(&counts, period, 0).max(contrast(&counts, period, 1));
        if found * 1024 > best.1 * DISTINCT {
            best = (period, found);
        }
    }
    best.0
}

/// How much more often the phase with the most of one kind has it than the one with the least, in 1/1024, in that half
/// of the lines where the difference is smaller.
fn contrast(counts: &Counts, period: usize, kind: usize) -> u64 {
    let half = counts.len() / (2 * period) * period;
    let halves = [&counts[..half], &counts[half..2 * half]].map(|half| {
        let mut phases = [0u64; MOST];
        half.iter().enumerate().for_each(|(at, count)| phases[at % period] += count[kind]);
        phases
    });
    let both = |phase: &usize| halves[0][*phase] + halves[1][*phase];
    let most = (0..period).max_by_key(both).unwrap_or(0);
    let least = (0..period).min_by_key(both).unwrap_or(0);
    halves.iter().map(|phases| (phases[most] * 1024 + 8192) / (phases[least] + 8)).min().unwrap_or(0)
}
