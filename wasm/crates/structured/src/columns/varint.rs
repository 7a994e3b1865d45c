//! Numbers of any size in few bytes.

use abi::Fault;

/// Small numbers of either sign as small numbers.
pub fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

/// LEB128.
pub fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 128 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub fn read_number(bytes: &mut &[u8]) -> Result<u64, Fault> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(Fault::Damaged)?;
        *bytes = rest;
        number |= ((byte & 127) as u64) << shift;
        if byte < 128 {
            return Ok(number);
        }
    }
    Err(Fault::Damaged)
}
