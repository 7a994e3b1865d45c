//! JPEG files (ITU-T T.81, Huffman coded) by context mixing of their coefficients, bit for bit.

mod bits;
mod decider;
mod frame;
mod huffman;
mod model;
mod picture;
mod planes;
mod reader;
mod side;
#[cfg(test)]
mod tests;
mod writer;

use abi::{Fault, Model};
use coding::arithmetic::{Decoder, Encoder};
use frame::Frame;
use general::General;
use model::Coder;
use picture::Picture;
use planes::Planes;
use side::Side;
use writer::write_scan;

/// The longest input.
const LONGEST: usize = 64 << 20;
/// Blocks of coefficients that memory allows: 320 MB.
const MAX_BLOCKS: usize = 2_500_000;

/// First byte of a payload.
const PLAIN: u8 = 0;
const COEFFICIENTS: u8 = 1;

pub struct Jpeg;

impl Model for Jpeg {
    /// Takes any bytes; those that are no JPEG file, or one of a kind that cannot be read, by the general model.
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        if input.len() > LONGEST || !params.is_empty() {
            return Err(Fault::Unsupported);
        }
        match Picture::read(input, room(input.len())) {
            Some(picture) => encode_picture(input, picture),
            None => Ok([vec![PLAIN], General::encode(input, &[])?].concat()),
        }
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        if length > LONGEST || !params.is_empty() {
            return Err(Fault::Damaged);
        }
        let (&kind, rest) = payload.split_first().ok_or(Fault::Damaged)?;
        match kind {
            PLAIN => General::decode(rest, &[], length),
            COEFFICIENTS => decode_picture(rest, length).ok_or(Fault::Damaged),
            _ => Err(Fault::Damaged),
        }
    }
}

/// How many blocks a file of so many bytes can say something about: each takes a bit at least.
fn room(length: usize) -> usize {
    (8 * length).min(MAX_BLOCKS)
}

fn encode_picture(input: &[u8], picture: Picture) -> Result<Vec<u8>, Fault> {
    let side = Side::of(input, &picture).write();
    let coded = General::encode(&side, &[])?;
    let mut output = vec![COEFFICIENTS];
    output.extend_from_slice(&(side.len() as u32).to_le_bytes());
    output.extend_from_slice(&(coded.len() as u32).to_le_bytes());
    output.extend_from_slice(&coded);
    let frame = picture.structure.headers.frame.as_ref().ok_or(Fault::Unsupported)?;
    let quantisers = quantisers(frame, &picture.structure.headers.quantisers);
    let mut planes = picture.planes;
    let mut encoder = Encoder::new(output);
    Coder::new().code(&mut encoder, &mut planes, &quantisers);
    Ok(encoder.finish())
}

fn decode_picture(payload: &[u8], length: usize) -> Option<Vec<u8>> {
    let (side_length, rest) = payload.split_first_chunk()?;
    let (coded_length, rest) = rest.split_first_chunk()?;
    let (coded, rest) = rest.split_at_checked(u32::from_le_bytes(*coded_length) as usize)?;
    let side_length = u32::from_le_bytes(*side_length) as usize;
    // Numbers may take more room than the bytes they stand for, but not many times as much.
    let side = General::decode(coded, &[], (side_length <= 2 * length + 1024).then_some(side_length)?).ok()?;
    let side = Side::read(&side, length)?;
    let structure = side.structure()?;
    let frame = structure.headers.frame.as_ref()?;
    let mut planes = Planes::new(frame, room(length));
    for (component, &rows) in side.rows.iter().enumerate() {
        planes.grow(component, rows)?;
    }
    let quantisers = quantisers(frame, &structure.headers.quantisers);
    let mut decoder = Decoder::new(rest);
    Coder::new().code(&mut decoder, &mut planes, &quantisers);
    if !decoder.is_at_end() || decoder.overrun() > 4 {
        return None;
    }
    let mut output = Vec::with_capacity(length);
    for (part, scan) in side.scans.iter().zip(&structure.scans) {
        output.extend_from_slice(part.head);
        let written = write_scan(frame, scan, &planes, part.habits, part.exact);
        output.extend_from_slice(written.get(..part.exact)?);
        output.extend_from_slice(part.rest);
    }
    output.extend_from_slice(side.tail);
    (output.len() == length).then_some(output)
}

/// The quantisation table of each component. No quantiser is 0, but damaged files may say so.
fn quantisers(frame: &Frame, tables: &[[u16; 64]; 4]) -> Vec<[u16; 64]> {
    frame.components.iter().map(|component| tables[component.table].map(|quantiser| quantiser.max(1))).collect()
}
