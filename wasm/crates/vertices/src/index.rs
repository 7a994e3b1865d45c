//! An index (.shx) has a place and a length for each record; places follow from lengths.

use abi::Fault;
use coding::arithmetic::{Decoder, Encoder};
use crate::bytes::code_bytes;
use crate::format::{big_i32, HEADER_BYTES};
use crate::model::fill;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine};
use numbers::quantise::level;

const REGULAR: usize = 0;
const PLACE: usize = 1;
const LENGTH: usize = 2;
const BYTES: usize = 3;
const FIELDS: usize = 4;
const ENTRY_BYTES: usize = 8;
/// Words of a main file's header and of a record's.
const FIRST_PLACE: i32 = 50;
const HEAD_WORDS: i32 = 4;

/// Whether a file that begins with a header goes on with places and lengths, and not with records.
pub fn is_index(file: &[u8]) -> bool {
    let entry = |at: usize| Some((big_i32(file, at)?, big_i32(file, at + 4)?));
    let Some((place, length)) = entry(HEADER_BYTES) else { return false };
    let next = place.wrapping_add(length).wrapping_add(HEAD_WORDS);
    place == FIRST_PLACE && entry(HEADER_BYTES + ENTRY_BYTES).is_none_or(|(place, _)| place == next)
}

pub fn encode(input: &[u8], out: Vec<u8>) -> Vec<u8> {
    let mut encoder = Encoder::new(out);
    Walk::new(input.len()).file(&mut encoder, &mut input.to_vec());
    encoder.finish()
}

pub fn decode(coded: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
    let mut decoder = Decoder::new(coded);
    let mut bytes = vec![0; length];
    Walk::new(length).file(&mut decoder, &mut bytes);
    if !decoder.is_at_end() || decoder.overrun() > crate::IMAGINED_BYTES {
        return Err(Fault::Damaged);
    }
    Ok(bytes)
}

struct Walk(Engine<7, 16>);

impl Walk {
    fn new(length: usize) -> Self {
        Walk(Engine::new(FIELDS, length / ENTRY_BYTES))
    }

    fn file<C: Coder>(&mut self, coder: &mut C, bytes: &mut [u8]) {
        let (head, entries) = bytes.split_at_mut(bytes.len().min(HEADER_BYTES));
        let length = head.len();
        code_bytes(&mut self.0, coder, BYTES, head, 0..length, 4);
        let whole = entries.len() / ENTRY_BYTES * ENTRY_BYTES;
        let (entries, tail) = entries.split_at_mut(whole);
        self.entries(coder, entries);
        let length = tail.len();
        code_bytes(&mut self.0, coder, BYTES, tail, 0..length, 4);
    }

    fn entries<C: Coder>(&mut self, coder: &mut C, entries: &mut [u8]) {
        let mut next = FIRST_PLACE;
        let mut lengths = [0i32; 4];
        for entry in entries.chunks_exact_mut(ENTRY_BYTES) {
            let [place, length] = [0, 4].map(|at| big_i32(entry, at).unwrap_or(0));
            let regular = self.0.flag(coder, REGULAR, place == next, &[0; 7], 0);
            let place = if regular {
                next
            } else {
                let gap = place.wrapping_sub(next) as i64;
                next.wrapping_add(self.0.number(coder, PLACE, gap, &[0; 7], 0) as i32)
            };
            let [l0, l1, l2, l3] = lengths;
            let [f0, f1, f2] = [l0, l1, l2].map(|length| level(length.unsigned_abs() as u64));
            let contexts = fill([
                hash(&[l0]),
                hash(&[f0, f1]),
                hash(&[f0 / 2, f1 / 2, f2 / 2]),
                hash(&[l0, l1]),
                hash(&[l0, l1, l2, l3]),
                0,
                hash(&[(f0 + f1 + f2) / 3]),
            ]);
            let length = self.length(coder, length, &contexts, (f0 as usize).min(31));
            lengths = [length, l0, l1, l2];
            next = place.wrapping_add(length).wrapping_add(HEAD_WORDS);
            entry[..4].copy_from_slice(&place.to_be_bytes());
            entry[4..].copy_from_slice(&length.to_be_bytes());
        }
    }

    /// Lengths of one kind of shape differ by multiples of a point's.
    fn length<C: Coder>(&mut self, coder: &mut C, length: i32, contexts: &[u32; 7], choice: usize) -> i32 {
        let rest = self.0.nibble(coder, LENGTH, length as u8 & 7, contexts, 1, choice, 32);
        let size = self.0.number(coder, LENGTH, (length >> 3) as i64, contexts, choice);
        (size as i32) << 3 | rest as i32
    }
}
