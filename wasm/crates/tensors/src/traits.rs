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
const MIRRORED: u8 = 254;
const REPEATS: u8 = 128;

impl Traits {
    /// A byte of flags: 255 and the start of the tensor copied, or 254 for repetitions in order or 128 for others plus
    /// the count of zeros, and the lag.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self.kind {
            Kind::Copy { from } => {
                out.push(COPY);
                write_varint(from, out);
            }
            Kind::Own { lag, repeats, mirrored, zeros } => {
                out.push(if mirrored { MIRRORED } else { zeros as u8 | if repeats { REPEATS } else { 0 } });
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
            let mirrored = flags == MIRRORED;
            let zeros = if mirrored { 0 } else { (flags & !REPEATS) as u32 };
            let sound = zeros <= element.bits() && number <= count;
            sound.then_some(Kind::Own { lag: number, repeats: flags & REPEATS != 0, mirrored, zeros })?
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
    let zeros = used.trailing_zeros().min(element.bits() - sign);
    let mut seen = HashSet::new();
    let fresh = tensor.iter().filter(|&&value| seen.insert(value >> sign)).count();
    let repeats = (tensor.len() - fresh) * REPEATED > tensor.len();
    Kind::Own { lag: lag::find(&levels), repeats, mirrored: repeats && is_mirrored(element, tensor), zeros }
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
