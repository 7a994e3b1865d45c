//! The quick way: one prediction, and tokens with static statistics by the activity around.

use crate::numbers::Numbers;
use crate::plane::{Plane, MARGIN};
use crate::tokens::{Reader, Tokens};
use crate::Layout;

/// Levels of activity.
const LEVELS: usize = 24;
/// Contexts of a word's planes: one for what has no prediction, one for flat surroundings.
const CONTEXTS: usize = LEVELS + 2;
const RAW: usize = LEVELS;
const FLAT: usize = LEVELS + 1;

/// What a plane is predicted from.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Itself = 0,
    /// The difference to the plane before it.
    Difference = 1,
    Nothing = 2,
}

/// Codes a number in its context, in one of two directions.
trait Numbered {
    fn number(&mut self, context: usize, number: u32) -> u32;
}

impl Numbered for Tokens {
    #[inline(always)]
    fn number(&mut self, context: usize, number: u32) -> u32 {
        self.put(context, number);
        number
    }
}

impl Numbered for Reader<'_> {
    #[inline(always)]
    fn number(&mut self, context: usize, _number: u32) -> u32 {
        self.next(context)
    }
}

/// Codes ranks; `ranks` gives those of a plane.
pub fn encode(layout: &Layout, numbers: &Numbers, blend: bool, mut ranks: impl FnMut(usize) -> Vec<u16>, out: &mut Vec<u8>) {
    let words = layout.words();
    let mut tokens = Tokens::new(CONTEXTS * words, layout.area() * layout.planes());
    let mut before: Vec<Plane> = Vec::new();
    for at in 0..layout.planes() {
        let top = numbers.words[at % words].top;
        let given = ranks(at);
        let other = other_of(layout, at, &before);
        let way = choose(layout.width, &given, other, at % words);
        out.push(way as u8);
        let mut plane = Plane::new(layout.width, layout.height, 0);
        let first = CONTEXTS * (at % words);
        let mut coder = PlaneCoder { coded: &mut tokens, first, top, way, other, given: Some(&given) };
        coder.run(&mut plane, blend);
        keep(layout, &mut before, plane);
    }
    tokens.finish(out);
}

/// The inverse of [`encode`]; `result` receives each plane. `None` where the payload is not what it writes.
pub fn decode(layout: &Layout, numbers: &Numbers, blend: bool, bytes: &[u8], mut result: impl FnMut(usize, &Plane)) -> Option<()> {
    let words = layout.words();
    let ways = bytes.get(..layout.planes())?;
    let mut tokens = Reader::new(CONTEXTS * words, &bytes[layout.planes()..])?;
    let mut before: Vec<Plane> = Vec::new();
    for at in 0..layout.planes() {
        let top = numbers.words[at % words].top;
        let other = other_of(layout, at, &before);
        let way = match ways[at] {
            0 => Way::Itself,
            1 if other.is_some() => Way::Difference,
            2 => Way::Nothing,
            _ => return None,
        };
        let mut plane = Plane::new(layout.width, layout.height, 0);
        let first = CONTEXTS * (at % words);
        let mut coder = PlaneCoder { coded: &mut tokens, first, top, way, other, given: None };
        coder.run(&mut plane, blend);
        result(at, &plane);
        keep(layout, &mut before, plane);
    }
    tokens.is_at_end().then_some(())
}

/// The same word of the channel before, or of the frame before.
fn other_of<'a>(layout: &Layout, at: usize, before: &'a [Plane]) -> Option<&'a Plane> {
    let words = layout.words();
    let distance = if at / words % layout.channels > 0 { words } else { layout.channels * words };
    before.len().checked_sub(distance).map(|at| &before[at])
}

/// Keeps as many planes as may be asked for.
fn keep(layout: &Layout, before: &mut Vec<Plane>, plane: Plane) {
    before.push(plane);
    if before.len() > layout.channels * layout.words() {
        before.remove(0);
    }
}

/// Looks at some rows.
fn choose(width: usize, ranks: &[u16], other: Option<&Plane>, word: usize) -> Way {
    let (mut itself, mut difference, mut nothing) = (0u64, 0u64, 0u64);
    let height = ranks.len() / width;
    let middle = ranks.iter().step_by(61).map(|&rank| rank as i64).sum::<i64>() / ranks.len().div_ceil(61) as i64;
    for y in (1..height).step_by(7) {
        for x in (1..width).step_by(3) {
            let at = y * width + x;
            let around = [ranks[at], ranks[at - 1], ranks[at - width], ranks[at - width - 1]].map(i32::from);
            let [v, w, n, nw] = around;
            itself += (v - median(w, n, nw)).unsigned_abs() as u64;
            nothing += (v as i64 - middle).unsigned_abs();
            if let Some(other) = other {
                let p = other.place(x, y);
                let o = &other.samples;
                let [o, ow, on, onw] = [o[p], o[p - 1], o[p - other.stride], o[p - other.stride - 1]].map(i32::from);
                let predicted = o + median(w - ow, n - on, nw - onw);
                difference += (v - predicted).unsigned_abs() as u64;
            }
        }
    }
    if word > 0 && nothing <= itself.min(if other.is_some() { difference } else { itself }) {
        Way::Nothing
    } else if other.is_some() && difference < itself {
        Way::Difference
    } else {
        Way::Itself
    }
}

#[inline(always)]
fn median(w: i32, n: i32, nw: i32) -> i32 {
    let (low, high) = (w.min(n), w.max(n));
    (w + n - nw).clamp(low, high)
}

/// About two steps to the octave.
#[inline(always)]
fn level_of(energy: u32) -> usize {
    let v = energy + 1;
    let octave = v.ilog2();
    let half = if octave > 0 { v >> (octave - 1) & 1 } else { 0 };
    ((octave * 2 + half) as usize).min(LEVELS - 1)
}

struct PlaneCoder<'a, C: Numbered> {
    coded: &'a mut C,
    first: usize,
    top: i32,
    way: Way,
    other: Option<&'a Plane>,
    given: Option<&'a [u16]>,
}

impl<C: Numbered> PlaneCoder<'_, C> {
    fn run(&mut self, plane: &mut Plane, blend: bool) {
        match (self.way, self.other) {
            (Way::Nothing, _) => self.raw(plane),
            (Way::Difference, Some(other)) if blend => self.blended::<true>(plane, Some(other)),
            (Way::Difference, Some(other)) => self.plain::<true>(plane, Some(other)),
            _ if blend => self.blended::<false>(plane, None),
            _ => self.plain::<false>(plane, None),
        }
    }

    fn raw(&mut self, plane: &mut Plane) {
        for y in 0..plane.height {
            for x in 0..plane.width {
                let given = self.given.map_or(0, |given| given[y * plane.width + x] as i32);
                let found = self.coded.number(self.first + RAW, given as u32);
                let at = plane.place(x, y);
                plane.samples[at] = found.min(self.top as u32) as u16;
            }
        }
    }

    /// Codes the sample by its distance from `predicted`.
    #[inline(always)]
    fn sample(&mut self, context: usize, predicted: i32, given: i32) -> i32 {
        let predicted = predicted.clamp(0, self.top);
        let residual = given - predicted;
        let folded = (residual << 1 ^ residual >> 31) as u32;
        let found = self.coded.number(self.first + context, folded);
        let residual = (found >> 1) as i32 ^ -((found & 1) as i32);
        (predicted + residual).clamp(0, self.top)
    }

    /// The median predictor of JPEG-LS.
    fn plain<const D: bool>(&mut self, plane: &mut Plane, other: Option<&Plane>) {
        let mut work: Plane<i32> = Plane::new(plane.width, plane.height, 0);
        for y in 0..plane.height {
            work.begin_row(y);
            let row = plane.place(0, y);
            for at in row..row + plane.width {
                let s = &work.samples;
                let up = at - work.stride;
                let (w, n, nw, ne) = (s[at - 1], s[up], s[up - 1], s[up + 1]);
                let energy = (w - nw).unsigned_abs() + (n - nw).unsigned_abs() + (n - ne).unsigned_abs();
                let context = if energy == 0 { FLAT } else { level_of(energy) };
                let base = other.map_or(0, |other| if D { other.samples[at] as i32 } else { 0 });
                let given = self.given.map_or(0, |given| given[y * plane.width + at - row] as i32);
                let value = self.sample(context, median(w, n, nw) + base, given);
                plane.samples[at] = value as u16;
                work.set(at, value - base, y == 0);
            }
            work.end_row(y);
        }
    }

    /// Four predictions, weighed by how they did around, and corrected by how the whole does in such surroundings.
    fn blended<const D: bool>(&mut self, plane: &mut Plane, other: Option<&Plane>) {
        const KINDS: usize = 4;
        let mut work: Plane<i32> = Plane::new(plane.width, plane.height, 0);
        let wide = plane.width + 2 * MARGIN;
        let mut errors = [vec![[0u32; KINDS]; wide], vec![[0u32; KINDS]; wide]];
        let mut residuals = [vec![0i32; wide], vec![0i32; wide]];
        let mut bias = [(0i32, 0i32); LEVELS * 8];
        for y in 0..plane.height {
            work.begin_row(y);
            errors.swap(0, 1);
            residuals.swap(0, 1);
            let ([e0, e1], [r0, r1]) = (&mut errors, &mut residuals);
            let row = plane.place(0, y);
            for x in 0..plane.width {
                let (at, c) = (row + x, x + MARGIN);
                let s = &work.samples;
                let up = at - work.stride;
                let (w, n, nw, ne, ww, nn) = (s[at - 1], s[up], s[up - 1], s[up + 1], s[at - 2], s[up - work.stride]);
                let nne = s[up - work.stride + 1];
                let predictions = [
                    8 * (w + n - nw),
                    8 * (w + ne - n) + (n - nn) + (nw - ww),
                    8 * n + 4 * (ne - nne) + 2 * (w - nw),
                    4 * (w + n) + 2 * (ne - nw),
                ];
                let (mut sum, mut weights) = (0i64, 0i64);
                for kind in 0..KINDS {
                    let e = e0[c - 1][kind] + e1[c][kind] + e1[c - 1][kind] + e1[c + 1][kind] + (e0[c - 2][kind] >> 1);
                    // Divisions by small numbers from a table would save little.
                    let weight = ((1u64 << 40) / (e as u64 + 2).pow(2)) as i64 + 1;
                    weights += weight;
                    sum += weight * predictions[kind] as i64;
                }
                let blend = (sum as f64 / weights as f64) as i32;
                let (ew, en, enw, ene) = (r0[c - 1], r1[c], r1[c - 1], r1[c + 1]);
                let energy = 2 * (ew.unsigned_abs() + en.unsigned_abs()) + enw.unsigned_abs() + ene.unsigned_abs() + r0[c - 2].unsigned_abs();
                let flat = energy == 0 && w == n && n == nw && n == ne;
                let level = level_of(energy);
                let texture = (w * 8 > blend) as usize | ((n * 8 > blend) as usize) << 1 | ((ne * 8 > blend) as usize) << 2;
                let (total, count) = &mut bias[level * 8 + texture];
                let correction = if *count > 0 { *total / *count } else { 0 };
                let base = other.map_or(0, |other| if D { other.samples[at] as i32 } else { 0 });
                let given = self.given.map_or(0, |given| given[y * plane.width + x] as i32);
                let predicted = (blend + correction + 4 >> 3) + base;
                let value = self.sample(if flat { FLAT } else { level }, predicted, given);
                let difference = value - base;
                *total += difference * 8 - blend;
                *count += 1;
                if *count >= 256 {
                    *total /= 2;
                    *count /= 2;
                }
                plane.samples[at] = value as u16;
                work.set(at, difference, y == 0);
                r0[c] = value - predicted.clamp(0, self.top);
                for kind in 0..KINDS {
                    e0[c][kind] = (predictions[kind] - difference * 8).unsigned_abs();
                }
            }
            work.end_row(y);
        }
    }
}
