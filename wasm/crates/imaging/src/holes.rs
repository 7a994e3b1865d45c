//! Where there is no data: one decision a sample, mixed from what is known around it.

use coding::arithmetic::Coder;
use crate::plane::Plane;
use crate::slot::Slot;
use coding::apm::Apm;
use coding::logistic::squash;
use coding::mixer::{Inputs, Mixer};

const CONTEXTS: usize = 6;
/// Places of a context's table.
const PLACES: u32 = 16;
/// Contexts that choose weights: the four nearest places and the same one of the plane before.
const NEAREST: usize = 32;
const RATE: i32 = 400;

/// Places in the order of their distance, as columns from and rows above the one at hand.
const OWN: [(usize, isize); 22] = [
    (0, -1), (1, 0), (1, -1), (1, 1), (0, -2), (2, 0), (1, 2), (1, -2), (2, -1), (2, 1), (0, -3),
    (2, 2), (2, -2), (3, 0), (1, 3), (1, -3), (0, -4), (3, 1), (3, -1), (2, 3), (2, -3), (1, 4),
];

pub struct Holes {
    slots: Vec<Slot>,
    mixer: Mixer<8, 2>,
    refined: Apm<6>,
}

impl Holes {
    pub fn new() -> Self {
        Holes {
            slots: vec![Slot::EVEN; CONTEXTS << PLACES],
            mixer: Mixer::new([NEAREST, 1 << 10], 12000),
            refined: Apm::new(1 << 10),
        }
    }

    /// Whether there is a hole at `at`; `hole` is what an encoder knows.
    #[inline(always)]
    pub fn code<B: Coder>(&mut self, bits: &mut B, plane: &Plane, before: Option<&Plane>, at: usize, hole: bool) -> bool {
        let (h, stride) = (&plane.holes, plane.stride);
        let place = |&(up, right): &(usize, isize)| (at - up * stride).wrapping_add_signed(right);
        let own = OWN.iter().enumerate().fold(0u32, |all, (i, p)| all | (h[place(p)] as u32) << i);
        let before = before.filter(|plane| !plane.holes.is_empty()).map_or(0, |plane| {
            let o = &plane.holes;
            let (up, down) = (at - stride, at + stride);
            let around = [at, at + 1, down, at - 1, up, down + 1, down - 1, up + 1, up - 1];
            around.iter().enumerate().fold(0u32, |all, (i, &p)| all | (o[p] as u32) << i)
        });
        let up = |row: usize| h[at - row * stride] as u32;
        let column = up(1) | up(2) << 1 | up(3) << 2 | up(4) << 3;
        let phase = (at % stride & 3 | (at / stride & 3) << 2) as u32;
        let near = (own & 0xff | (before & 3) << 8) as usize;
        let contexts = [
            near as u32,
            own & 0xfff | (before & 15) << 12,
            scatter(own, before & 1),
            own & 0x7f | before << 7,
            own & 0xf | column << 4 | phase << 8 | (own >> 4 & 1) << 12,
            scatter(own & 0xffff, before | 512),
        ];
        let mut inputs = Inputs([0i16; 8]);
        let places: [usize; CONTEXTS] = std::array::from_fn(|i| i << PLACES | contexts[i] as usize);
        for i in 0..CONTEXTS {
            inputs.0[i] = self.slots[places[i]].weighed();
        }
        inputs.0[CONTEXTS] = 256;
        let [first, second] = self.mixer.mix(&inputs, &[(own & 15 | (before & 1) << 4) as usize, near]);
        let mixed = first + second >> 1;
        let one = (squash(mixed) + self.refined.refine(mixed, near) >> 1).clamp(16, 65536 - 16);
        let bit = bits.code(hole as u32, one);
        self.mixer.update(&inputs, bit, RATE);
        self.refined.update(bit);
        places.iter().for_each(|&place| self.slots[place].update(bit, 1000));
        bit != 0
    }
}

fn scatter(a: u32, b: u32) -> u32 {
    (a.wrapping_mul(0x9e37_79b1) ^ b.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0x2c1b_3c6d) >> (32 - PLACES)
}
