//! Parts of an image that occur again: the place of the last equal surroundings, followed from sample to sample.

use crate::plane::Plane;

/// How sure a repetition may be, in grades.
pub const GRADES: u32 = 15;

pub struct Repeats {
    /// The last place of surroundings by their hash.
    places: Vec<u32>,
    bits: u32,
    /// Where the sample at hand is expected to stand, too; 0 for nowhere.
    at: usize,
    /// How many samples in a row were as expected.
    length: u32,
    slot: usize,
}

impl Repeats {
    /// `bits`: 0 for none.
    pub fn new(bits: u32) -> Self {
        Repeats { places: vec![0; if bits > 0 { 1 << bits } else { 0 }], bits, at: 0, length: 0, slot: 0 }
    }

    /// Before the first sample of a plane.
    pub fn begin_plane(&mut self) {
        self.places.fill(0);
        self.lose();
    }

    /// Before the first sample of a row.
    pub fn begin_row(&mut self) {
        self.lose();
    }

    pub fn lose(&mut self) {
        (self.at, self.length) = (0, 0);
    }

    /// What is expected at `at`, behind surroundings with this hash, and how sure that is (0: nothing is).
    #[inline(always)]
    pub fn expect(&mut self, plane: &Plane, at: usize, hash: u32) -> (i32, u32) {
        self.slot = (hash >> (32 - self.bits)) as usize;
        if self.at == 0 {
            let found = self.places[self.slot] as usize;
            self.places[self.slot] = at as u32;
            if found == 0 || !agree(plane, found, at) {
                return (0, 0);
            }
            self.at = found;
        } else {
            self.places[self.slot] = at as u32;
        }
        (plane.samples[self.at] as i32, grade(self.length))
    }

    #[inline(always)]
    pub fn learn(&mut self, plane: &Plane, value: i32) {
        if self.at == 0 {
            return;
        }
        if plane.samples[self.at] as i32 == value {
            self.length += 1;
            self.at += 1;
        } else {
            self.lose();
        }
    }
}

fn grade(length: u32) -> u32 {
    match length {
        0..=3 => length + 1,
        4..=7 => 5,
        8..=15 => 6,
        _ => (length.ilog2() + 3).min(GRADES),
    }
}

#[inline(always)]
fn agree(plane: &Plane, a: usize, b: usize) -> bool {
    let s = &plane.samples;
    let up = plane.stride;
    s[a - 1] == s[b - 1] && s[a - 2] == s[b - 2] && (0..4).all(|i| s[a - up - 1 + i] == s[b - up - 1 + i])
}
