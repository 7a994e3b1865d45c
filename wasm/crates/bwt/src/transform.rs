//! The Burrows-Wheeler transform: Burrows and Wheeler, "A block-sorting lossless data compression algorithm" (1994).
//!
//! Row 0 is the empty suffix; the row before whose suffix nothing stands has no byte in the transformed text. So that
//! the way back need not wait for one memory access after the other, it is walked from several places at once.

use crate::suffixes;
use abi::Fault;

/// Rows and bytes share 32 bits in the table of the inverse.
pub const MAX_BLOCK: usize = (1 << 24) - 1;

/// Places from which the inverse starts; blocks shorter than [`WALKED_ALONE`] have one.
const WALKS: usize = 8;
const WALKED_ALONE: usize = 1 << 12;

/// A transformed block.
pub struct Transformed {
    /// As many bytes as the block.
    pub text: Vec<u8>,
    /// Rows of the suffixes at the beginnings of equal shares of the block, [`walks`] of them; the first is the row
    /// that has no byte.
    pub rows: Vec<u32>,
}

/// How many rows a block of `length` bytes keeps.
pub fn walks(length: usize) -> usize {
    if length < WALKED_ALONE {
        1
    } else {
        WALKS
    }
}

/// Where the share `walk` begins; `walk == walks(length)` gives the end.
fn boundary(length: usize, walk: usize) -> usize {
    (length * walk).div_ceil(walks(length))
}

/// Transforms 1 to [`MAX_BLOCK`] bytes.
pub fn forward(block: &[u8]) -> Transformed {
    let length = block.len();
    let suffixes = suffixes::sort(block);
    let mut text = Vec::with_capacity(length);
    text.push(block[length - 1]);
    let mut rows = vec![0; walks(length)];
    let share = |at: usize| (0..rows.len()).find(|&walk| boundary(length, walk) == at);
    let step = length / rows.len();
    let mut found = Vec::with_capacity(WALKS);
    for (row, &at) in suffixes.iter().enumerate() {
        let at = at as usize;
        if at > 0 {
            text.push(block[at - 1]);
        }
        // Boundaries are multiples of a share, rounded up: most positions need no closer look.
        if at % step < WALKS {
            found.extend(share(at).map(|walk| (walk, row as u32 + 1)));
        }
    }
    for (walk, row) in found {
        rows[walk] = row;
    }
    Transformed { text, rows }
}

/// The block of a transformed text. Rows that no encoder writes give a wrong block or a fault, never more.
pub fn inverse(text: &[u8], rows: &[u32]) -> Result<Vec<u8>, Fault> {
    let length = text.len();
    if length > MAX_BLOCK || rows.len() != walks(length) || rows.iter().any(|&row| row as usize > length) {
        return Err(Fault::Damaged);
    }
    let table = steps(text, rows[0] as usize);
    let mut block = vec![0; length];
    // The walk of each share begins behind its end, at the next one's row; that of the last is the empty suffix.
    let mut places: Vec<u32> = rows[1..].iter().copied().chain([0]).collect();
    let ends: Vec<usize> = (1..=rows.len()).map(|walk| boundary(length, walk)).collect();
    let shares: Vec<usize> = (0..rows.len()).map(|walk| ends[walk] - boundary(length, walk)).collect();
    let common = shares.iter().copied().min().unwrap_or(0);
    for back in 1..=common {
        for (place, end) in places.iter_mut().zip(&ends) {
            let step = table[*place as usize];
            block[end - back] = step as u8;
            *place = step >> 8;
        }
    }
    for walk in 0..rows.len() {
        for back in common + 1..=shares[walk] {
            let step = table[places[walk] as usize];
            block[ends[walk] - back] = step as u8;
            places[walk] = step >> 8;
        }
    }
    Ok(block)
}

/// For each row, the byte before its suffix and, above 8 bits, the row of the suffix that begins with that byte.
fn steps(text: &[u8], without_byte: usize) -> Vec<u32> {
    let mut next = [0u32; 256];
    text.iter().for_each(|&byte| next[byte as usize] += 1);
    let mut row = 1;
    for count in next.iter_mut() {
        (row, *count) = (row + *count, row);
    }
    let mut table = Vec::with_capacity(text.len() + 1);
    for (index, &byte) in text.iter().enumerate() {
        if index == without_byte {
            table.push(0);
        }
        let row = &mut next[byte as usize];
        table.push(*row << 8 | byte as u32);
        *row += 1;
    }
    table.resize(text.len() + 1, 0);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<Vec<u8>> {
        let mut x = 1u32;
        let mut random = move || {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            x >> 24
        };
        let mut texts: Vec<Vec<u8>> = (1..80).map(|n| (0..n).map(|_| (random() % 3) as u8).collect()).collect();
        for n in [4095, 4096, 4097, 5003, 70_001] {
            texts.push((0..n).map(|_| random() as u8).collect());
            texts.push((0..n).map(|i| b"abracadabra"[i % 11]).collect());
            texts.push(vec![7; n]);
        }
        texts
    }

    #[test]
    fn blocks_come_back() {
        for block in texts() {
            let Transformed { text, rows } = forward(&block);
            assert!(inverse(&text, &rows) == Ok(block));
        }
    }

    #[test]
    fn the_classic_example() {
        // Rows of "banana" by suffix: "", a, ana, anana, banana, na, nana; their bytes before: a n n b - a a.
        assert!(matches!(forward(b"banana"), Transformed { text, rows } if text == b"annbaa" && rows == [4]));
    }

    #[test]
    fn rows_that_lead_nowhere_are_harmless() {
        assert_eq!(inverse(b"abc", &[4]), Err(Fault::Damaged));
        assert_eq!(inverse(b"abc", &[1, 2]), Err(Fault::Damaged));
        assert_eq!(inverse(b"abc", &[2]).map(|block| block.len()), Ok(3));
        let Transformed { text, .. } = forward(&[5; 9000]);
        assert_eq!(inverse(&text, &[9000; 8]).map(|block| block.len()), Ok(9000));
    }
}
