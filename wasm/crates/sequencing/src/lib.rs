//! Sequencing reads: FASTQ text as names, bases and qualities. `docs/format/models.md` ("fastq") is the specification.
//!
//! What reads have wherever they are stored is public for the records of alignments.

pub mod alphabet;
mod bases;
pub mod bits;
mod blend;
mod header;
mod kmers;
mod layout;
mod letters;
pub mod names;
pub mod nibbles;
pub mod opening;
pub mod pairing;
pub mod plain;
pub mod plain_qualities;
pub mod qualities;
pub mod quick_bases;
mod quick_qualities;
mod reads;
mod repeats;
pub mod shares;
pub mod text;
mod values;

pub use bits::{Part, PartCoder};
pub use header::Header;
pub use layout::Items;
pub use reads::Reads;

use abi::{Fault, Level, Model};
use coding::arithmetic::Coder;
use coding::ranges::{Decoder, Encoder};

/// The longest text: tables name the places of bases with 25 bits.
pub const LONGEST: usize = 32 << 20;

/// FASTQ. To encode takes one byte of parameters, the level; to decode takes none.
pub struct Fastq;

impl Model for Fastq {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let level = params.first().and_then(|&number| Level::of(number)).ok_or(Fault::Unsupported)?;
        if input.len() > LONGEST {
            return Err(Fault::Unsupported);
        }
        let header = Header::of(input, level);
        let mut payload = Vec::with_capacity(input.len() / 3);
        header.write(&mut payload);
        let mut reads = Reads::new(&header);
        let mut encoder = Encoder::new(payload);
        let mut output = Vec::with_capacity(input.len());
        for item in Items::new(input, header.carriage_returns) {
            reads.code(&mut encoder, input, Some(&item), &mut output, input.len()).ok_or(Fault::Unsupported)?;
        }
        Ok(encoder.finish())
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        if length > LONGEST || !params.is_empty() {
            return Err(Fault::Damaged);
        }
        let (header, start) = Header::read(payload, length).ok_or(Fault::Damaged)?;
        let mut reads = Reads::new(&header);
        let mut decoder = Decoder::new(&payload[start..]);
        let mut output = Vec::with_capacity(length);
        while output.len() < length {
            reads.code(&mut decoder, &[], None, &mut output, length).ok_or(Fault::Damaged)?;
            if decoder.is_lost() {
                return Err(Fault::Damaged);
            }
        }
        if decoder.is_at_end() { Ok(output) } else { Err(Fault::Damaged) }
    }
}
