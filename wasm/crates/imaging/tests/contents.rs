//! Through the public interface: what level max makes of images that were made by a machine. The sizes are bounds that
//! an image model without the means in question does not reach.

use abi::Model;
use imaging::Image;

const MAX: u8 = 2;
/// Exact neighbours without phases.
const EXACT: u8 = 5;

struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as u32) % end
    }
}

fn params(width: usize, height: usize, channels: u8, frames: u8, flags: u8) -> Vec<u8> {
    let mut params = Vec::new();
    for side in [width, height] {
        params.extend_from_slice(&[side as u8 | 128, (side >> 7) as u8]);
    }
    params.extend_from_slice(&[channels, frames, flags]);
    params
}

/// The bytes that an image takes, which must come back.
fn size(bytes: &[u8], params: &[u8], effort: u8) -> usize {
    let coded = Image::encode(bytes, &[params, &[effort]].concat()).expect("codable");
    let back = Image::decode(&coded, params, bytes.len()).expect("decodable");
    assert!(back == bytes, "{params:?} does not come back");
    coded.len()
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|&number| (number as u16).to_le_bytes()).collect()
}

/// Slopes with noise.
fn noisy(side: usize) -> Vec<u32> {
    let mut random = Random(5);
    (0..side * side).map(|i| (i % side * 5 + i / side * 9) as u32 + 500 + random.below(200) + random.below(200)).collect()
}

#[test]
fn what_was_made_larger_takes_little_more_than_before() {
    const SIDE: usize = 90;
    let small = noisy(SIDE);
    let before = size(&words(&small), &params(SIDE, SIDE, 1, 1, 1), MAX);
    for (across, down) in [(2, 2), (3, 3), (2, 1), (1, 4)] {
        let (width, height) = (SIDE * across, SIDE * down);
        let of = |i: usize| small[i / width / down * SIDE + i % width / across];
        let large: Vec<u32> = (0..width * height).map(of).collect();
        let taken = size(&words(&large), &params(width, height, 1, 1, 1), MAX);
        assert!(taken < before * 5 / 4, "{across} by {down}: {taken} instead of {before}");
    }
}

#[test]
fn interpolated_samples_take_less_than_those_between_them() {
    const SIDE: usize = 90;
    let small = noisy(SIDE);
    let side = 2 * SIDE - 1;
    let between = |i: usize| {
        let (x, y) = (i % side, i / side);
        let at = |x: usize, y: usize| small[y / 2 * SIDE + x / 2];
        (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4
    };
    let large = words(&(0..side * side).map(between).collect::<Vec<_>>());
    let layout = params(side, side, 1, 1, 1);
    let (with, without) = (size(&large, &layout, MAX), size(&large, &layout, EXACT));
    assert!(with * 4 < without * 3, "{with} with phases, {without} without");
}

#[test]
fn what_repeats_is_coded_once() {
    const SIDE: usize = 230;
    let mut random = Random(9);
    let tile: Vec<u8> = (0..23 * 31).map(|_| random.below(256) as u8).collect();
    let image: Vec<u8> = (0..SIDE * SIDE).map(|i| tile[i / SIDE % 23 * 31 + i % SIDE % 31]).collect();
    let taken = size(&image, &params(SIDE, SIDE, 1, 1, 0), MAX);
    assert!(taken < 3 * tile.len(), "{taken}");
}

#[test]
fn patterns_of_two_numbers_take_next_to_nothing() {
    const SIDE: usize = 200;
    let threshold = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];
    let dot = |i: usize| if (i % SIDE) * 16 / SIDE > threshold[i / SIDE % 4 * 4 + i % 4] { 255 } else { 0 };
    let image: Vec<u8> = (0..SIDE * SIDE).map(dot).collect();
    let taken = size(&image, &params(SIDE, SIDE, 1, 1, 0), MAX);
    assert!(taken < 700, "{taken}");
}

#[test]
fn rare_numbers_are_not_listed() {
    const SIDE: usize = 120;
    let mut random = Random(11);
    // The larger a number, the rarer, with gaps between.
    let numbers = (0..SIDE * SIDE).map(|_| {
        let root = random.below(40) * random.below(40) / 10;
        root * root + random.below(2 * root + 2)
    });
    let taken = size(&words(&numbers.collect::<Vec<_>>()), &params(SIDE, SIDE, 1, 1, 1), MAX);
    assert!(taken < 25000, "{taken}");
}

#[test]
fn images_larger_than_the_part_that_ways_are_tried_on_come_back() {
    let mut random = Random(13);
    let (width, height) = (150, 130);
    for (channels, frames, flags) in [(3, 2, 0), (3, 2, 16), (1, 5, 0), (2, 3, 17), (1, 3, 5)] {
        let samples = width * height * channels as usize * frames as usize;
        // Colours of some blocks, so that exact neighbours and phases are tried.
        let block = |i: usize| ((i / 6 * 40503) >> 3) as u32 % 90;
        let numbers = (0..samples).map(|i| block(i) + if i % 50 == 0 { random.below(90) } else { 0 });
        let bytes: Vec<u8> = if flags & 1 == 0 { numbers.map(|n| n as u8).collect() } else { words(&numbers.collect::<Vec<_>>()) };
        size(&bytes, &params(width, height, channels, frames, flags), MAX);
    }
}
