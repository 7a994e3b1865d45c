//! The values of a column by numbers: equal values have one.

use super::keys::mix;

/// Values are looked for no further than this from where they should lie, so that no input makes it slow. What is not
/// found counts as new.
const FARTHEST: usize = 64;

/// A hash of short texts.
#[inline]
pub fn hash_of(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        hash = mix(hash, u64::from_le_bytes(*word));
        rest = after;
    }
    mix(hash, last_word(rest))
}

/// Fewer than eight bytes, by loads that may overlap.
#[inline(always)]
fn last_word(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return u32::from_le_bytes(*first) as u64 | (u32::from_le_bytes(*last) as u64) << 32;
    }
    match bytes {
        [] => 0,
        [first, .., last] => *first as u64 | (bytes[bytes.len() / 2] as u64) << 8 | (*last as u64) << 16 | 1 << 24,
        [only] => *only as u64,
    }
}

/// Numbers things by the order in which they first come.
pub struct Index {
    /// A part of the hash, and the number above it; 0 is empty.
    slots: Vec<(u32, u32)>,
    taken: usize,
}

impl Index {
    pub fn new() -> Self {
        Index { slots: vec![(0, 0); 64], taken: 0 }
    }

    /// The number of what has this hash, as `is` knows it; else `next`.
    #[inline]
    pub fn number(&mut self, hash: u64, next: u32, is: impl Fn(u32) -> bool) -> u32 {
        let hash = mix(hash, hash >> 32) as u32;
        let mask = self.slots.len() - 1;
        for step in 0..FARTHEST {
            let slot = &mut self.slots[(hash as usize + step) & mask];
            if slot.1 == 0 {
                *slot = (hash, next + 1);
                self.taken += 1;
                if self.taken * 2 > self.slots.len() {
                    self.grow();
                }
                return next;
            }
            if slot.0 == hash && is(slot.1 - 1) {
                return slot.1 - 1;
            }
        }
        next
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![(0, 0); self.slots.len() * 4];
        let slots = std::mem::replace(&mut self.slots, larger);
        let mask = self.slots.len() - 1;
        self.taken = 0;
        for slot in slots.into_iter().filter(|slot| slot.1 > 0) {
            let mut places = (0..FARTHEST).map(|step| (slot.0 as usize + step) & mask);
            if let Some(place) = places.find(|&place| self.slots[place].1 == 0) {
                self.slots[place] = slot;
                self.taken += 1;
            }
        }
    }
}

/// Values by the order in which they were first seen.
pub struct Numbered<'a> {
    pub numbers: Vec<u32>,
    /// The different values.
    pub firsts: Vec<&'a [u8]>,
    /// Bytes of these with their ends.
    pub new_bytes: usize,
    /// Rows that are as the one before.
    pub same: usize,
}

impl<'a> Numbered<'a> {
    pub fn of(values: impl Iterator<Item = &'a [u8]>, rows: usize) -> Self {
        let mut index = Index::new();
        let mut numbered =
            Numbered { numbers: Vec::with_capacity(rows), firsts: Vec::new(), new_bytes: 0, same: 0 };
        let mut last: (u32, &[u8]) = (u32::MAX, &[]);
        for value in values {
            if last.0 != u32::MAX && last.1 == value {
                numbered.same += 1;
            } else {
                let next = numbered.firsts.len() as u32;
                let number = index.number(hash_of(value), next, |number| numbered.firsts[number as usize] == value);
                if number == next {
                    numbered.firsts.push(value);
                    numbered.new_bytes += value.len() + 1;
                }
                last = (number, value);
            }
            numbered.numbers.push(last.0);
        }
        numbered
    }

    /// Rows that are as an earlier one, but not as the one before.
    pub fn seen(&self) -> usize {
        (self.numbers.len() - self.firsts.len()).saturating_sub(self.same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_one_number() {
        let texts: Vec<String> = (0..3000).map(|i| "x".repeat(i % 12) + &(i % 700).to_string()).collect();
        let numbered = Numbered::of(texts.iter().map(|text| text.as_bytes()), texts.len());
        for (text, &number) in texts.iter().zip(&numbered.numbers) {
            assert_eq!(text.as_bytes(), numbered.firsts[number as usize]);
        }
        let distinct: std::collections::HashSet<&String> = texts.iter().collect();
        assert_eq!(numbered.firsts.len(), distinct.len());
    }

    #[test]
    fn values_that_collide_are_numbered_in_time() {
        let mut index = Index::new();
        let numbers: Vec<u32> = (0..200_000).map(|next| index.number(7, next, |_| false)).collect();
        assert!(numbers.iter().enumerate().all(|(i, &number)| number == i as u32));
    }
}
