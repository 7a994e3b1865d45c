//! Alignments: records of BAM, field by field. `docs/format/alignments.md` ("bam") is the specification.

mod alignment;
mod cigar;
mod fields;
mod header;
mod letters;
mod mates;
mod mismatches;
mod mixed_letters;
mod numbers;
mod places;
mod plain_letters;
mod qualities;
mod record;
mod records;
mod reference;
mod sequences;
mod small;
mod strings;
mod templates;
mod values;

pub use header::Header;
pub use records::Records;
pub use sequencing::{Part, PartCoder};

use abi::{Fault, Level, Model};
use coding::arithmetic::Coder;
use coding::ranges::{Decoder, Encoder};

/// The longest run of records: tables name the places of bases with 25 bits.
pub const LONGEST: usize = 32 << 20;

/// Whole records of BAM. To encode takes one byte of parameters, the level; to decode takes none.
pub struct Bam;

impl Model for Bam {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let level = params.first().and_then(|&number| Level::of(number)).ok_or(Fault::Unsupported)?;
        if input.len() > LONGEST {
            return Err(Fault::Unsupported);
        }
        let header = Header::of(input, level).ok_or(Fault::Unsupported)?;
        let mut payload = Vec::with_capacity(input.len() / 3);
        header.write(&mut payload);
        let mut records = Records::new(&header, input.len());
        let mut encoder = Encoder::new(payload);
        let mut output = Vec::with_capacity(input.len());
        while output.len() < input.len() {
            records.code(&mut encoder, Some(input), &mut output, input.len()).ok_or(Fault::Unsupported)?;
        }
        Ok(encoder.finish())
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        if length > LONGEST || !params.is_empty() {
            return Err(Fault::Damaged);
        }
        let (header, start) = Header::read(payload, length).ok_or(Fault::Damaged)?;
        let mut records = Records::new(&header, length);
        let mut decoder = Decoder::new(&payload[start..]);
        let mut output = Vec::with_capacity(length);
        while output.len() < length {
            records.code(&mut decoder, None, &mut output, length).ok_or(Fault::Damaged)?;
            if decoder.is_lost() {
                return Err(Fault::Damaged);
            }
        }
        if decoder.is_at_end() { Ok(output) } else { Err(Fault::Damaged) }
    }
}

#[cfg(test)]
mod tests;
