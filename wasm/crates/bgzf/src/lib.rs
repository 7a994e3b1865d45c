//! The deflate encoders that write BGZF, frozen: each gives the very stream of the library that it is named after.

mod bits;
mod blocks;
mod classic;
mod library;
mod medium;
mod trees;
mod window;

use abi::{Fault, Model};

/// The most that a block of BGZF holds.
pub const MOST_PLAIN: usize = 1 << 16;

/// What [`Deflate::encode`] is told: an engine and its level.
const CLASSIC: u8 = 1;
const MEDIUM: u8 = 2;
const LIBRARY: u8 = 3;

/// The deflate stream of some bytes.
pub fn deflate(input: &[u8], engine: u8, level: u8) -> Option<Vec<u8>> {
    if input.len() > MOST_PLAIN {
        return None;
    }
    match (engine, level) {
        (CLASSIC, 1..=9) => Some(classic::deflate(input, level as usize)),
        (MEDIUM, 2..=9) => Some(medium::deflate(input, level as usize)),
        (LIBRARY, 0..=12) => library::deflate(input, level),
        _ => None,
    }
}

/// Raw deflate by a known encoder. Only to encode: what comes back is for others to inflate.
pub struct Deflate;

impl Model for Deflate {
    /// `params` is an engine and a level, a byte each.
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let &[engine, level] = params else { return Err(Fault::Unsupported) };
        deflate(input, engine, level).ok_or(Fault::Unsupported)
    }

    fn decode(_: &[u8], _: &[u8], _: usize) -> Result<Vec<u8>, Fault> {
        Err(Fault::Unsupported)
    }
}

/// The most that a stream holds.
pub const MOST_STREAM: usize = 32 << 20;

/// Smaller pieces would take longer than their bytes are worth.
const SMALLEST_PIECE: usize = 1024;

/// A whole stream of zlib, of any length. Only to encode.
pub struct Stream;

impl Model for Stream {
    /// `params` is a level from 1 to 9, and in four bytes, little endian, how many bytes it was given between partial
    /// flushes, or 0 for no flushes.
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let &[level @ 1..=9, a, b, c, d] = params else { return Err(Fault::Unsupported) };
        if input.len() > MOST_STREAM {
            return Err(Fault::Unsupported);
        }
        Ok(match u32::from_le_bytes([a, b, c, d]) as usize {
            0 => classic::deflate(input, level as usize),
            1..SMALLEST_PIECE => return Err(Fault::Unsupported),
            piece => classic::deflate_in_pieces(input, level as usize, piece),
        })
    }

    fn decode(_: &[u8], _: &[u8], _: usize) -> Result<Vec<u8>, Fault> {
        Err(Fault::Unsupported)
    }
}

#[cfg(test)]
mod tests;
