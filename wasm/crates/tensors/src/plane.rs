//! Bytes that have little to do with each other, such as the exponents of weights: static frequencies in a few classes
//! of what came shortly before. For speed.

use coding::rans::{self, Frequencies, Steps};
use std::borrow::Cow;

/// Classes at most; a plane has as many as pay.
pub const CLASSES: usize = 16;
/// A class costs its frequencies, up to so many bytes.
const BYTES_A_CLASS: usize = 2048;
/// In place of a number of borders: the bytes follow as they are.
const NOISE: u8 = 255;
/// How slowly the running mean follows, and its fractional bits.
const PACE: u32 = 4;

/// Appends the coded form of a plane with `most` classes at most to `out`.
pub fn encode(plane: &[u8], most: usize, out: &mut Vec<u8>) {
    if !is_noise(plane) {
        let one = Plan::of_one(plane);
        let several = Plan::of_several(plane, most).filter(|several| several.bytes() < one.bytes());
        let plan = several.unwrap_or(one);
        if plan.bytes() < plane.len() {
            return plan.encode(plane, out);
        }
    }
    out.push(NOISE);
    out.extend_from_slice(plane);
}

/// How a plane can be coded.
struct Plan {
    /// Borders and frequencies.
    head: Vec<u8>,
    /// The class of every byte; empty where there is one class.
    class_of: Vec<u8>,
    steps: Vec<Steps>,
    /// What the bytes will take.
    bits: f64,
}

impl Plan {
    fn of_one(plane: &[u8]) -> Self {
        Plan::new(&[], Vec::new(), &[rans::count(plane)])
    }

    /// `None`: there are no classes to speak of.
    fn of_several(plane: &[u8], most: usize) -> Option<Self> {
        let classes = Classes::of(plane, most);
        if classes.borders.is_empty() {
            return None;
        }
        let class_of = classes.all(plane);
        let counts = classes.count(plane, &class_of);
        Some(Plan::new(&classes.borders, class_of, &counts))
    }

    fn new(borders: &[u8], class_of: Vec<u8>, counts: &[[u32; 256]]) -> Self {
        let mut head = vec![borders.len() as u8];
        head.extend_from_slice(borders);
        let frequencies: Vec<_> = counts.iter().map(Frequencies::of).collect();
        frequencies.iter().for_each(|one| one.write(&mut head));
        let bits = frequencies.iter().zip(counts).map(|(frequencies, counts)| frequencies.cost(counts)).sum();
        Plan { head, class_of, steps: frequencies.iter().map(Steps::of).collect(), bits }
    }

    fn bytes(&self) -> usize {
        self.head.len() + rans::STATES * rans::STATE_BYTES + (self.bits / 8.0) as usize
    }

    fn encode(&self, plane: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        if self.class_of.is_empty() {
            rans::encode(plane, &self.steps, |_| 0, out);
        } else {
            rans::encode(plane, &self.steps, |i| self.class_of[i] as usize, out);
        }
    }
}

/// The next `length` bytes of a plane, taken off `payload`; `None`: damaged.
pub fn decode<'a>(payload: &mut &'a [u8], length: usize) -> Option<Cow<'a, [u8]>> {
    let (&count, rest) = payload.split_first()?;
    *payload = rest;
    if count == NOISE {
        return take(payload, length).map(Cow::Borrowed);
    }
    let borders = take(payload, count as usize)?.to_vec();
    if borders.len() >= CLASSES || !borders.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let mut at = 0;
    let slots: Option<Vec<_>> =
        (0..=borders.len()).map(|_| Some(Frequencies::read(payload, &mut at)?.slots())).collect();
    let coded = &payload[at..];
    let mut plane = vec![0; length];
    *payload = if borders.is_empty() {
        rans::decode(coded, &mut plane, &slots?, |_| 0)?
    } else {
        let classes = Classes::new(borders);
        let mut mean = Mean(0);
        let next = |byte| {
            mean.add(byte);
            classes.of_level[mean.level()] as usize
        };
        rans::decode(coded, &mut plane, &slots?, next)?
    };
    Some(Cow::Owned(plane))
}

fn take<'a>(payload: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = payload.split_at_checked(length)?;
    *payload = rest;
    Some(taken)
}

/// So many bytes one after the other of every [`SAMPLED_OF`] tell whether all are noise, but never fewer than
/// [`SAMPLE_BYTES`].
const SAMPLED_RUN: usize = 256;
const SAMPLED_OF: usize = 16 * SAMPLED_RUN;
const SAMPLE_BYTES: usize = 1 << 16;

/// Whether all bytes are about as frequent: the sum of the squared counts is then near its least.
fn is_noise(plane: &[u8]) -> bool {
    let mut counts = [0u32; 256];
    let step = (plane.len() / SAMPLE_BYTES * SAMPLED_RUN).clamp(SAMPLED_RUN, SAMPLED_OF);
    let mut length = 0;
    for run in plane.chunks(step) {
        let run = &run[..run.len().min(SAMPLED_RUN)];
        run.iter().for_each(|&byte| counts[byte as usize] += 1);
        length += run.len() as u64;
    }
    let squares: u64 = counts.iter().map(|&count| count as u64 * count as u64).sum();
    squares * 256 * 64 < length * length * 65 + length * 256 * 64
}

/// The running mean, by which the class of the next byte is chosen.
#[derive(Clone, Copy)]
struct Mean(u32);

impl Mean {
    #[inline(always)]
    fn level(self) -> usize {
        (self.0 >> PACE) as u8 as usize
    }

    #[inline(always)]
    fn add(&mut self, byte: u8) {
        self.0 += byte as u32;
        self.0 -= self.0 >> PACE;
    }
}

/// Classes as the first level of each but the first, and the class of every level.
struct Classes {
    borders: Vec<u8>,
    of_level: [u8; 256],
}

impl Classes {
    fn new(borders: Vec<u8>) -> Self {
        let of_level =
            std::array::from_fn(|level| borders.iter().filter(|&&border| border as usize <= level).count() as u8);
        Classes { borders, of_level }
    }

    /// Borders that divide the bytes into classes of about one size.
    fn of(plane: &[u8], most: usize) -> Self {
        let classes = most.min(plane.len() / BYTES_A_CLASS).max(1);
        let mut borders = Vec::new();
        if classes == 1 {
            return Classes::new(borders);
        }
        let mut counts = [0usize; 256];
        let mut mean = Mean(0);
        for &byte in plane {
            counts[mean.level()] += 1;
            mean.add(byte);
        }
        let (mut before, mut inside) = (0, 0);
        for (level, count) in counts.into_iter().enumerate().filter(|&(_, count)| count > 0) {
            if inside > 0 && before * classes > plane.len() * (borders.len() + 1) {
                borders.push(level as u8);
                inside = 0;
            }
            before += count;
            inside += count;
        }
        Classes::new(borders)
    }

    /// The class of every byte.
    fn all(&self, plane: &[u8]) -> Vec<u8> {
        let mut mean = Mean(0);
        let class_before = |&byte: &u8| {
            let class = self.of_level[mean.level()];
            mean.add(byte);
            class
        };
        plane.iter().map(class_before).collect()
    }

    /// How often each byte occurs in each class.
    fn count(&self, plane: &[u8], class_of: &[u8]) -> Vec<[u32; 256]> {
        let mut counts = vec![[0; 256]; self.borders.len() + 1];
        for (&byte, &class) in plane.iter().zip(class_of) {
            counts[class as usize][byte as usize] += 1;
        }
        counts
    }
}
