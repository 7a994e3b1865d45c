//! The coefficients of a picture as binary decisions, component by component and block by block.

use crate::bits::Bits;
use crate::decider::{Decider, Situation};
use crate::frame::ZIGZAG;
use crate::planes::{Block, Plane, Planes};

const MAGNITUDES: usize = 16;
const SIGNS: usize = 8;
const MANTISSAS: usize = 8;
const COUNTS: usize = 8;
const DCS: usize = 8;

/// Classes of components: brightness, first and second colour.
const CLASSES: usize = 3;
/// Decisions of a magnitude: zero, and each doubling.
const NODES: usize = 16;
/// Levels of [`level`].
const LEVELS: usize = 16;

pub struct Coder {
    counts: Decider<COUNTS, 16>,
    magnitudes: Decider<MAGNITUDES, 24>,
    signs: Decider<SIGNS, 16>,
    mantissas: Decider<MANTISSAS, 16>,
    dcs: Decider<DCS, 16>,
}

/// Rows that the blocks to come look at.
struct Lines {
    /// For each block of the row above: its lower edge's transform, in 1/256.
    lower: Vec<[i32; 8]>,
    /// The same of the right edge of the block to the left.
    right: [i32; 8],
    /// Residuals of the DC coefficients above and to the left.
    dc_above: Vec<i32>,
    dc_left: i32,
}

fn level(x: u32) -> usize {
    if x < 4 {
        return x as usize;
    }
    let log = x.ilog2();
    ((2 * log + (x >> (log - 1) & 1)) as usize).min(LEVELS - 1)
}

fn signed_level(x: i32, most: usize) -> usize {
    let l = level(x.unsigned_abs()).min(most);
    if x < 0 { most - l } else { most + l }
}

fn sign(x: i32) -> usize {
    (x.signum() + 1) as usize
}

fn divide(x: i32, by: i32) -> i32 {
    if x < 0 { -((-x + by / 2) / by) } else { (x + by / 2) / by }
}

/// Cosine scale of coefficients of frequency 0, in 1/256 of others.
const FLAT: i32 = 181;

fn scale(frequency: usize) -> i32 {
    if frequency == 0 { FLAT } else { 256 }
}

impl Coder {
    pub fn new() -> Self {
        let z = 64 * CLASSES;
        Coder {
            counts: Decider::new(
                [64 * 3, 256 * 3, 64 * 3, 64 * 3, 256 * 3, 64 * 3, 256 * 3, 64 * 3], 64, [64 * 3, 64 * 16, 64 * 16], 3, [64 * 3, 64 * 3], 255, (60, 20)),
            magnitudes: Decider::new(
                [z * 32, z * 64, z * 256, z * 256, z * 256, z * 64, z * 256, z * 4096 / 8, 3 * 64 * 256, z * 256, z * 256, z * 256, z * 256, z * 64, 3*64*256, z * 256],
                NODES, [NODES * z, NODES * 64, NODES * 64], NODES * 3, [NODES * z, NODES * 64], 255, (24, 8)),
            signs: Decider::new(
                [z * 32, z * 32, z * 9, z * 9, z * 128, z * 32, z * 9, z * 27], 4, [z, 64, 64], 3, [z, 64], 255, (24, 8)),
            mantissas: Decider::new(
                [z, z * 16, z * 16, z * 32, z * 32, 16 * 16 * 3, z * 16, z * 16], 64, [64 * 3, 64 * 16, 64 * 16], 3, [64 * 3, 64], 255, (24, 8)),
            dcs: Decider::new(
                [3, 3 * 16, 3 * 256, 3 * 16 * 8, 3 * 64, 3 * 32 * 32, 3 * 32, 3 * 32], 64, [64 * 3, 64 * 16, 64 * 16], 64 * 3, [64 * 3, 64 * 16], 255, (40, 12)),
        }
    }

    /// Codes planes whose sizes are known and, when encoding, whose blocks are.
    pub fn code<B: Bits>(&mut self, bits: &mut B, planes: &mut Planes, quantisers: &[[u16; 64]]) {
        let mut counts: Vec<Vec<u8>> = Vec::new();
        for index in 0..planes.planes.len() {
            let (done, rest) = planes.planes.split_at_mut(index);
            let plane = &mut rest[0];
            let blocks = plane.blocks.len();
            counts.push(vec![0; blocks]);
            let class = if index == 3 { 0 } else { index };
            let (before, own) = counts.split_at_mut(index);
            let stride = plane.stride;
            let mut lines = Lines { lower: vec![[0; 8]; stride], right: [0; 8], dc_above: vec![0; stride], dc_left: 0 };
            for y in 0..plane.rows() {
                lines.right = [0; 8];
                lines.dc_left = 0;
                if bits.is_lost() {
                    return;
                }
                for x in 0..stride {
                    self.block(bits, plane, done, before, &mut own[0], &mut lines, class, x, y, &quantisers[index]);
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn block<B: Bits>(
        &mut self,
        bits: &mut B,
        plane: &mut Plane,
        done: &[Plane],
        counts_before: &[Vec<u8>],
        counts: &mut [u8],
        lines: &mut Lines,
        class: usize,
        x: usize,
        y: usize,
        q: &[u16; 64],
    ) {
        let stride = plane.stride;
        let at = y * stride + x;
        static ZERO: Block = [0; 64];
        let (rest, current) = plane.blocks.split_at_mut(at);
        let current = &mut current[0];
        let given = *current;
        let mut c: Block = [0; 64];
        let has = (x > 0, y > 0);
        let left = if x > 0 { &rest[at - 1] } else { &ZERO };
        let above = if y > 0 { &rest[at - stride] } else { &ZERO };
        let left = if x > 0 { left } else { above };
        let above = if y > 0 { above } else { left };
        let above_left = if x > 0 && y > 0 { &rest[at - stride - 1] } else { above };
        let above_right = if x + 1 < stride && y > 0 { &rest[at - stride + 1] } else { above };
        let left2 = if x > 1 { &rest[at - 2] } else { left };
        let above2 = if y > 1 { &rest[at - 2 * stride] } else { above };
        // Blocks of other components at the same place.
        let same = |p: &Plane| (x * p.stride / stride, y * p.stride / stride);
        let other = if class == 0 { None } else { done.last() };
        let other_block = other.map_or(&ZERO, |p| { let (x, y) = same(p); p.get(x, y) });
        let bright = if class == 0 { None } else { done.first() };
        let bright_block = bright.map_or(&ZERO, |p| { let (x, y) = same(p); p.get(x, y) });
        let other_count = other.map_or(0, |p| { let (x, y) = same(p); counts_before[done.len() - 1].get(y * p.stride + x).copied().unwrap_or(0) }) as usize;
        let bright_count = bright.map_or(0, |p| { let (x, y) = same(p); counts_before[0].get(y * p.stride + x).copied().unwrap_or(0) }) as usize;

        // How many coefficients are not zero.
        let n = |dx: usize, dy: usize| -> usize { if x >= dx && y >= dy { counts[at - dy * stride - dx] as usize } else { 0 } };
        let (nl, na) = (n(1, 0), n(0, 1));
        let (nl, na) = (if has.0 { nl } else { na }, if has.1 { na } else { nl });
        let nal = n(1, 1);
        let nar = if y > 0 && x + 1 < stride { counts[at - stride + 1] as usize } else { na };
        let average = (nl + na + 1) / 2;
        let wide = (2 * nl + 2 * na + nal + nar + n(2, 0) + n(0, 2) + 4) / 8;
        let wanted = given[1..].iter().filter(|&&v| v != 0).count() as u32;
        let s = Situation {
            lines: [
                class * 64 + average,
                class * 256 + level(nl as u32) * 16 + level(na as u32),
                class * 64 + nl,
                class * 64 + na,
                class * 256 + level(wide as u32) * 16 + level(other_count as u32),
                class * 64 + wide.min(63),
                class * 256 + level(bright_count as u32) * 16 + level(other_count as u32),
                class * 64 + (wide * 2 + other_count * 2 + bright_count + 2) / 5,
            ],
            weights: [class, level(average as u32), level(other_count as u32)],
            curves: [class, class],
        };
        let mut node = 1usize;
        for bit in (0..6).rev() {
            let situation = Situation {
                lines: s.lines,
                weights: [s.weights[0] * 64 + node, s.weights[1] * 64 + node, s.weights[2] * 64 + node],
                curves: [s.curves[0] * 64 + node, s.curves[1] * 64 + node],
            };
            let b = self.counts.code(bits, &situation, node, class, wanted >> bit & 1);
            node = node * 2 + b as usize;
        }
        let count = node - 64;
        counts[at] = count as u8;

        // The edges' transforms: of the neighbours, and of what is known of this block.
        let lower = lines.lower[x];
        let right = lines.right;
        let (mut top, mut side) = ([0i32; 8], [0i32; 8]);
        let dc_guess = match has { (true, true) => (left[0] as i32 + above[0] as i32) / 2, (true, false) => left[0] as i32, (false, true) => above[0] as i32, _ => 0 };
        let q0 = q[0].max(1) as i32;
        top[0] = dc_guess * q0 * FLAT;
        side[0] = dc_guess * q0 * FLAT;
        let mut remaining = count;
        let mut last_nonzero = 0usize;
        let mut run = 0usize;
        let mut recent = [0u32; 2];
        for k in 1..64 {
            if remaining == 0 {
                break;
            }
            let place = ZIGZAG[k] as usize;
            let (u, v) = (place & 7, place >> 3);
            let quantiser = q[place].max(1) as i32;
            let from_above = if has.1 { divide(lower[u] - top[u], quantiser * scale(v)) } else { 0 };
            let from_left = if has.0 { divide(right[v] - side[v], quantiser * scale(u)) } else { 0 };
            let both = from_above + from_left;
            let m = |b: &Block| b[place].unsigned_abs() as u32;
            let (a, l, al, ar, a2, l2) = (m(above), m(left), m(above_left), m(above_right), m(above2), m(left2));
            let o = m(other_block);
            let br = m(bright_block);
            let near = |du: usize, dv: usize| if u >= du && v >= dv { c[place - du - 8 * dv].unsigned_abs() as u32 } else { 0 };
            let in_u = near(1, 0);
            let in_v = near(0, 1);
            let in_uv = near(1, 1);
            let in_u2 = near(2, 0);
            let in_v2 = near(0, 2);
            let in_back = if u >= 1 && v < 7 { c[place + 7].unsigned_abs() as u32 } else { 0 };
            let in_forth = if v >= 1 && u < 7 { c[place - 7].unsigned_abs() as u32 } else { 0 };
            let inside = 2 * (in_u + in_v) + in_uv + in_u2 + in_v2 + in_back + in_forth;
            let around = 6 * (a + l) + 3 * al + 2 * ar + 2 * a2 + 2 * l2;
            let cz = class * 64 + k;
            let li = level(inside);
            let lar = level(around / 2);
            let lrem = remaining.min(63);
            let lb = level(both.unsigned_abs());
            let lo = level(o).min(7);
            let lbr = level(br).min(7);
            let s = Situation {
                lines: [
                    cz * 32 + level(around).min(15) * 2 + (a2 + l2 > 0) as usize,
                    cz * 64 + lrem,
                    cz * 256 + level(a) * 16 + level(l),
                    cz * 256 + li * 16 + lrem / 4,
                    cz * 256 + level(from_above.unsigned_abs()) * 16 + level(from_left.unsigned_abs()),
                    cz * 64 + lb * 4 + level(remaining as u32 / 4).min(3),
                    cz * 256 + lo * 32 + lbr * 4 + level(around / 4).min(3),
                    cz * 512 + level(in_u).min(7) * 64 + level(in_v).min(7) * 8 + level(in_uv).min(7),
                    (class * 64 + lrem) * 256 + li * 16 + lar,
                    cz * 256 + level(recent[0]).min(7) * 32 + level(recent[1]).min(7) * 4 + run.min(3),
                    cz * 256 + level(average as u32) * 16 + level(count as u32),
                    cz * 256 + level(al + ar) * 16 + level(a2 + l2),
                    cz * 256 + lb * 16 + lar,
                    cz * 64 + run.min(15) * 4 + level(remaining as u32 / 2).min(3),
                    (class * 64 + (u + v) * 4 + (u.min(3))) * 256 + lb * 16 + li,
                    cz * 256 + level((around + inside * 3) / 4) * 16 + level(remaining as u32),
                ],
                weights: [cz, level(remaining as u32) * 4 + level(run as u32).min(3), lar.min(15) * 4 + lb.min(3)],
                curves: [cz, level((around + inside * 3) / 4)],
            };
            let at_node = |coder: &mut Self, bits: &mut B, node: usize, bit: u32| {
                let situation = Situation {
                    lines: s.lines,
                    weights: [s.weights[0] * NODES + node, s.weights[1] * NODES + node, s.weights[2] * NODES + node],
                    curves: [s.curves[0] * NODES + node, s.curves[1] * NODES + node],
                };
                coder.magnitudes.code(bits, &situation, node, class * NODES + node, bit)
            };
            let value = given[place] as i32;
            let size = value.unsigned_abs();
            let forced = remaining == 64 - k;
            let nonzero = if forced { 1 } else { at_node(self, bits, 0, (value != 0) as u32) };
            if nonzero == 0 {
                run += 1;
                recent = [0, recent[0]];
                continue;
            }
            remaining -= 1;
            run = 0;
            last_nonzero = k;
            let mut doublings = 0usize;
            while doublings < 14 && at_node(self, bits, 1 + doublings, (size >> (doublings + 1) != 0) as u32) != 0 {
                doublings += 1;
            }
            // Sign.
            let (sa, sl) = (sign(above[place] as i32), sign(left[place] as i32));
            let so = sign(other_block[place] as i32);
            let sign_situation = Situation {
                lines: [
                    cz * 32 + signed_level(from_above, 15),
                    cz * 32 + signed_level(from_left, 15),
                    cz * 9 + sa * 3 + sl,
                    cz * 9 + so * 3 + sign(both),
                    cz * 128 + signed_level(both, 15) * 4 + doublings.min(3),
                    cz * 32 + signed_level(other_block[place] as i32, 15),
                    cz * 9 + sign(if u > 0 { c[place - 1] as i32 } else { 0 }) * 3 + sign(if v > 0 { c[place - 8] as i32 } else { 0 }),
                    cz * 27 + sign(from_above) * 9 + sign(from_left) * 3 + so,
                ],
                weights: [cz, signed_level(both, 15), doublings.min(3) * 16 + lo],
                curves: [cz, signed_level(both, 15)],
            };
            let negative = self.signs.code(bits, &sign_situation, 0, class, (value < 0) as u32);
            let mut magnitude = 1u32;
            if doublings > 0 {
                let direction = if negative != 0 { -1 } else { 1 };
                let expected = level((direction * both / 2).max(0) as u32);
                let base = (2 * doublings).min(15);
                for depth in 0..doublings {
                    let node = match depth {
                        0 => doublings,
                        1 => 16 + doublings * 2 + (magnitude & 1) as usize,
                        _ => 48 + depth.min(14),
                    };
                    let s = Situation {
                        lines: [
                            cz,
                            cz * 16 + lar,
                            cz * 16 + li,
                            cz * 32 + signed_level(direction * from_above, 15),
                            cz * 32 + signed_level(direction * from_left, 15),
                            (class * 16 + expected) * 16 + base,
                            cz * 16 + expected,
                            cz * 16 + level((around + inside * 3) / 4),
                        ],
                        weights: [class * 64 + node, lar * 64 + node, expected * 64 + node],
                        curves: [class * 64 + node, node],
                    };
                    let bit = self.mantissas.code(bits, &s, node, class, size >> (doublings - 1 - depth) & 1);
                    magnitude = magnitude << 1 | bit;
                }
            }
            let coded = if negative != 0 { -(magnitude as i32) } else { magnitude as i32 };
            c[place] = coded as i16;
            top[u] += coded * quantiser * scale(v);
            side[v] += coded * quantiser * scale(u);
            recent = [magnitude, recent[0]];
        }
        let _ = last_nonzero;
        // The DC coefficient, from both edges.
        top[0] -= dc_guess * q0 * FLAT;
        side[0] -= dc_guess * q0 * FLAT;
        let from_above = divide(lower[0] - top[0], q0 * FLAT);
        let from_left = divide(right[0] - side[0], q0 * FLAT);
        let prediction = match has { (true, true) => (from_above + from_left) / 2, (true, false) => from_left, (false, true) => from_above, _ => 0 }.clamp(-32768, 32767);
        let spread = if has.0 && has.1 { from_above - from_left } else { 0 };
        let residual = given[0] as i32 - prediction;
        let (ra, rl) = (lines.dc_above[x], lines.dc_left);
        let plain = dc_guess - prediction;
        let s = Situation {
            lines: [
                class,
                class * 16 + level(spread.unsigned_abs()),
                class * 256 + level(ra.unsigned_abs()) * 16 + level(rl.unsigned_abs()),
                (class * 16 + level(count as u32)) * 8 + level(spread.unsigned_abs()).min(7),
                class * 64 + count,
                (class * 32 + signed_level(spread, 15)) * 32 + signed_level(plain, 15),
                class * 32 + signed_level(plain, 15),
                class * 32 + signed_level(ra + rl, 15),
            ],
            weights: [class, level(spread.unsigned_abs()), level((ra.unsigned_abs() + rl.unsigned_abs()) / 2)],
            curves: [class, level(spread.unsigned_abs())],
        };
        let coded = self.dc(bits, &s, class, residual);
        c[0] = (prediction + coded).clamp(-32768, 32767) as i16;
        lines.dc_above[x] = coded;
        lines.dc_left = coded;
        *current = c;
        // What the blocks to come see of this one.
        let mut low = [0i32; 8];
        let mut rightmost = [0i32; 8];
        for v in 0..8 {
            for u in 0..8 {
                let value = c[v * 8 + u] as i32;
                if value != 0 {
                    let value = value * q[v * 8 + u].max(1) as i32;
                    low[u] += if v & 1 == 0 { value } else { -value } * scale(v);
                    rightmost[v] += if u & 1 == 0 { value } else { -value } * scale(u);
                }
            }
        }
        lines.lower[x] = low;
        lines.right = rightmost;
    }

    fn dc<B: Bits>(&mut self, bits: &mut B, s: &Situation<DCS>, class: usize, residual: i32) -> i32 {
        let mut at_node = |bits: &mut B, node: usize, bit: u32| {
            let situation = Situation {
                lines: s.lines,
                weights: [s.weights[0] * 64 + node, s.weights[1] * 64 + node, s.weights[2] * 64 + node],
                curves: [s.curves[0] * 64 + node, s.curves[1] * 64 + node],
            };
            self.dcs.code(bits, &situation, node, class * 64 + node, bit)
        };
        if at_node(bits, 0, (residual != 0) as u32) == 0 {
            return 0;
        }
        let negative = at_node(bits, 1, (residual < 0) as u32);
        let size = residual.unsigned_abs();
        let mut doublings = 0;
        while doublings < 16 && at_node(bits, 2 + doublings, (size >> (doublings + 1) != 0) as u32) != 0 {
            doublings += 1;
        }
        let mut magnitude = 1u32;
        for depth in 0..doublings {
            let node = match depth { 0 => 18 + doublings.min(10), 1 => 28 + doublings.min(10) * 2 + (magnitude & 1) as usize, _ => 50 + depth.min(13) };
            let bit = at_node(bits, node, size >> (doublings - 1 - depth) & 1);
            magnitude = magnitude << 1 | bit;
        }
        if negative != 0 { -(magnitude as i32) } else { magnitude as i32 }
    }
}

impl Coder {
    pub fn report(&self) {
        println!(
            "counts {:.0} magnitudes {:.0} signs {:.0} mantissas {:.0} dc {:.0} / {} {} {} {} {}",
            self.counts.cost / 8.0, self.magnitudes.cost / 8.0, self.signs.cost / 8.0, self.mantissas.cost / 8.0, self.dcs.cost / 8.0, self.counts.n, self.magnitudes.n, self.signs.n, self.mantissas.n, self.dcs.n
        );
    }
}
