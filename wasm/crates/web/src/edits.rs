//! How to write an asset as copies of an older version of it: the script that is likely to take the fewest bits, found
//! as optimal parsers of LZ77 find theirs, by the cheapest way to each place (Storer and Szymanski, "Data compression
//! via textual substitution", JACM 29, 1982).

use crate::finder::Finder;

/// Bytes that are spelt, then bytes that are copied from the base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    pub spelt: usize,
    /// Where in the base the copy begins.
    pub from: usize,
    pub copied: usize,
}

/// Places that are weighed together.
const WINDOW: usize = 4096;
/// A copy so long is taken at once.
const CERTAIN: usize = 64;

/// Costs in sixteenths of a bit, tried on pairs of versions of libraries: of a byte that is spelt, the first of some, a copy,
/// where it does not begin just behind what the spelt bytes replace, and for each doubling of the distance then.
const LETTER: u32 = 20;
const SPELLING: u32 = 28;
const COPY: u32 = 28;
const OTHER_DISTANCE: u32 = 100;
const DOUBLING: u32 = 24;

#[derive(Clone, Copy)]
enum Step {
    Letter,
    Copy { from: usize, length: usize },
}

/// The cheapest way known to a place of the window.
#[derive(Clone, Copy)]
struct Arrival {
    cost: u32,
    last: Step,
    /// Where in the base the last copy ended.
    reached: usize,
    /// Bytes spelt since.
    spelt: usize,
}

impl Arrival {
    const NONE: Arrival = Arrival { cost: u32::MAX, last: Step::Letter, reached: 0, spelt: 0 };

    fn letter(&self) -> Arrival {
        let spelling = if self.spelt == 0 { SPELLING } else { 0 };
        Arrival { cost: self.cost + LETTER + spelling, last: Step::Letter, spelt: self.spelt + 1, ..*self }
    }

    fn copy(&self, from: usize, length: usize) -> Arrival {
        let distance = match self.reached + self.spelt == from {
            true => 0,
            false => OTHER_DISTANCE + DOUBLING * magnitude(from.abs_diff(self.reached)),
        };
        let cost = self.cost + COPY + 16 * magnitude(length) + distance;
        Arrival { cost, last: Step::Copy { from, length }, reached: from + length, spelt: 0 }
    }
}

fn magnitude(value: usize) -> u32 {
    usize::BITS - value.leading_zeros()
}

/// A script that makes `input` of `base`. Every edit copies, but the last may not.
pub fn script(base: &[u8], input: &[u8]) -> Vec<Edit> {
    let mut parser = Parser { finder: Finder::new(base), input, arrivals: vec![Arrival::NONE; WINDOW + 1] };
    let mut writer = Writer::default();
    let mut here = Arrival { cost: 0, ..Arrival::NONE };
    let mut at = 0;
    while at < input.len() {
        let way = parser.cheapest(here, at);
        for step in way.steps {
            at += writer.write(step);
        }
        here = Arrival { cost: 0, ..way.end };
    }
    writer.finish()
}

/// Some steps, and where they lead.
struct Way {
    steps: Vec<Step>,
    end: Arrival,
}

struct Parser<'a> {
    finder: Finder<'a>,
    input: &'a [u8],
    /// By place of the window; [`Arrival::NONE`] wherever none is being weighed.
    arrivals: Vec<Arrival>,
}

impl Parser<'_> {
    /// The way from `start` through the next window, or through a copy that is certain.
    fn cheapest(&mut self, here: Arrival, start: usize) -> Way {
        let most = WINDOW.min(self.input.len() - start);
        self.arrivals[0] = here;
        for place in 0..most {
            let arrival = self.arrivals[place];
            let rest = &self.input[start + place..];
            let mut certain = None;
            let arrivals = &mut self.arrivals;
            self.finder.each(rest, arrival.reached, arrival.spelt, |from, length| {
                let copy = arrival.copy(from, length);
                if length >= CERTAIN || place + length > most {
                    certain = Some(certain.filter(|best: &Arrival| best.cost <= copy.cost).unwrap_or(copy));
                } else if copy.cost < arrivals[place + length].cost {
                    arrivals[place + length] = copy;
                }
            });
            if let Some(end) = certain {
                let mut steps = self.steps_to(place);
                steps.push(end.last);
                self.forget((place + CERTAIN).min(WINDOW));
                return Way { steps, end };
            }
            let letter = arrival.letter();
            if letter.cost < self.arrivals[place + 1].cost {
                self.arrivals[place + 1] = letter;
            }
        }
        let way = Way { steps: self.steps_to(most), end: self.arrivals[most] };
        self.forget(most);
        way
    }

    fn steps_to(&self, mut place: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        while place > 0 {
            let step = self.arrivals[place].last;
            place -= match step {
                Step::Copy { length, .. } => length,
                Step::Letter => 1,
            };
            steps.push(step);
        }
        steps.reverse();
        steps
    }

    fn forget(&mut self, last: usize) {
        self.arrivals[..=last].fill(Arrival::NONE);
    }
}

/// Gathers steps into edits.
#[derive(Default)]
struct Writer {
    edits: Vec<Edit>,
    open: Edit,
}

impl Writer {
    /// @returns bytes of the input that the step makes
    fn write(&mut self, step: Step) -> usize {
        match step {
            Step::Letter => {
                self.open.spelt += 1;
                1
            }
            Step::Copy { from, length } => {
                self.copy(from, length);
                length
            }
        }
    }

    fn copy(&mut self, from: usize, copied: usize) {
        match self.edits.last_mut() {
            Some(last) if self.open.spelt == 0 && last.from + last.copied == from => last.copied += copied,
            _ => {
                self.edits.push(Edit { from, copied, ..self.open });
                self.open = Edit::default();
            }
        }
    }

    fn finish(mut self) -> Vec<Edit> {
        if self.open.spelt > 0 {
            self.edits.push(self.open);
        }
        self.edits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a script makes of the base; `fresh` are the bytes that it spells.
    fn follow(base: &[u8], edits: &[Edit], fresh: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for edit in edits {
            out.extend_from_slice(&fresh[out.len()..out.len() + edit.spelt]);
            out.extend_from_slice(&base[edit.from..edit.from + edit.copied]);
        }
        out
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut x = 5u64;
        let mut next = || {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (x >> 56) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn what_was_put_in_left_out_replaced_and_moved_takes_an_edit_each() {
        let base = noise(50_000);
        let input = [
            &base[..1000],
            b"put in",
            &base[1000..2000],
            &base[2010..3000],
            b"abc",
            &base[3003..20_000],
            &base[40_000..],
        ];
        let input = input.concat();
        let edits = script(&base, &input);
        assert!(follow(&base, &edits, &input) == input);
        assert!(edits.len() == 5, "{edits:?}");
    }

    #[test]
    fn every_pair_is_followed() {
        let text = b"for (let i = 0; i < n; i++) { sum += values[i]; }\n".repeat(40);
        let noisy = noise(10_000);
        let pairs: [[&[u8]; 2]; 8] = [
            [b"", b""],
            [b"", &text],
            [&text, b""],
            [&text, &noisy],
            [&text[..500], &text],
            [&text, &text[3..777]],
            [&[0; 9000], &[0; 10_000]],
            [&noisy, &noisy[9_000..]],
        ];
        for [base, input] in pairs {
            let edits = script(base, input);
            assert!(follow(base, &edits, input) == input);
            assert!(edits.iter().rev().skip(1).all(|edit| edit.copied > 0));
        }
    }
}
