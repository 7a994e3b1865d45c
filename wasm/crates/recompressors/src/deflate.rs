use abi::{Fault, Model};
use preflate_rs::{recreate_whole_deflate_stream, PreflateConfig, PreflateError, PreflateStreamProcessor};

/// Raw deflate (RFC 1951) as the bytes that it holds and a few corrections to what a known encoder would have made
/// of them. The prediction is that of preflate (Dirk Steinke's, in the crate `preflate-rs`).
pub struct Deflate;

/// Bytes before the plain bytes in what [`Deflate::encode`] gives.
const HEAD_BYTES: usize = 8;

/// The corrections of a stream whose encoder the prediction knows well: parameters, and a byte for every so many bytes
/// of the stream at most.
const PARAMETER_BYTES: usize = 256;
const BYTES_PER_CORRECTION: usize = 8;

impl Model for Deflate {
    /// Analyses the stream at the start of `input`; what follows it does not matter. `params` is the most that it may
    /// inflate to, in four bytes, little-endian. Gives the length of the stream and of its plain bytes, in as many
    /// bytes each; the plain bytes; the corrections. A stream that does not end is taken up to its last whole block.
    ///
    /// Restoring is tried here where there was much to correct. It must be tried again before corrections are stored,
    /// as the engine does with every segment: should it fail then, the segment stays compressed as it is.
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let limit = u32::from_le_bytes(params.try_into().map_err(|_| Fault::Unsupported)?);
        let config = PreflateConfig { plain_text_limit: limit as usize, verify_compression: false, ..PreflateConfig::default() };
        let mut processor = PreflateStreamProcessor::new(&config);
        let found = processor.decompress(input).map_err(unsupported)?;
        let plain = processor.plain_text().text();
        if plain.len() > limit as usize {
            return Err(Fault::Unsupported);
        }
        let corrected = found.corrections.len() > PARAMETER_BYTES + found.compressed_size / BYTES_PER_CORRECTION;
        if corrected && !restores(&found.corrections, plain, &input[..found.compressed_size]) {
            return Err(Fault::Unsupported);
        }
        let mut output = Vec::with_capacity(HEAD_BYTES + plain.len() + found.corrections.len());
        output.extend_from_slice(&(found.compressed_size as u32).to_le_bytes());
        output.extend_from_slice(&(plain.len() as u32).to_le_bytes());
        output.extend_from_slice(plain);
        output.extend_from_slice(&found.corrections);
        Ok(output)
    }

    /// Restores the stream, of at most `length` bytes, from the corrections (`payload`) and the plain bytes (`params`).
    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let stream = recreate_whole_deflate_stream(params, payload).map_err(|_| Fault::Damaged)?;
        if stream.len() <= length {
            Ok(stream)
        } else {
            Err(Fault::Damaged)
        }
    }
}

fn restores(corrections: &[u8], plain: &[u8], stream: &[u8]) -> bool {
    recreate_whole_deflate_stream(plain, corrections).is_ok_and(|restored| restored == stream)
}

fn unsupported(_: PreflateError) -> Fault {
    Fault::Unsupported
}
