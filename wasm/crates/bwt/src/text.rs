//! Transformed text as runs: which byte comes next, which is never the one before, and how often.

use abi::Fault;

/// What codes the bytes and the lengths of runs, in turn. The first byte is known.
pub trait RunModel<C> {
    /// The byte of the next run.
    fn code_byte(&mut self, coder: &mut C, byte: u8) -> u8;

    /// The length of the run that the last coded byte begins, at least 1.
    fn code_length(&mut self, coder: &mut C, length: u32) -> u32;
}

/// Codes a text of at least one byte, whose first the model knows, as the decoder's must.
pub fn encode<C>(coder: &mut C, mut model: impl RunModel<C>, text: &[u8]) {
    for (index, run) in text.chunk_by(|a, b| a == b).enumerate() {
        if index > 0 {
            model.code_byte(coder, run[0]);
        }
        model.code_length(coder, run.len() as u32);
    }
}

/// Gives back `length` bytes that begin with `first`, or a fault.
pub fn decode<C>(coder: &mut C, mut model: impl RunModel<C>, first: u8, length: usize) -> Result<Vec<u8>, Fault> {
    let mut text = Vec::with_capacity(length);
    let mut byte = first;
    while text.len() < length {
        if !text.is_empty() {
            byte = model.code_byte(coder, 0);
        }
        let run = model.code_length(coder, 0) as usize;
        if run > length - text.len() {
            return Err(Fault::Damaged);
        }
        text.resize(text.len() + run, byte);
    }
    Ok(text)
}
