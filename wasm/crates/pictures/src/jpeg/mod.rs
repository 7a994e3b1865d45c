//! JPEG files (ITU-T T.81, Huffman coded) by context mixing of their coefficients, bit for bit.

mod frame;
mod huffman;
mod model;
mod picture;
mod planes;
mod reader;
mod series;
mod side;
#[cfg(test)]
mod tests;
mod writer;

use abi::{Fault, Model};
use coding::arithmetic::{Decoder, Encoder};
use frame::{Frame, Headers};
use general::{encode_fresh, General};
use model::BlockCoder;
use picture::Picture;
use planes::Planes;
pub use series::JpegSeries;
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
        match Picture::read(input, Headers::new(), room(input.len())) {
            Some(picture) => encode_picture(input, picture),
            None => Ok([vec![PLAIN], encode_fresh(input)?].concat()),
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

fn encode_picture(input: &[u8], mut picture: Picture) -> Result<Vec<u8>, Fault> {
    let mut output = vec![COEFFICIENTS];
    write_side(&Side::of(input, &picture).write(), &mut output)?;
    let mut encoder = Encoder::new(output);
    encode_coefficients(&mut BlockCoder::new(), &mut encoder, &mut picture, None).ok_or(Fault::Unsupported)?;
    Ok(encoder.finish())
}

fn decode_picture(payload: &[u8], length: usize) -> Option<Vec<u8>> {
    let (side, rest) = read_side(payload, length)?;
    let side = Side::read(&side, length)?;
    let mut pictures = Pictures::new(rest, length);
    pictures.decode(&side, Headers::new(), None)?;
    pictures.finish(length)
}

/// Lengths of the side information and of its payload, then that payload.
fn write_side(side: &[u8], output: &mut Vec<u8>) -> Result<(), Fault> {
    let coded = encode_fresh(side)?;
    output.extend_from_slice(&(side.len() as u32).to_le_bytes());
    output.extend_from_slice(&(coded.len() as u32).to_le_bytes());
    output.extend_from_slice(&coded);
    Ok(())
}

/// The side information, and what follows it.
fn read_side(payload: &[u8], length: usize) -> Option<(Vec<u8>, &[u8])> {
    let (side_length, rest) = payload.split_first_chunk()?;
    let (coded_length, rest) = rest.split_first_chunk()?;
    let (coded, rest) = rest.split_at_checked(u32::from_le_bytes(*coded_length) as usize)?;
    let side_length = u32::from_le_bytes(*side_length) as usize;
    // Numbers may take more room than the bytes they stand for, but not many times as much.
    let side = General::decode(coded, &[], (side_length <= 2 * length + 1024).then_some(side_length)?).ok()?;
    Some((side, rest))
}

/// `before`: what blocks may be repeated from.
fn encode_coefficients(
    coder: &mut BlockCoder,
    encoder: &mut Encoder,
    picture: &mut Picture,
    before: Option<&Planes>,
) -> Option<()> {
    let headers = &picture.structure.headers;
    let quantisers = quantisers(headers.frame.as_ref()?, &headers.quantisers);
    coder.code(encoder, &mut picture.planes, &quantisers, before);
    Some(())
}

/// Pictures as they are decoded one after the other.
struct Pictures<'a> {
    coder: BlockCoder,
    decoder: Decoder<'a>,
    /// Blocks that all of them may still have.
    room: usize,
    output: Vec<u8>,
}

impl<'a> Pictures<'a> {
    fn new(payload: &'a [u8], length: usize) -> Self {
        let output = Vec::with_capacity(length);
        Pictures { coder: BlockCoder::new(), decoder: Decoder::new(payload), room: 8 * length, output }
    }

    /// Decodes a picture; `headers`: what tables that stand elsewhere have said.
    fn decode(&mut self, side: &Side, headers: Headers, before: Option<&Planes>) -> Option<Planes> {
        let structure = side.structure(headers)?;
        let frame = structure.headers.frame.as_ref()?;
        let mut planes = Planes::new(frame, self.room.min(MAX_BLOCKS));
        for (component, &rows) in side.rows.iter().enumerate() {
            planes.grow(component, rows)?;
        }
        self.room -= planes.len();
        let quantisers = quantisers(frame, &structure.headers.quantisers);
        let before = before.filter(|before| before.is_like(&planes));
        self.coder.code(&mut self.decoder, &mut planes, &quantisers, before);
        if self.decoder.overrun() > 4 {
            return None;
        }
        for (part, scan) in side.scans.iter().zip(&structure.scans) {
            self.output.extend_from_slice(part.head);
            let written = write_scan(frame, scan, &planes, part.habits, part.exact);
            self.output.extend_from_slice(written.get(..part.exact)?);
            self.output.extend_from_slice(part.rest);
        }
        self.output.extend_from_slice(side.tail);
        Some(planes)
    }

    /// The output, if nothing is left over and it has its length.
    fn finish(self, length: usize) -> Option<Vec<u8>> {
        let ends = self.decoder.is_at_end() && self.decoder.overrun() <= 4;
        (ends && self.output.len() == length).then_some(self.output)
    }
}

/// The quantisation table of each component. No quantiser is 0, but damaged files may say so.
fn quantisers(frame: &Frame, tables: &[[u16; 64]; 4]) -> Vec<[u16; 64]> {
    frame.components.iter().map(|component| tables[component.table].map(|quantiser| quantiser.max(1))).collect()
}
