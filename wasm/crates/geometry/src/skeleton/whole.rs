//! A text put together from its skeleton and the numbers of its positions.

use super::{is_space, DIMENSIONS, ESCAPE, MORE, NUMBER};

/// Gives back the numbers of positions, in their order.
pub trait Numbers {
    /// Begins a run and appends the texts of its first position's numbers to `text`, noting their ends.
    fn first(&mut self, dimensions: usize, text: &mut Vec<u8>, ends: &mut [usize; 3]) -> Option<()>;
    /// Another position of the run, or the end of it.
    fn next(&mut self, dimensions: usize, text: &mut Vec<u8>, ends: &mut [usize; 3]) -> Option<bool>;
}

/// Puts a text together that has `length` bytes.
pub fn put_together(skeleton: &[u8], length: usize, numbers: &mut impl Numbers) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(length);
    let mut digits = Vec::new();
    let mut ends = [0; 3];
    let mut around = Around::default();
    let mut at = 0;
    while at < skeleton.len() {
        match skeleton[at] {
            NUMBER => {
                let dimensions = count_numbers(&skeleton[at..])?;
                digits.clear();
                numbers.first(dimensions, &mut digits, &mut ends)?;
                at = around.put_first(skeleton, at, dimensions, &digits, &ends, &mut text);
            }
            MORE => {
                at += 1;
                around.join.clear();
                around.join.extend_from_slice(text.get(around.end..)?);
                if around.dimensions == 0 {
                    return None;
                }
                digits.clear();
                let mut before = true;
                while numbers.next(around.dimensions, &mut digits, &mut ends)? {
                    around.put(before, &digits, &ends, &mut text);
                    before = false;
                    digits.clear();
                    if text.len() > length {
                        return None;
                    }
                }
                around.dimensions = 0;
            }
            ESCAPE => {
                text.push(*skeleton.get(at + 1)?);
                at += 2;
            }
            byte => {
                text.push(byte);
                at += 1;
            }
        }
        if text.len() > length {
            return None;
        }
    }
    (text.len() == length).then_some(text)
}

/// How many numbers the position has that begins with a number.
fn count_numbers(skeleton: &[u8]) -> Option<usize> {
    let position = skeleton.iter().take_while(|&&byte| is_space(byte) || byte == b',' || byte == NUMBER);
    let count = position.filter(|&&byte| byte == NUMBER).take(4).count();
    DIMENSIONS.contains(&count).then_some(count)
}

/// The bytes around the numbers of a run.
#[derive(Default)]
struct Around {
    dimensions: usize,
    gap: Vec<u8>,
    join: Vec<u8>,
    /// Where the last number of the first position ends.
    end: usize,
}

impl Around {
    /// Puts the first position of a run; gives the place behind it in the skeleton.
    fn put_first(
        &mut self, skeleton: &[u8], at: usize, dimensions: usize, digits: &[u8], ends: &[usize; 3], text: &mut Vec<u8>,
    ) -> usize {
        self.dimensions = dimensions;
        self.gap.clear();
        let mut place = at;
        let mut start = 0;
        for axis in 0..dimensions {
            let gap = place;
            while skeleton[place] != NUMBER {
                text.push(skeleton[place]);
                place += 1;
            }
            if axis == 1 {
                self.gap.extend_from_slice(&skeleton[gap..place]);
            }
            place += 1;
            text.extend_from_slice(&digits[start..ends[axis]]);
            start = ends[axis];
        }
        self.end = text.len();
        place
    }

    fn put(&self, joined: bool, digits: &[u8], ends: &[usize; 3], text: &mut Vec<u8>) {
        let mut start = 0;
        for axis in 0..self.dimensions {
            match axis {
                0 if joined => {}
                0 => text.extend_from_slice(&self.join),
                _ => text.extend_from_slice(&self.gap),
            }
            text.extend_from_slice(&digits[start..ends[axis]]);
            start = ends[axis];
        }
    }
}
