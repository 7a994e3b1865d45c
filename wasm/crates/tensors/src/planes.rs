//! Elements taken apart into planes, the bytes of one significance each, and put together again.

use abi::Fault;

/// How elements lie in bytes and are taken apart.
#[derive(Clone, Copy)]
pub struct Layout {
    /// Bytes of an element: 1, 2, 4 or 8.
    pub width: usize,
    big_endian: bool,
    /// Whether elements are turned left by a bit, so that no byte has bits of both exponent and mantissa.
    rotate: bool,
}

const ROTATE: u8 = 1;
const BIG_ENDIAN: u8 = 2;

impl Layout {
    /// Reads two bytes, and gives those behind them, too.
    pub fn read(params: &[u8]) -> Result<(Self, &[u8]), Fault> {
        let &[width @ (1 | 2 | 4 | 8), flags @ ..=3, ref rest @ ..] = params else {
            return Err(Fault::Unsupported);
        };
        let [rotate, big_endian] = [ROTATE, BIG_ENDIAN].map(|flag| flags & flag != 0);
        Ok((Layout { width: width as usize, big_endian, rotate }, rest))
    }

    /// The plane of this significance, 0 for the lowest. `bytes` are whole elements.
    pub fn split(self, bytes: &[u8], plane: usize) -> Vec<u8> {
        match self.width {
            1 => self.split_elements::<1>(bytes, plane),
            2 => self.split_elements::<2>(bytes, plane),
            4 => self.split_elements::<4>(bytes, plane),
            _ => self.split_elements::<8>(bytes, plane),
        }
    }

    fn split_elements<const WIDTH: usize>(self, bytes: &[u8], plane: usize) -> Vec<u8> {
        let elements = bytes.as_chunks::<WIDTH>().0;
        let place = self.place(plane);
        if !self.rotate {
            return elements.iter().map(|element| element[place]).collect();
        }
        let below = self.place((plane + WIDTH - 1) % WIDTH);
        elements.iter().map(|element| element[place] << 1 | element[below] >> 7).collect()
    }

    /// Appends the elements of these planes, the lowest first and of one length, to `out`.
    pub fn merge(self, planes: &[&[u8]], out: &mut Vec<u8>) {
        match self.width {
            1 => self.merge_elements::<1>(planes, out),
            2 => self.merge_elements::<2>(planes, out),
            4 => self.merge_elements::<4>(planes, out),
            _ => self.merge_elements::<8>(planes, out),
        }
    }

    fn merge_elements<const WIDTH: usize>(self, planes: &[&[u8]], out: &mut Vec<u8>) {
        let count = planes[0].len();
        let start = out.len();
        out.resize(start + count * WIDTH, 0);
        let (elements, _) = out[start..].as_chunks_mut::<WIDTH>();
        for plane in 0..WIDTH {
            let place = self.place(plane);
            let (own, above) = (planes[plane], planes[(plane + 1) % WIDTH]);
            for ((element, &byte), &above) in elements.iter_mut().zip(own).zip(above) {
                element[place] = if self.rotate { byte >> 1 | above << 7 } else { byte };
            }
        }
    }

    /// Where the byte of this significance is in an element.
    fn place(self, plane: usize) -> usize {
        if self.big_endian {
            self.width - 1 - plane
        } else {
            plane
        }
    }
}
