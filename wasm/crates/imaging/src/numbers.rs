//! The numbers of all words of a stream's samples.

use crate::values::{varint, varint_at, Values};
use crate::Layout;

pub struct Numbers {
    /// Of the most significant word first.
    pub words: Vec<Values>,
    /// What each further word is in a hole, if that is always the same and not coded.
    rest: Vec<Option<u32>>,
    /// Of each word's numbers the ranks.
    pub inverses: Vec<Vec<i32>>,
}

impl Numbers {
    /// `holes`: whether a number may stand for no data.
    pub fn of(layout: &Layout, bytes: &[u8], holes: bool) -> Numbers {
        let first = Values::of(&Values::count(layout, bytes, 0), holes);
        let mut numbers = Numbers { words: vec![first], rest: Vec::new(), inverses: Vec::new() };
        for word in 1..layout.words() {
            let mut counts = Values::count(layout, bytes, word);
            let rest = numbers.words[0].hole.and_then(|hole| only(layout, bytes, word, hole));
            if let Some((number, times)) = rest {
                counts[number as usize] -= times;
            }
            numbers.words.push(if counts.iter().any(|&count| count > 0) {
                Values::of(&counts, false)
            } else {
                Values::of(&Values::count(layout, bytes, word), false)
            });
            numbers.rest.push(rest.map(|(number, _)| number));
        }
        numbers.inverses = numbers.words.iter().map(Values::inverse).collect();
        numbers
    }

    /// Whether a further word is known in holes.
    pub fn follows(&self, word: usize) -> bool {
        self.rest[word - 1].is_some()
    }

    /// The number of a word in a hole.
    pub fn hole(&self, word: usize) -> u32 {
        let number = if word == 0 { self.words[0].hole } else { self.rest[word - 1] };
        number.unwrap_or(0)
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        self.words.iter().for_each(|values| values.write(out));
        if self.words[0].hole.is_some() {
            self.rest.iter().for_each(|rest| varint(out, rest.map_or(0, |number| number + 1)));
        }
    }

    pub fn read(layout: &Layout, bytes: &[u8], at: &mut usize) -> Option<Numbers> {
        let words: Option<Vec<_>> = (0..layout.words()).map(|_| Values::read(bytes, at)).collect();
        let words = words?;
        if words[1..].iter().any(|values| values.hole.is_some()) {
            return None;
        }
        let mut rest = vec![None; layout.words() - 1];
        if words[0].hole.is_some() {
            for rest in &mut rest {
                *rest = varint_at(bytes, at)?.checked_sub(1);
                if rest.is_some_and(|number| number > 0xffff) {
                    return None;
                }
            }
        }
        Some(Numbers { words, rest, inverses: Vec::new() })
    }
}

/// What a word is where the first one is `hole`, if it is always the same there, and how often that is.
fn only(layout: &Layout, bytes: &[u8], word: usize, hole: u32) -> Option<(u32, u32)> {
    let mut found = None;
    let mut times = 0;
    let mut firsts = Vec::with_capacity(layout.area());
    for plane in (0..layout.planes()).step_by(layout.words()) {
        firsts.clear();
        layout.take(bytes, plane, |number| firsts.push(number == hole));
        let mut holes = firsts.iter();
        let mut same = true;
        layout.take(bytes, plane + word, |number| {
            if *holes.next().unwrap_or(&false) {
                same &= *found.get_or_insert(number) == number;
                times += 1;
            }
        });
        if !same {
            return None;
        }
    }
    found.map(|number| (number, times))
}
