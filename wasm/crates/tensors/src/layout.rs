//! What the planner says of the elements: their kind, and where one tensor ends and the next begins.

use abi::Fault;

/// How the bits of an element are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// 1, 2, 4 or 8.
    pub bytes: usize,
    /// Of the exponent; 0 for integers.
    pub exponent_bits: u32,
    /// Two's complement; floating-point elements have a sign of their own.
    pub signed: bool,
    pub big_endian: bool,
}

const BIG_ENDIAN: u8 = 1;
const SIGNED: u8 = 2;

/// The parameters of the model: bytes of an element, bits of its exponent, flags, then the number of elements of each
/// tensor as a LEB128 varint.
pub fn read(params: &[u8]) -> Result<(Element, Vec<usize>), Fault> {
    let &[bytes, exponent_bits, flags, ref rest @ ..] = params else { return Err(Fault::Unsupported) };
    let known = matches!(bytes, 1 | 2 | 4 | 8) && flags <= BIG_ENDIAN + SIGNED;
    // An exponent and the sign leave at least a bit of mantissa.
    if !known || exponent_bits > 11 || exponent_bits as usize + 2 > 8 * bytes as usize {
        return Err(Fault::Unsupported);
    }
    let element = Element {
        bytes: bytes as usize,
        exponent_bits: exponent_bits as u32,
        signed: flags & SIGNED != 0,
        big_endian: flags & BIG_ENDIAN != 0,
    };
    let mut counts = Vec::new();
    let mut at = 0;
    while at < rest.len() {
        counts.push(varint(rest, &mut at).ok_or(Fault::Unsupported)?);
    }
    Ok((element, counts))
}

/// A LEB128 number below 2^28.
pub fn varint(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut value = 0;
    for shift in [0, 7, 14, 21] {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= (byte as usize & 127) << shift;
        if byte < 128 {
            return Some(value);
        }
    }
    None
}

pub fn write_varint(mut value: usize, out: &mut Vec<u8>) {
    while value >= 128 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

impl Element {
    pub fn bits(self) -> u32 {
        8 * self.bytes as u32
    }

    /// The element as a number that grows with its magnitude: the sign of a float becomes the lowest bit, that of an
    /// integer turns around.
    pub fn load(self, bytes: &[u8]) -> u64 {
        let mut raw = 0;
        for i in 0..self.bytes {
            let byte = bytes[if self.big_endian { i } else { self.bytes - 1 - i }];
            raw = raw << 8 | byte as u64;
        }
        let top = self.bits() - 1;
        match (self.exponent_bits, self.signed) {
            (0, false) => raw,
            (0, true) => raw ^ 1 << top,
            _ => raw << (64 - top) >> (63 - top) | raw >> top,
        }
    }

    /// The lowest bit of a float that was loaded is its sign.
    pub fn sign_bits(self) -> u32 {
        (self.exponent_bits > 0) as u32
    }

    /// The highest `bits` bits of what was loaded, or all there are.
    pub fn top(self, value: u64, bits: u32) -> u32 {
        (value >> self.bits().saturating_sub(bits)) as u32
    }

    /// Puts back what [`Element::load`] took.
    pub fn store(self, value: u64, out: &mut Vec<u8>) {
        let top = self.bits() - 1;
        let raw = match (self.exponent_bits, self.signed) {
            (0, false) => value,
            (0, true) => value ^ 1 << top,
            _ => value >> 1 | (value & 1) << top,
        };
        let bytes = raw.to_le_bytes();
        if self.big_endian {
            out.extend(bytes[..self.bytes].iter().rev());
        } else {
            out.extend_from_slice(&bytes[..self.bytes]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_back_and_order_by_magnitude() {
        for bytes in [1, 2, 4, 8] {
            for (exponent_bits, signed) in [(0, false), (0, true), (4, true)] {
                for big_endian in [false, true] {
                    let element = Element { bytes, exponent_bits, signed, big_endian };
                    for seed in 0..200u64 {
                        let raw = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
                        let mut back = Vec::new();
                        element.store(element.load(&raw), &mut back);
                        assert_eq!(back, raw[..bytes]);
                    }
                }
            }
        }
        let float = Element { bytes: 4, exponent_bits: 8, signed: true, big_endian: false };
        assert!(float.load(&(-3.0f32).to_le_bytes()) > float.load(&2.9f32.to_le_bytes()));
    }

    #[test]
    fn odd_parameters_are_refused() {
        for wrong in [&[][..], &[3, 0, 0], &[4, 12, 0], &[1, 7, 0], &[4, 8, 4], &[4, 8, 0, 128]] {
            assert_eq!(read(wrong), Err(Fault::Unsupported));
        }
        assert_eq!(read(&[4, 8, 3, 129, 1, 5]).unwrap().1, [129, 5]);
    }
}
