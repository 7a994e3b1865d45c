//! ESRI shapefiles: main files (.shp) by their geometry, indexes (.shx) by the lengths from which they follow, and
//! attribute tables (.dbf) by their fields.
//! `docs/format/shapes.md` says what the payloads are.

mod bytes;
mod fields;
mod format;
mod guess;
mod index;
mod lattice;
mod model;
mod points;
mod store;
mod survey;
mod table;
mod values;

use abi::Fault;
use coding::arithmetic::{Decoder, Encoder};
use lattice::Lattice;
use model::Model;
use survey::Columns;
pub use table::Table;
use values::Axis;

/// Bytes that an encoder leaves for the decoder to imagine.
const IMAGINED_BYTES: usize = 4;
/// The longest input: what a worker's memory allows.
pub const LONGEST: usize = 64 << 20;
const HEADER: u8 = 1;
const HARD: u8 = 2;
const INDEX: u8 = 4;
const PREFIX_BYTES: usize = 1 + 4 * 5;

/// A main file, whole records of one, or an index. No parameters; for an encoder the effort, 0 or 1.
pub struct Shapes;

impl abi::Model for Shapes {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let hard = match params {
            [0] => false,
            [1] => true,
            _ => return Err(Fault::Damaged),
        };
        if input.len() > LONGEST {
            return Err(Fault::Unsupported);
        }
        let header = format::has_header(input);
        if header && index::is_index(input) {
            return Ok(index::encode(input, vec![INDEX]));
        }
        let axes = Columns::read(input, header).axes();
        let mut out = vec![HEADER * header as u8 | HARD * hard as u8];
        for axis in &axes {
            out.push(axis.lattice.unit() << 1 | axis.exact as u8);
            out.push(axis.lattice.grain());
            out.extend_from_slice(&(axis.lattice.fractions as u32).to_le_bytes()[..3]);
        }
        let mut encoder = Encoder::new(out);
        let mut bytes = input.to_vec();
        if hard {
            Model::<7, 16>::new(axes, input.len()).file(&mut encoder, &mut bytes, header)?;
        } else {
            Model::<3, 8>::new(axes, input.len()).file(&mut encoder, &mut bytes, header)?;
        }
        Ok(encoder.finish())
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        if length > LONGEST || !params.is_empty() {
            return Err(Fault::Damaged);
        }
        if let Some((&INDEX, coded)) = payload.split_first() {
            return index::decode(coded, length);
        }
        let (prefix, coded) = payload.split_at_checked(PREFIX_BYTES).ok_or(Fault::Damaged)?;
        if prefix[0] > HEADER + HARD {
            return Err(Fault::Damaged);
        }
        let header = prefix[0] & HEADER != 0;
        let axis = |axis: usize| {
            let [unit, grain, low, middle, high] = std::array::from_fn(|i| prefix[1 + 5 * axis + i]);
            let lattice = Lattice::new(unit >> 1, u32::from_le_bytes([low, middle, high, 0]) as u64, grain)?;
            Some(Axis::new(lattice, unit & 1 != 0))
        };
        let (Some(x), Some(y), Some(z), Some(m)) = (axis(0), axis(1), axis(2), axis(3)) else {
            return Err(Fault::Damaged);
        };
        let axes = [x, y, z, m];
        let mut decoder = Decoder::new(coded);
        let mut bytes = vec![0; length];
        if prefix[0] & HARD != 0 {
            Model::<7, 16>::new(axes, length).file(&mut decoder, &mut bytes, header)?;
        } else {
            Model::<3, 8>::new(axes, length).file(&mut decoder, &mut bytes, header)?;
        }
        if !decoder.is_at_end() || decoder.overrun() > IMAGINED_BYTES {
            return Err(Fault::Damaged);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests;
