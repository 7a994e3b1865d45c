//! Point records of LAS files: every attribute is predicted from what the scanner did lately and from points nearby.

mod fields;
mod header;
mod layout;
mod neighbours;
mod ols;
mod point;
mod position;
mod quick;
mod survey;
mod time;
mod walk;

use abi::{Fault, Model};
use coding::arithmetic::{Decoder, Encoder};
use header::{Effort, Header};
use layout::Layout;
use quick::{Quick, Reader, Writer};
use walk::Walk;

/// Bytes that an encoder leaves for the decoder to imagine.
const IMAGINED_BYTES: usize = 4;

/// Whole point records. Parameters: the point data record format and the record's length in bytes, two bytes little
/// endian; for an encoder also the effort, 0 to 2.
pub struct Points;

impl Model for Points {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let (&effort, params) = params.split_last().ok_or(Fault::Damaged)?;
        let effort = Effort::from_byte(effort).ok_or(Fault::Damaged)?;
        let layout = layout(params)?;
        if input.len() % layout.record_bytes != 0 {
            return Err(Fault::Unsupported);
        }
        if input.is_empty() {
            return Ok(Vec::new());
        }
        let (lattice, plan) = survey::survey(input, &layout);
        let header = Header { effort, lattice, plan, first: &input[..layout.record_bytes] };
        let encoder = Encoder::new(header.to_bytes());
        Ok(match effort {
            Effort::Low => encode::<3, 8, false>(encoder, &header, &layout, input),
            Effort::High => encode::<7, 16, true>(encoder, &header, &layout, input),
            Effort::Quick => encode_quickly(&header, &layout, input),
        })
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let layout = layout(params)?;
        if length % layout.record_bytes != 0 || (length == 0) != payload.is_empty() {
            return Err(Fault::Damaged);
        }
        if length == 0 {
            return Ok(Vec::new());
        }
        let (header, coded) = Header::parse(payload, &layout).ok_or(Fault::Damaged)?;
        match header.effort {
            Effort::Low => decode::<3, 8, false>(coded, &header, &layout, length),
            Effort::High => decode::<7, 16, true>(coded, &header, &layout, length),
            Effort::Quick => decode_quickly(coded, &header, &layout, length),
        }
    }
}

fn layout(params: &[u8]) -> Result<Layout, Fault> {
    match *params {
        [format, low, high] => Layout::new(format, u16::from_le_bytes([low, high]) as usize),
        _ => Err(Fault::Damaged),
    }
}

fn walk<const N: usize, const I: usize, const RICH: bool>(
    header: &Header, layout: &Layout, length: usize,
) -> Walk<N, I, RICH> {
    let first = header.lattice.read(header.first, layout);
    Walk::new(*layout, header.plan, first, header.first, length / layout.record_bytes)
}

fn encode<const N: usize, const I: usize, const RICH: bool>(
    mut encoder: Encoder, header: &Header, layout: &Layout, records: &[u8],
) -> Vec<u8> {
    let mut walk: Walk<N, I, RICH> = walk(header, layout, records.len());
    let mut record = header.first.to_vec();
    for given in records.chunks_exact(layout.record_bytes) {
        record.copy_from_slice(given);
        walk.point(&mut encoder, &header.lattice.read(given, layout), &mut record);
    }
    encoder.finish()
}

fn decode<const N: usize, const I: usize, const RICH: bool>(
    coded: &[u8], header: &Header, layout: &Layout, length: usize,
) -> Result<Vec<u8>, Fault> {
    let mut walk: Walk<N, I, RICH> = walk(header, layout, length);
    let mut decoder = Decoder::new(coded);
    let mut record = header.first.to_vec();
    let unknown = Default::default();
    let mut output = Vec::with_capacity(length);
    while output.len() < length {
        let point = walk.point(&mut decoder, &unknown, &mut record);
        header.lattice.write(&point, &mut record, layout);
        output.extend_from_slice(&record);
        if decoder.overrun() > IMAGINED_BYTES {
            return Err(Fault::Damaged);
        }
    }
    if !decoder.is_at_end() {
        return Err(Fault::Damaged);
    }
    Ok(output)
}

fn encode_quickly(header: &Header, layout: &Layout, records: &[u8]) -> Vec<u8> {
    let mut out = header.to_bytes();
    let mut quick = Quick::new(header, layout, header.lattice.read(header.first, layout));
    let mut writer = Writer::new();
    let mut record = header.first.to_vec();
    let mut before = header.first;
    for given in records.chunks_exact(layout.record_bytes) {
        record.copy_from_slice(given);
        quick.point(&mut writer, &header.lattice.read(given, layout), &mut record, before);
        before = given;
    }
    writer.finish(&mut out);
    out
}

fn decode_quickly(coded: &[u8], header: &Header, layout: &Layout, length: usize) -> Result<Vec<u8>, Fault> {
    let mut quick = Quick::new(header, layout, header.lattice.read(header.first, layout));
    let mut reader = Reader::new(coded)?;
    let mut records = [header.first.to_vec(), header.first.to_vec()];
    let unknown = Default::default();
    let mut output = Vec::with_capacity(length);
    while output.len() < length {
        let [record, before] = &mut records;
        let point = quick.point(&mut reader, &unknown, record, before);
        header.lattice.write(&point, record, layout);
        output.extend_from_slice(record);
        records.swap(0, 1);
        if reader.is_spent(IMAGINED_BYTES) {
            return Err(Fault::Damaged);
        }
    }
    if !reader.is_done(IMAGINED_BYTES) {
        return Err(Fault::Damaged);
    }
    Ok(output)
}

#[cfg(test)]
mod tests;
