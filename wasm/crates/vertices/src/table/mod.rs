//! Attribute tables (.dbf): records of fields of fixed width, each field in the light of the same field above it and of
//! the fields before it.

mod content;
mod layout;
mod repeats;
mod row;
mod texts;

use abi::Fault;
use coding::arithmetic::{Decoder, Encoder};
use crate::bytes::code_bytes;
use crate::{IMAGINED_BYTES, LONGEST};
use layout::Layout;
use numbers::coder::Coder;
use numbers::engine::Engine;
use row::Rows;

pub mod fields {
    pub const DELETED: usize = 0;
    pub const SAME: usize = 1;
    pub const COUNTED: usize = 2;
    pub const STYLE: usize = 3;
    pub const LENGTH: usize = 4;
    pub const WHOLE: usize = 5;
    pub const DECIMALS: usize = 6;
    pub const PRINTED: usize = 7;
    pub const TEXT: usize = 8;
    pub const DIGITS: usize = 9;
    pub const BYTES: usize = 10;
    pub const REPEAT: usize = 11;
    pub const FIELDS: usize = 12;
}

const HARD: u8 = 1;

/// A table, or whole records of one. Parameters: nothing, or the header of the table that the records are of; for an
/// encoder also the effort in front, 0 or 1.
pub struct Table;

impl abi::Model for Table {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let (&effort, header) = params.split_first().ok_or(Fault::Damaged)?;
        if input.len() > LONGEST || effort > HARD {
            return Err(Fault::Unsupported);
        }
        let mut encoder = Encoder::new(vec![effort]);
        let mut bytes = input.to_vec();
        if effort == HARD {
            Walk::<7, 16>::new(input.len()).file(&mut encoder, &mut bytes, header)?;
        } else {
            Walk::<3, 8>::new(input.len()).file(&mut encoder, &mut bytes, header)?;
        }
        Ok(encoder.finish())
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let (&effort, coded) = payload.split_first().ok_or(Fault::Damaged)?;
        if length > LONGEST || effort > HARD {
            return Err(Fault::Damaged);
        }
        let mut decoder = Decoder::new(coded);
        let mut bytes = vec![0; length];
        if effort == HARD {
            Walk::<7, 16>::new(length).file(&mut decoder, &mut bytes, params)?;
        } else {
            Walk::<3, 8>::new(length).file(&mut decoder, &mut bytes, params)?;
        }
        if !decoder.is_at_end() || decoder.overrun() > IMAGINED_BYTES {
            return Err(Fault::Damaged);
        }
        Ok(bytes)
    }
}

struct Walk<const N: usize, const I: usize>(Engine<N, I>);

impl<const N: usize, const I: usize> Walk<N, I> {
    fn new(length: usize) -> Self {
        Walk(Engine::new(fields::FIELDS, length / 8))
    }

    /// Codes all of `bytes`; `header` is empty if they begin with one.
    fn file<C: Coder>(&mut self, coder: &mut C, bytes: &mut [u8], header: &[u8]) -> Result<(), Fault> {
        let (layout, start) = match header {
            [] => self.header(coder, bytes)?,
            _ => {
                Layout::header_bytes(header).ok_or(Fault::Damaged)?;
                (Layout::of_header(header), 0)
            }
        };
        let width = layout.record_bytes;
        let whole = (bytes.len() - start) / width * width;
        let (records, tail) = bytes[start..].split_at_mut(whole);
        let mut rows = Rows::new(&layout);
        for at in (0..whole).step_by(width) {
            let (past, here) = records.split_at_mut(at);
            rows.row(&mut self.0, coder, &layout, &mut here[..width], past)?;
        }
        let end = tail.len();
        code_bytes(&mut self.0, coder, fields::BYTES, tail, 0..end, 8);
        Ok(())
    }

    fn header<C: Coder>(&mut self, coder: &mut C, bytes: &mut [u8]) -> Result<(Layout, usize), Fault> {
        code_bytes(&mut self.0, coder, fields::BYTES, bytes, 0..bytes.len().min(FIXED_BYTES), 8);
        let length = Layout::header_bytes(bytes).ok_or(Fault::Damaged)?;
        code_bytes(&mut self.0, coder, fields::BYTES, bytes, FIXED_BYTES..length, DESCRIPTOR_BYTES);
        Ok((Layout::of_header(&bytes[..length]), length))
    }
}

/// What precedes the descriptions of fields, and what each has.
const FIXED_BYTES: usize = 32;
const DESCRIPTOR_BYTES: usize = 32;

#[cfg(test)]
mod tests;
