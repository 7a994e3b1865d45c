//! Lines of a bilevel picture in two dimensions (ITU-T T.6), as the places where the colour changes.

use super::bits::{Reader, Writer};
use super::runs::RunCodes;

/// The first pixel of each run but the first, which is white; places in front of the picture's width only.
pub type Changes = Vec<u32>;

/// How a stretch of a line is coded.
#[derive(Clone, Copy, PartialEq)]
pub enum Mode {
    Pass,
    Vertical,
    Horizontal,
}

/// What an encoder can choose between.
pub enum Choice {
    /// To pass a run of the line above that ends before the next change: how many such runs there are, whether a
    /// vertical code would follow them, and how all of that compares in length with a horizontal code.
    Pass { runs: usize, is_vertical: bool, is_longer: std::cmp::Ordering },
    /// To code a change as an offset.
    Vertical,
    /// Nothing: only a horizontal code is possible.
    None,
}

/// Runs to be passed after which their number is of no more interest.
pub const MOST_RUNS: usize = 4;

pub struct Lines {
    white: RunCodes,
    black: RunCodes,
    columns: u32,
}

/// The next changes on the line above (T.6, 2.2.1: b1 and b2).
#[derive(Clone, Copy)]
struct Above<'a> {
    changes: &'a [u32],
    at: usize,
    columns: u32,
}

impl Above<'_> {
    /// Steps to the first change behind `a0` (none before the first pixel) towards the other colour.
    #[inline]
    fn find(&mut self, a0: Option<u32>, is_black: bool) -> (u32, u32) {
        self.at = self.at.saturating_sub(2);
        self.at += (self.at % 2 != is_black as usize) as usize;
        while self.changes.get(self.at).is_some_and(|&change| a0.is_some_and(|a0| change <= a0)) {
            self.at += 2;
        }
        let change = |at: usize| self.changes.get(at).copied().unwrap_or(self.columns);
        (change(self.at), change(self.at + 1))
    }
}

/// Codes of the modes (T.6, table 1): for vertical ones by the offset plus 3.
const VERTICAL: [(u32, u32); 7] = [(2, 7), (2, 6), (2, 3), (1, 1), (3, 3), (3, 6), (3, 7)];
const PASS: (u32, u32) = (1, 4);
const HORIZONTAL: (u32, u32) = (1, 3);
const LONGEST_MODE: u32 = 7;
/// Ends a picture, twice.
const END_OF_LINE: (u32, u32) = (1, 12);

impl Lines {
    pub fn new(columns: u32) -> Self {
        Lines { white: RunCodes::white(), black: RunCodes::black(), columns }
    }

    fn codes(&self, is_black: bool) -> &RunCodes {
        if is_black {
            &self.black
        } else {
            &self.white
        }
    }

    /// None where no whole line follows.
    pub fn read(&self, bits: &mut Reader, above: &Changes) -> Option<(Changes, Vec<Mode>)> {
        let mut above = Above { changes: above, at: 0, columns: self.columns };
        let (mut line, mut modes) = (Changes::new(), Vec::new());
        let (mut a0, mut is_black) = (None, false);
        while a0.unwrap_or(0) < self.columns {
            let (b1, b2) = above.find(a0, is_black);
            let mode = bits.peek(LONGEST_MODE);
            let is = |(code, length): (u32, u32)| mode >> (LONGEST_MODE - length) == code;
            if let Some(found) = VERTICAL.iter().position(|&code| is(code)) {
                let a1 = (b1 + found as u32).checked_sub(3)?;
                if !bits.skip(VERTICAL[found].1) {
                    return None;
                }
                self.change(&mut line, a0, a1)?;
                (a0, is_black) = (Some(a1), !is_black);
                modes.push(Mode::Vertical);
            } else if is(HORIZONTAL) {
                bits.skip(HORIZONTAL.1);
                let a1 = a0.unwrap_or(0).checked_add(self.codes(is_black).read(bits)?)?;
                let a2 = a1.checked_add(self.codes(!is_black).read(bits)?)?;
                self.change(&mut line, a0, a1)?;
                self.change(&mut line, Some(a1), a2)?;
                a0 = Some(a2);
                modes.push(Mode::Horizontal);
            } else if is(PASS) {
                bits.skip(PASS.1);
                a0 = Some(b2);
                modes.push(Mode::Pass);
            } else {
                return None;
            }
        }
        Some((line, modes))
    }

    /// Adds a change behind `from`. None if it lies before or outside.
    fn change(&self, line: &mut Changes, from: Option<u32>, at: u32) -> Option<()> {
        if at > self.columns || (at < self.columns && from.is_some_and(|from| at <= from)) {
            return None;
        }
        if at < self.columns {
            line.push(at);
        }
        Some(())
    }

    /// Writes a line; `choose` is asked whether to do what there is a choice of, rather than to
    /// write a horizontal code; false where there is none.
    pub fn write(
        &self,
        bits: &mut Writer,
        line: &Changes,
        above: &Changes,
        mut choose: impl FnMut(Choice) -> bool,
    ) {
        let mut above = Above { changes: above, at: 0, columns: self.columns };
        let (mut a0, mut is_black, mut next) = (None, false, 0);
        let change = |at: usize| line.get(at).copied().unwrap_or(self.columns);
        while a0.unwrap_or(0) < self.columns {
            let (a1, a2) = (change(next), change(next + 1));
            let (b1, b2) = above.find(a0, is_black);
            let offset = a1 as i64 - b1 as i64;
            let choice = if b2 < a1 {
                self.passing(above, a0, a1, a2, is_black)
            } else if offset.abs() <= 3 {
                Choice::Vertical
            } else {
                Choice::None
            };
            let passes = matches!(choice, Choice::Pass { .. });
            if !choose(choice) {
                bits.put(HORIZONTAL.0, HORIZONTAL.1);
                self.codes(is_black).write(bits, a1 - a0.unwrap_or(0));
                self.codes(!is_black).write(bits, a2 - a1);
                (a0, next) = (Some(a2), next + 2);
            } else if passes {
                bits.put(PASS.0, PASS.1);
                a0 = Some(b2);
            } else {
                let (code, length) = VERTICAL[(offset + 3) as usize];
                bits.put(code, length);
                (a0, is_black, next) = (Some(a1), !is_black, next + 1);
            }
        }
    }

    fn passing(&self, mut above: Above, a0: Option<u32>, a1: u32, a2: u32, is_black: bool) -> Choice {
        let horizontal = |from: u32| {
            HORIZONTAL.1 + self.codes(is_black).length(a1 - from) + self.codes(!is_black).length(a2 - a1)
        };
        let direct = horizontal(a0.unwrap_or(0));
        let (mut runs, mut from) = (0, a0);
        loop {
            let (b1, b2) = above.find(from, is_black);
            if b2 >= a1 || runs == MOST_RUNS {
                let offset = a1 as i64 - b1 as i64;
                let is_vertical = b2 >= a1 && offset.abs() <= 3;
                let last =
                    if is_vertical { VERTICAL[(offset + 3) as usize].1 } else { horizontal(from.unwrap_or(0)) };
                let is_longer = (runs as u32 * PASS.1 + last).cmp(&direct);
                return Choice::Pass { runs, is_vertical, is_longer };
            }
            (from, runs) = (Some(b2), runs + 1);
        }
    }

    /// Whether the picture ends here in due form.
    pub fn read_end(bits: &mut Reader) -> bool {
        (0..2).all(|_| bits.peek(END_OF_LINE.1) == END_OF_LINE.0 && bits.skip(END_OF_LINE.1))
    }

    pub fn write_end(bits: &mut Writer) {
        for _ in 0..2 {
            bits.put(END_OF_LINE.0, END_OF_LINE.1);
        }
    }
}
