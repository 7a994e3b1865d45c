//! Bytes that have little to do with each other, such as the exponents of weights: static frequencies in a few classes
//! of what came shortly before, coded by range asymmetric numeral systems. For speed.

use abi::{Fault, Model};
use coding::rans::{self, LOWEST, SCALE, SCALE_BITS};

/// Bytes of one plane of elements.
pub struct Plane;

/// Bytes with frequencies of their own.
const BLOCK: usize = 1 << 20;
/// Classes at most; a block has as many as pay.
const CLASSES: usize = 16;
/// A class costs its frequencies, up to so many bytes.
const BYTES_A_CLASS: usize = 2048;
/// In place of a number of borders: the bytes of the block follow as they are.
const NOISE: u8 = 255;
/// How slowly the running mean follows, and its fractional bits.
const PACE: u32 = 4;
const STATES: usize = 2;

impl Model for Plane {
    /// `params`: one byte, the most classes.
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let &[most] = params else { return Err(Fault::Unsupported) };
        let mut out = Vec::with_capacity(input.len());
        for block in input.chunks(BLOCK) {
            if is_noise(block) {
                out.push(NOISE);
                out.extend_from_slice(block);
            } else {
                encode_block(block, (most as usize).clamp(1, CLASSES), &mut out);
            }
        }
        Ok(out)
    }

    fn decode(payload: &[u8], _params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let mut at = 0;
        let mut out = Vec::with_capacity(length);
        while out.len() < length {
            let bytes = BLOCK.min(length - out.len());
            decode_block(payload, &mut at, bytes, &mut out).ok_or(Fault::Damaged)?;
        }
        if at == payload.len() {
            Ok(out)
        } else {
            Err(Fault::Damaged)
        }
    }
}

/// Whether all bytes are about as frequent: the sum of the squared counts is then near its least.
fn is_noise(block: &[u8]) -> bool {
    let length = block.len() as u64;
    let squares: u64 = rans::count(block).iter().map(|&count| count as u64 * count as u64).sum();
    squares * 256 * 64 < length * length * 65 + length * 256 * 64
}

/// The running mean, by which the class of the next byte is chosen.
#[derive(Clone, Copy)]
struct Mean(u32);

impl Mean {
    #[inline(always)]
    fn level(self) -> usize {
        (self.0 >> PACE) as usize
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
        let of_level = std::array::from_fn(|level| borders.iter().filter(|&&border| border as usize <= level).count() as u8);
        Classes { borders, of_level }
    }

    /// Borders that divide the bytes into classes of about one size.
    fn of(block: &[u8], most: usize) -> Self {
        let classes = most.min(block.len() / BYTES_A_CLASS).max(1);
        let mut counts = [0usize; 256];
        let mut mean = Mean(0);
        for &byte in block {
            counts[mean.level()] += 1;
            mean.add(byte);
        }
        let mut borders = Vec::new();
        let (mut before, mut inside) = (0, 0);
        for (level, count) in counts.into_iter().enumerate().filter(|&(_, count)| count > 0) {
            if inside > 0 && before * classes > block.len() * (borders.len() + 1) {
                borders.push(level as u8);
                inside = 0;
            }
            before += count;
            inside += count;
        }
        Classes::new(borders)
    }
}

/// Number of borders, borders, the frequencies of each class, states, and what renormalisation reads.
fn encode_block(block: &[u8], most: usize, out: &mut Vec<u8>) {
    let classes = Classes::of(block, most);
    let mut mean = Mean(0);
    let class_of: Vec<u8> = block
        .iter()
        .map(|&byte| {
            let class = classes.of_level[mean.level()];
            mean.add(byte);
            class
        })
        .collect();
    let mut counts = vec![[0; 256]; classes.borders.len() + 1];
    for (&byte, &class) in block.iter().zip(&class_of) {
        counts[class as usize][byte as usize] += 1;
    }
    out.push(classes.borders.len() as u8);
    out.extend_from_slice(&classes.borders);
    let tables: Vec<_> = counts.iter().map(rans::scale).map(|table| (table, rans::starts(&table))).collect();
    tables.iter().for_each(|(frequencies, _)| rans::write_frequencies(frequencies, out));
    let mut states = [LOWEST; STATES];
    let mut reversed = Vec::with_capacity(block.len());
    for (i, (&byte, &class)) in block.iter().zip(&class_of).enumerate().rev() {
        let (frequencies, starts) = &tables[class as usize];
        let (frequency, start) = (frequencies[byte as usize], starts[byte as usize]);
        let state = &mut states[i % STATES];
        while *state >= (LOWEST >> SCALE_BITS << 8) * frequency {
            reversed.push(*state as u8);
            *state >>= 8;
        }
        *state = (*state / frequency << SCALE_BITS) + *state % frequency + start;
    }
    states.iter().for_each(|state| out.extend_from_slice(&state.to_le_bytes()));
    out.extend(reversed.iter().rev());
}

/// What a slot of the scale means: a byte, its frequency, and the slot's place among that byte's slots.
#[derive(Clone, Copy, Default)]
struct Slot {
    byte: u8,
    frequency: u16,
    place: u16,
}

fn slots(frequencies: &[u32; 256]) -> impl Iterator<Item = Slot> + '_ {
    (0..=255u8).flat_map(|byte| {
        let frequency = frequencies[byte as usize] as u16;
        (0..frequency).map(move |place| Slot { byte, frequency, place })
    })
}

/// `None`: damaged.
fn decode_block(payload: &[u8], at: &mut usize, length: usize, out: &mut Vec<u8>) -> Option<()> {
    let &count = payload.get(*at)?;
    if count == NOISE {
        out.extend_from_slice(payload.get(*at + 1..*at + 1 + length)?);
        *at += 1 + length;
        return Some(());
    }
    let count = count as usize;
    let borders = payload.get(*at + 1..*at + 1 + count)?.to_vec();
    *at += 1 + count;
    if count >= CLASSES || !borders.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let classes = Classes::new(borders);
    let mut table: Vec<Slot> = Vec::with_capacity((count + 1) * SCALE as usize);
    for _ in 0..=count {
        let mut read = 0;
        let frequencies = rans::read_frequencies(&payload[*at..], &mut read)?;
        *at += read;
        table.extend(slots(&frequencies));
    }
    let mut states = [0; STATES];
    for state in &mut states {
        *state = u32::from_le_bytes(payload.get(*at..*at + 4)?.try_into().ok()?);
        *at += 4;
    }
    let mut mean = Mean(0);
    for i in 0..length {
        let state = &mut states[i % STATES];
        let class = classes.of_level[mean.level()] as usize;
        let slot = table[class << SCALE_BITS | (*state & (SCALE - 1)) as usize];
        out.push(slot.byte);
        mean.add(slot.byte);
        *state = (slot.frequency as u32).wrapping_mul(*state >> SCALE_BITS).wrapping_add(slot.place as u32);
        while *state < LOWEST {
            *state = *state << 8 | *payload.get(*at)? as u32;
            *at += 1;
        }
    }
    (states == [LOWEST; STATES]).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(count: usize) -> Vec<u8> {
        let mut x = 5u32;
        let mut next = move || {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            x >> 20
        };
        let steep = move |i: usize| if i % 7 == 0 { 0 } else { i };
        (0..count).map(|i| (steep(i) % 2 * 3 + 100 + i / 5000 % 8 * 5 + (next() % 8 + next() % 8) as usize) as u8).collect()
    }

    #[test]
    fn bytes_come_back_smaller_with_classes() {
        for length in [0, 1, 2, 4095, 100_000, BLOCK + 3] {
            let bytes = bytes(length);
            let sizes = [1, 16].map(|most| {
                let coded = Plane::encode(&bytes, &[most]).unwrap();
                assert_eq!(Plane::decode(&coded, &[], length).unwrap(), bytes);
                coded.len()
            });
            assert!(length < 100_000 || sizes[1] * 100 < sizes[0] * 95 && sizes[0] < length);
        }
    }

    #[test]
    fn noise_stays_as_it_is() {
        let mut x = 1u64;
        let noise = std::iter::repeat_with(|| {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (x >> 56) as u8
        });
        let noise: Vec<u8> = noise.take(5000).collect();
        let coded = Plane::encode(&noise, &[16]).unwrap();
        assert_eq!(coded.len(), 5001);
        assert_eq!(Plane::decode(&coded, &[], 5000).unwrap(), noise);
    }

    #[test]
    fn damage_gives_nothing_or_the_right_length() {
        let bytes = bytes(5000);
        let coded = Plane::encode(&bytes, &[16]).unwrap();
        for at in 0..coded.len() {
            let mut broken = coded.clone();
            broken[at] ^= 0x41;
            if let Ok(back) = Plane::decode(&broken, &[], bytes.len()) {
                assert_eq!(back.len(), bytes.len());
            }
            assert!(Plane::decode(&coded[..at], &[], bytes.len()).is_err());
        }
    }
}
