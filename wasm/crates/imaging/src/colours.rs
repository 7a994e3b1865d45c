//! Images of three channels that are mostly grey or have few colours: one plane of numbers of colours.

use crate::values::{varint, varint_at};
use crate::Layout;
use abi::Fault;

const CHANNELS: usize = 3;
/// More colours are no longer listed.
const MOST: usize = 1024;
/// Up to so many are listed whatever they are.
const FEW: usize = 256;
/// The share of pixels that must be grey where there are more.
const GREY: (usize, usize) = (4, 5);

/// Whether an image of this layout may have listed colours.
fn fits(layout: &Layout) -> bool {
    layout.bytes == 1 && layout.channels == CHANNELS
}

/// The layout of the numbers of colours.
pub fn inner(layout: &Layout) -> Result<Layout, Fault> {
    if !fits(layout) {
        return Err(Fault::Damaged);
    }
    Ok(Layout { channels: 1, bytes: 2, big_endian: false, signed: false, magnitudes: false, planar: false, ..*layout })
}

/// Appends the list of colours and gives their numbers, two bytes a pixel; `None` if that does not suit the image.
pub fn take(layout: &Layout, input: &[u8], out: &mut Vec<u8>) -> Option<Vec<u8>> {
    if !fits(layout) {
        return None;
    }
    let pixels = pixels(layout, input);
    let mut seen = vec![0u64; 1 << 18];
    let mut colours = Vec::new();
    let mut greys = 0;
    for &pixel in &pixels {
        greys += is_grey(pixel) as usize;
        let (place, bit) = ((pixel >> 6) as usize, 1 << (pixel & 63));
        if seen[place] & bit == 0 {
            seen[place] |= bit;
            colours.push(pixel);
            if colours.len() > MOST {
                return None;
            }
        }
    }
    if colours.len() > FEW && greys * GREY.1 < pixels.len() * GREY.0 {
        return None;
    }
    // Greys in their order come first, then the others by their lightness.
    colours.sort_unstable_by_key(|&pixel| (!is_grey(pixel), bytes_of(pixel).iter().map(|&byte| byte as u32).sum::<u32>(), pixel));
    varint(out, colours.len() as u32);
    colours.iter().for_each(|&colour| out.extend_from_slice(&bytes_of(colour)));
    let mut numbers = vec![0u16; 1 << 24];
    colours.iter().enumerate().for_each(|(number, &colour)| numbers[colour as usize] = number as u16);
    Some(pixels.iter().flat_map(|&pixel| numbers[pixel as usize].to_le_bytes()).collect())
}

/// The colours of a payload; `at` moves behind them.
pub fn read(bytes: &[u8], at: &mut usize) -> Option<Vec<[u8; CHANNELS]>> {
    let count = varint_at(bytes, at)? as usize;
    let list = bytes.get(*at..*at + count.min(MOST) * CHANNELS)?;
    *at += list.len();
    (1..=MOST).contains(&count).then(|| list.chunks_exact(CHANNELS).map(|c| [c[0], c[1], c[2]]).collect())
}

/// The samples of pixels that are numbers of colours.
pub fn put(layout: &Layout, colours: &[[u8; CHANNELS]], numbers: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut output = vec![0; layout.byte_length()];
    for (pixel, number) in numbers.chunks_exact(2).enumerate() {
        let number = u16::from_le_bytes([number[0], number[1]]) as usize;
        let colour = colours.get(number).ok_or(Fault::Damaged)?;
        for (channel, &byte) in colour.iter().enumerate() {
            output[place(layout, pixel, channel)] = byte;
        }
    }
    Ok(output)
}

fn place(layout: &Layout, pixel: usize, channel: usize) -> usize {
    let area = layout.area();
    if layout.planar {
        (pixel / area * CHANNELS + channel) * area + pixel % area
    } else {
        pixel * CHANNELS + channel
    }
}

fn pixels(layout: &Layout, input: &[u8]) -> Vec<u32> {
    let byte = |pixel, channel| input[place(layout, pixel, channel)] as u32;
    let count = layout.area() * layout.frames;
    (0..count).map(|pixel| byte(pixel, 0) << 16 | byte(pixel, 1) << 8 | byte(pixel, 2)).collect()
}

fn bytes_of(pixel: u32) -> [u8; CHANNELS] {
    [(pixel >> 16) as u8, (pixel >> 8) as u8, pixel as u8]
}

fn is_grey(pixel: u32) -> bool {
    let [a, b, c] = bytes_of(pixel);
    a == b && b == c
}
