//! Through the public interface: images come back, whatever they hold; damage gives an error or the right length.

use abi::Model;
use imaging::Image;

/// 4 is no effort, and 5 one that others than the first three choose.
const EFFORTS: [u8; 5] = [0, 1, 2, 3, 5];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as u32
    }
}

fn params(width: u8, height: u8, channels: u8, frames: u8, flags: u8) -> Vec<u8> {
    vec![width, height, channels, frames, flags]
}

fn round_trip(bytes: &[u8], params: &[u8]) -> Vec<usize> {
    let sizes = EFFORTS.iter().map(|&effort| {
        let coded = Image::encode(bytes, &[params, &[effort]].concat()).expect("codable");
        let back = Image::decode(&coded, params, bytes.len()).expect("decodable");
        assert!(back == bytes, "effort {effort} of {params:?} changes the image");
        coded.len()
    });
    sizes.collect()
}

/// Slopes with noise, a flat part, and a border without data.
fn picture(layout: &[u8], sample: usize, hole: bool) -> Vec<u8> {
    let (width, height) = (layout[0] as usize, layout[1] as usize);
    let planes = layout[2] as usize * layout[3] as usize;
    let mut random = Random(1);
    let mut bytes = Vec::new();
    for i in 0..width * height * planes {
        let (x, y) = (i / planes % width, i / planes / width % height);
        let noise = if x > width / 2 { random.next() % 7 } else { 0 };
        let value = if hole && (x + y) % width < 9 { u64::MAX / 3 } else { ((x * 2 + y * 3) as u64) << (8 * (sample - 1)) | noise as u64 };
        bytes.extend_from_slice(&value.to_le_bytes()[..sample]);
    }
    bytes
}

#[test]
fn images_of_every_layout_come_back() {
    for flags in [0u8, 1, 2, 3, 5, 9, 13, 17, 26, 41, 46, 59, 63] {
        let sample = 1usize << (flags & 3);
        for (channels, frames) in [(3, 1), (2, 2)] {
            let layout = params(23, 17, channels, frames, flags);
            for hole in [false, true] {
                round_trip(&picture(&layout, sample, hole), &layout);
            }
        }
    }
}

#[test]
fn odd_shapes_come_back() {
    let mut random = Random(7);
    for (width, height) in [(1, 1), (1, 40), (40, 1), (3, 5)] {
        for flags in [0, 1, 5, 9, 41, 2, 3] {
            let layout = params(width, height, 1, 1, flags);
            let length = width as usize * height as usize * (1 << (flags & 3));
            let noise: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
            round_trip(&noise, &layout);
            round_trip(&vec![0xff; length], &layout);
            round_trip(&noise.iter().map(|byte| if byte & 1 == 0 { 0 } else { 255 }).collect::<Vec<u8>>(), &layout);
        }
    }
}

#[test]
fn smooth_images_shrink_more_with_more_effort() {
    let layout = params(100, 120, 1, 1, 1);
    let sizes = round_trip(&picture(&layout, 2, false), &layout);
    assert!(sizes[0] < 9000 && sizes[2] < sizes[0], "{sizes:?}");
}

#[test]
fn damage_gives_an_error_or_the_right_length() {
    let layout = params(19, 13, 2, 1, 2);
    let bytes = picture(&layout, 4, true);
    for effort in EFFORTS {
        let coded = Image::encode(&bytes, &[&layout[..], &[effort]].concat()).expect("codable");
        let mut random = Random(3);
        for at in (0..coded.len()).step_by(23) {
            assert!(Image::decode(&coded[..at], &layout, bytes.len()).map_or(true, |back| back != bytes));
            let mut broken = coded.clone();
            broken[at] ^= 1 << (random.next() % 8);
            if let Ok(back) = Image::decode(&broken, &layout, bytes.len()) {
                assert_eq!(back.len(), bytes.len());
            }
        }
        assert!(Image::decode(&[&coded[..], &[1; 6]].concat(), &layout, bytes.len()).is_err());
        assert!(Image::decode(&coded, &layout, bytes.len() - 1).is_err());
    }
}

#[test]
fn grey_pictures_with_some_colours_come_back() {
    for flags in [0, 16] {
        let layout = params(60, 40, 3, 2, flags);
        let grey = picture(&params(60, 40, 1, 2, 0), 1, false);
        let colour = |pixel: usize, channel: usize| if pixel % 97 == 0 { (pixel + 50 * channel) as u8 } else { grey[pixel] };
        let place = |i: usize| if flags == 16 { (i / 7200 * 2400 + i % 2400, i / 2400 % 3) } else { (i / 3, i % 3) };
        let bytes: Vec<u8> = (0..14400).map(place).map(|(pixel, channel)| colour(pixel, channel)).collect();
        let coded = Image::encode(&bytes, &[&layout[..], &[2]].concat()).expect("codable");
        assert_eq!(coded[0], 4);
        round_trip(&bytes, &layout);
        for at in (0..coded.len()).step_by(coded.len() / 12) {
            let mut broken = coded.clone();
            broken[at] ^= 0x55;
            assert!(Image::decode(&broken, &layout, bytes.len()).map_or(true, |back| back.len() == bytes.len()));
            assert!(Image::decode(&coded[..at], &layout, bytes.len()).map_or(true, |back| back != bytes));
        }
    }
}

#[test]
fn senseless_parameters_are_refused() {
    for layout in [&[][..], &[0, 1, 1, 1, 0], &[1, 1, 1, 1, 64], &[1, 1, 1, 1], &[255, 255, 255, 127, 255, 255, 127, 1, 1, 0]] {
        assert!(Image::decode(&[0; 100], layout, 1).is_err());
        assert!(Image::encode(&[0], &[layout, &[0]].concat()).is_err());
    }
}
