//! What the encoder finds out about each tensor before it codes any.

use crate::engine::TOP_BITS;
use crate::lag;
use crate::layout::{varint, write_varint, Element};
use crate::mirror::Mirror;
use std::collections::{HashMap, HashSet};

#[derive(Clone, Copy, Debug)]
pub struct Traits {
    /// Elements.
    pub count: usize,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// The same elements as a tensor before, which begins at this element.
    Copy { from: usize },
    Own {
        /// Distance of elements that share a scale, or 0.
        lag: usize,
        /// Whether the same values come again, so that lower bits follow from higher ones.
        repeats: bool,
        /// Whether they come again in the same order or in the opposite one.
        mirrored: bool,
        /// Lowest bits above the sign that are 0 in all elements.
        zeros: u32,
    },
}

const COPY: u8 = 255;
const REPEATS: u8 = 128;
const MIRRORED: u8 = 64;
/// With both flags above no count of zeros makes a copy.
const MOST_ZEROS: u32 = 62;

impl Traits {
    /// A byte of flags: 255 and the start of the tensor copied, or 128 for repetitions and 64 for those in order plus the
    /// count of zeros, and the lag.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self.kind {
            Kind::Copy { from } => {
                out.push(COPY);
                write_varint(from, out);
            }
            Kind::Own { lag, repeats, mirrored, zeros } => {
                let flags =
                    [(repeats, REPEATS), (mirrored, MIRRORED)].map(|(is_set, flag)| if is_set { flag } else { 0 });
                out.push(zeros as u8 | flags[0] | flags[1]);
                write_varint(lag, out);
            }
        }
    }
}

/// Reads the traits of all tensors; `None`: damaged.
pub fn read(element: Element, bytes: &[u8], at: &mut usize, counts: &[usize]) -> Option<Vec<Traits>> {
    let mut start = 0;
    let mut one = |&count: &usize| {
        let flags = *bytes.get(*at)?;
        *at += 1;
        let number = varint(bytes, at)?;
        let kind = if flags == COPY {
            (number + count <= start).then_some(Kind::Copy { from: number })?
        } else {
            let [repeats, mirrored] = [REPEATS, MIRRORED].map(|flag| flags & flag != 0);
            let zeros = (flags & !(REPEATS | MIRRORED)) as u32;
            let sound = zeros <= element.bits() && number <= count;
            sound.then_some(Kind::Own { lag: number, repeats, mirrored, zeros })?
        };
        start += count;
        Some(Traits { count, kind })
    };
    counts.iter().map(&mut one).collect()
}

/// Smaller tensors are not worth a copy.
const LEAST_COPY: usize = 8;
/// Of so many elements one must be a repetition.
const REPEATED: usize = 16;

pub fn study(element: Element, values: &[u64], counts: &[usize]) -> Vec<Traits> {
    let mut known: HashMap<&[u64], usize> = HashMap::new();
    let mut start = 0;
    let mut one = |&count: &usize| {
        let tensor = &values[start..start + count];
        let from = known.get(tensor).copied().filter(|_| count >= LEAST_COPY);
        known.entry(tensor).or_insert(start);
        start += count;
        let kind = from.map_or_else(|| own(element, tensor), |from| Kind::Copy { from });
        Traits { count, kind }
    };
    counts.iter().map(&mut one).collect()
}

fn own(element: Element, tensor: &[u64]) -> Kind {
    let sign = element.sign_bits();
    let levels: Vec<u16> = tensor.iter().map(|&value| element.top(value, TOP_BITS) as u16).collect();
    let used = tensor.iter().fold(0, |all, &value| all | value >> sign);
    let zeros = used.trailing_zeros().min(element.bits() - sign).min(MOST_ZEROS);
    let mut seen = HashSet::new();
    let fresh = tensor.iter().filter(|&&value| seen.insert(value >> sign)).count();
    let repeats = (tensor.len() - fresh) * REPEATED > tensor.len() && follow(element, tensor, zeros);
    Kind::Own { lag: lag::find(&levels), repeats, mirrored: repeats && is_mirrored(element, tensor), zeros }
}

/// What an undecided map counts as having seen of each bit ([`coding::maps::Map`]).
const UNDECIDED: f64 = 0.25;
/// What other tensors have taught the map costs up to about so many bits.
const MISLED: f64 = 32.0;

/// Whether the lower bits of elements that repeat follow from the higher ones: by chance, short elements repeat as well.
fn follow(element: Element, tensor: &[u64], zeros: u32) -> bool {
    if element.bits() > TELLING_BITS {
        return true;
    }
    let below = element.bits() - element.bits().min(TOP_BITS);
    let sign = element.sign_bits();
    let mut seen: HashMap<(u32, u64), [f64; 2]> = HashMap::new();
    let (mut alone, mut told) = (0.0, 0.0);
    for &value in tensor {
        for place in (0..below).filter(|&place| place < sign || place >= zeros + sign) {
            let counts = seen.entry((place, value >> (place + 1))).or_insert([UNDECIDED; 2]);
            let count = &mut counts[(value >> place & 1) as usize];
            let own = *count;
            *count += 1.0;
            told += ((counts[0] + counts[1] - 1.0) / own).log2();
            alone += 1.0;
        }
    }
    told + MISLED < alone
}

/// Shorter elements are equal to others by chance.
const TELLING_BITS: u32 = 16;
/// Of so many elements one must repeat what came next to what the one before repeated.
const MIRRORING: usize = 4;

fn is_mirrored(element: Element, tensor: &[u64]) -> bool {
    let sign = element.sign_bits();
    let mut mirror = Mirror::new(sign);
    let (mut all, mut hits) = (0, 0);
    for &value in tensor {
        // Zeros are better told by what is around them.
        if value >> sign != 0 {
            all += 1;
            hits += mirror.expects(value) as usize;
        }
        mirror.add(value);
    }
    element.bits() >= TELLING_BITS && hits * MIRRORING > all
}
