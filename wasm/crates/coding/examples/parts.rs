//! How long each part of the toolkit takes for one bit, natively: `cargo run --release -p coding --example parts`.
//! Nanoseconds of the best of several rounds, since a shared machine only ever adds to them.

use coding::apm::Apm;
use coding::arithmetic::{Decoder, Encoder};
use coding::maps::{Map, StateMaps};
use coding::mixer::{Inputs, TwoLayers};
use coding::slots::Slots;
use coding::states;
use std::hint::black_box;
use std::time::Instant;

const BITS: usize = 1 << 20;
const ROUNDS: usize = 7;

fn main() {
    let noise: Vec<u32> = (0..BITS as u32).map(|i| spread(i) >> 16).collect();
    let bits: Vec<u32> = noise.iter().map(|&noise| (noise & 0xffff < 40_000) as u32).collect();

    let mut coded = Vec::new();
    time("arithmetic coder", || {
        let mut encoder = Encoder::new(Vec::new());
        bits.iter().for_each(|&bit| encoder.encode(bit, 40_000));
        coded = encoder.finish();
    });
    time("arithmetic decoder", || {
        let mut decoder = Decoder::new(&coded);
        (0..BITS).for_each(|_| {
            black_box(decoder.decode(40_000));
        });
    });
    time("map, predict and update", || {
        let mut map = Map::new(1 << 16, 255);
        for (&context, &bit) in noise.iter().zip(&bits) {
            black_box(map.stretched(context as usize));
            map.update(context as usize, bit);
        }
    });
    time("eight state maps, predict and update", || {
        let mut maps = StateMaps::<8>::new();
        let mut inputs = [0; 8];
        for (&noise, &bit) in noise.iter().zip(&bits) {
            let states: [u8; 8] = std::array::from_fn(|set| (noise >> set) as u8);
            maps.predict_all(&states, &mut inputs);
            black_box(inputs);
            maps.update_all(&states, bit, 6);
        }
    });
    time("two layers of mixers, 16 inputs, 4 sets", || {
        let mut mixer = TwoLayers::<16, 4>::new([256; 4], 256, 8192);
        let mut inputs = Inputs([100; 16]);
        for (&noise, &bit) in noise.iter().zip(&bits) {
            inputs.0[noise as usize & 15] = noise as i16 >> 6;
            let context = noise as usize & 255;
            black_box(mixer.mix(&inputs, &[context, context ^ 1, 7, 9], context));
            mixer.update(&inputs, bit, 90, 30);
        }
    });
    time("adaptive probability map", || {
        let mut apm = Apm::<6>::new(1 << 10);
        for (&noise, &bit) in noise.iter().zip(&bits) {
            black_box(apm.refine(noise as i32 % 2000 - 1000, noise as usize & 1023));
            apm.update(bit);
        }
    });
    let mut slots = Slots::new(24);
    time("slot: look, both nibbles, eight histories", || {
        for (&noise, &bit) in noise.iter().zip(&bits) {
            let candidate = slots.look((noise as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let first = slots.first(candidate);
            let second = slots.second(first, noise & 15);
            for base in [first, second] {
                for node in [1, 2, 5, 11] {
                    slots.set(base + node, states::next(slots.state(base + node), bit));
                }
            }
        }
    });
}

fn time(name: &str, mut work: impl FnMut()) {
    let best = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    println!("{:8.2} ns  {name}", best * 1e9 / BITS as f64);
}

fn spread(number: u32) -> u32 {
    let product = number.wrapping_mul(0x9e37_79b1);
    (product ^ product >> 15).wrapping_mul(0x85eb_ca6b)
}
