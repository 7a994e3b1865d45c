//! GeoJSON: the numbers of positions as steps on a lattice and by the borders they share; the rest as structured text.
//! `docs/format/geometry.md` says what the payload is.

mod engine;
mod header;
mod history;
mod notation;
mod plane;
mod positions;
mod projection;
mod skeleton;
mod survey;
mod text;
mod trigonometry;
mod walk;

use abi::{Fault, Model};
use header::Header;

/// The longest text: what a worker's memory allows.
pub const LONGEST: usize = 32 << 20;

/// How much work an encoder does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    Low,
    High,
}

/// A text of GeoJSON, or a piece of one. No parameters; for an encoder the effort, 0 or 1.
pub struct Geometry;

impl Model for Geometry {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let effort = match params {
            [0] => Effort::Low,
            [1] => Effort::High,
            _ => return Err(Fault::Unsupported),
        };
        if input.len() > LONGEST {
            return Err(Fault::Unsupported);
        }
        let parts = skeleton::take_apart(input);
        let (text, skeleton) = text::encode(&parts.skeleton, effort)?;
        let notations = positions::survey(input, &parts);
        let projections = positions::projections(input, &parts, &notations);
        let counts = positions::counts(&parts);
        let header = Header { text, coded: skeleton.len(), counts, notations, projections };
        let mut payload = header.to_bytes();
        payload.extend_from_slice(&skeleton);
        Ok(positions::encode(input, &parts, &header, payload))
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        if length > LONGEST || !params.is_empty() {
            return Err(Fault::Damaged);
        }
        let (header, rest) = Header::read(payload, length).ok_or(Fault::Damaged)?;
        let (skeleton, coded) = rest.split_at_checked(header.coded).ok_or(Fault::Damaged)?;
        let skeleton = text::decode(skeleton, header.text)?;
        positions::decode(&skeleton, &header, coded, length).ok_or(Fault::Damaged)
    }
}

#[cfg(test)]
mod tests;
