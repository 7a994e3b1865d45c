//! GPS times: few different steps return again and again, several threads of time are interleaved.

use crate::fields::*;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine};
use numbers::quantise::*;

const CLASSES: usize = 16;
const THREADS: usize = 8;
const FRACTION: u32 = 16;

/// A step that came before, with the fraction that rounding hides.
#[derive(Clone, Copy, Default)]
struct Step {
    /// Mean in 1/65536.
    mean: i64,
    used: u32,
}

#[derive(Clone, Copy, Default)]
struct Thread {
    time: i64,
    /// Where between `time - 1/2` and `time + 1/2` the clock is thought to be, in 1/65536.
    phase: i64,
    used: u32,
}

pub struct Times {
    steps: [Step; CLASSES],
    threads: [Thread; THREADS],
    current: usize,
    base: i64,
    now: u32,
    classes: [usize; 3],
    jumps: [i32; 2],
    was_same: bool,
    /// Of how many base steps the last one was; 0: the same time.
    pub multiple: i32,
}

/// What else is known when a time is coded.
#[derive(Clone, Copy)]
pub struct Around {
    pub returns: i32,
    pub last_returns: i32,
    pub flags: i32,
}

enum Kind {
    Known(usize, i64),
    Other,
}

impl Times {
    pub fn new() -> Times {
        Times {
            steps: [Step::default(); CLASSES],
            threads: [Thread::default(); THREADS],
            current: 0,
            base: 0,
            now: 0,
            classes: [CLASSES; 3],
            jumps: [0; 2],
            was_same: false,
            multiple: 0,
        }
    }

    pub fn code<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, time: i64, around: Around,
    ) -> i64 {
        self.now += 1;
        let last = self.threads[self.current].time;
        let a = around;
        let [c0, c1, c2] = self.classes.map(|class| class as i32);
        let contexts = fill([
            hash(&[a.flags, self.was_same as i32]),
            hash(&[a.returns, a.last_returns]),
            hash(&[a.returns, a.last_returns, c0, self.was_same as i32]),
            hash(&[a.returns, c0, c1]),
            hash(&[a.flags, c0, c1, c2]),
            0,
            hash(&[self.multiple, a.returns]),
        ]);
        let same = engine.flag(coder, TIME_SAME, time == last, &contexts, (a.returns & 63) as usize);
        self.was_same = same;
        if same {
            self.multiple = 0;
            return last;
        }
        let kind = self.kind(time, last);
        let known = matches!(kind, Kind::Known(..));
        let contexts = fill([
            hash(&[c0, 1]),
            hash(&[c0, c1]),
            hash(&[c0, c1, c2]),
            hash(&[a.returns, c0]),
            hash(&[a.flags, self.jumps[0]]),
            hash(&[self.jumps[0], self.jumps[1]]),
            hash(&[a.flags, a.last_returns, c0]),
        ]);
        if engine.flag(coder, TIME_KNOWN, known, &contexts, c0 as usize) {
            let given = if let Kind::Known(class, jitter) = kind { (class, jitter) } else { (0, 0) };
            let class = engine.nibble(coder, TIME_CLASS, given.0 as u8, &contexts, 3, c0 as usize, 0) as usize;
            self.known(engine, coder, class, given.1)
        } else {
            self.other(engine, coder, time, &contexts)
        }
    }

    fn kind(&self, time: i64, last: i64) -> Kind {
        let phase = self.threads[self.current].phase;
        let step = time.wrapping_sub(last);
        if step.unsigned_abs() >> 45 != 0 {
            return Kind::Other;
        }
        let mut best = Kind::Other;
        let mut best_error = 2 << FRACTION;
        for (class, known) in self.steps.iter().enumerate().filter(|(_, known)| known.used != 0) {
            let error = ((step << FRACTION) - phase - known.mean).abs();
            let jitter = step - round(phase + known.mean);
            if jitter.abs() <= 1 && error < best_error {
                best = Kind::Known(class, jitter);
                best_error = error;
            }
        }
        best
    }

    fn known<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, class: usize, jitter: i64,
    ) -> i64 {
        let Thread { time: last, phase, .. } = self.threads[self.current];
        let expected = phase + self.steps[class].mean;
        let rounded = round(expected);
        let fraction = expected - (rounded << FRACTION);
        let place = ((fraction + (1 << (FRACTION - 1))) >> (FRACTION - 4)) as i32;
        let class_number = class as i32;
        let contexts = fill([
            hash(&[place, class_number]),
            hash(&[place >> 1]),
            hash(&[(fraction >> (FRACTION - 6)) as i32]),
            hash(&[(fraction >> (FRACTION - 6)) as i32, class_number]),
            hash(&[class_number, self.classes[0] as i32]),
            hash(&[class_number, self.classes[0] as i32, self.classes[1] as i32]),
            hash(&[place, class_number, self.classes[0] as i32]),
        ]);
        let symbol = (jitter.clamp(-1, 1) + 1) as u8 + 1;
        let off = engine.flag(coder, TIME_JITTER, symbol != 2, &contexts, (place & 31) as usize);
        let jitter = if off {
            let up = engine.flag(coder, TIME_JITTER, symbol == 3, &contexts, 32 + (place & 31) as usize);
            if up { 1 } else { -1 }
        } else {
            0
        };
        let step = rounded + jitter;
        // The clock was within half a unit of what is written; the mean follows where it must.
        let true_phase = (expected - (step << FRACTION)).clamp(-(1 << (FRACTION - 1)), 1 << (FRACTION - 1));
        let error = (step << FRACTION) + true_phase - expected;
        let known = &mut self.steps[class];
        known.used = self.now;
        known.mean += error / 16;
        let time = last.wrapping_add(step);
        let thread = &mut self.threads[self.current];
        thread.time = time;
        thread.phase = true_phase;
        thread.used = self.now;
        self.stepped(step, class);
        time
    }

    fn stepped(&mut self, step: i64, class: usize) {
        self.classes = [class, self.classes[0], self.classes[1]];
        let multiple = if self.base == 0 { 0 } else { (2 * step + self.base).div_euclid(2 * self.base) };
        if multiple == 1 {
            self.base = step;
        } else if !(0..64).contains(&multiple) || multiple == 0 && self.classes[0] == self.classes[1] || self.base == 0 {
            if class < CLASSES && self.steps[class].mean.abs() > 0 {
                self.base = step.max(1);
            }
        }
        self.multiple = multiple.clamp(-1, 64) as i32;
    }

    fn learn(&mut self, step: i64) {
        if step.unsigned_abs() >> 45 != 0 {
            return;
        }
        let oldest = (0..CLASSES).min_by_key(|&class| self.steps[class].used).unwrap_or(0);
        self.steps[oldest] = Step { mean: step << FRACTION, used: self.now };
    }

    fn other<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, time: i64, contexts: &[u32; N],
    ) -> i64 {
        // The thread whose last time is nearest.
        let nearest = (0..THREADS).min_by_key(|&i| time.wrapping_sub(self.threads[i].time).unsigned_abs()).unwrap_or(0);
        let order = self.by_use();
        let rank = order.iter().position(|&thread| thread == nearest).unwrap_or(0);
        let rank = engine.nibble(coder, TIME_THREAD, rank as u8, contexts, 3, 0, 0) as usize % THREADS;
        let thread = order[rank];
        let from = self.threads[thread].time;
        let step = time.wrapping_sub(from);
        let multiple = if rank == 0 && self.base > 0 { self.multiple_of(step) } else { 0 };
        let multiple = if rank == 0 && self.base > 0 {
            let multiple_contexts = contexts;
            engine.symbol(coder, TIME_MULTIPLE, multiple as u8, multiple_contexts, 0) as i64
        } else {
            0
        };
        let expected = multiple * self.base;
        let rest = step.wrapping_sub(expected);
        let shape = (multiple.min(9) as i32) << 4 | rank as i32;
        let rest_contexts = fill([
            hash(&[shape]),
            hash(&[shape, self.jumps[0]]),
            hash(&[shape, self.jumps[0], self.jumps[1]]),
            hash(&[shape, self.classes[0] as i32]),
            hash(&[self.jumps[0]]),
            hash(&[rank as i32]),
            hash(&[shape, 7]),
        ]);
        let rest = if rank == 0 {
            engine.number(coder, TIME_REST, rest, &rest_contexts, 0)
        } else {
            engine.number(coder, TIME_JUMP, rest, &rest_contexts, rank)
        };
        let step = expected.wrapping_add(rest);
        let time = from.wrapping_add(step);
        self.jumps = [fine(rest), self.jumps[0]];
        let large = step.unsigned_abs() >> 28 != 0;
        let target = if large { order[THREADS - 1] } else { thread };
        self.threads[target] = Thread { time, phase: 0, used: self.now };
        self.current = target;
        if !large {
            self.learn(step);
            self.stepped(step, CLASSES);
            if self.base == 0 {
                self.base = step.max(0);
            }
        } else {
            self.classes = [CLASSES, self.classes[0], self.classes[1]];
            self.multiple = -1;
        }
        time
    }

    fn multiple_of(&self, step: i64) -> i64 {
        let base = self.base;
        if step <= 0 || step / 300 > base { 0 } else { ((step + base / 2) / base).min(255) }
    }

    fn by_use(&self) -> [usize; THREADS] {
        let mut order: [usize; THREADS] = std::array::from_fn(|i| i);
        order.sort_by_key(|&i| (i != self.current, std::cmp::Reverse(self.threads[i].used), i));
        order
    }
}

fn round(value: i64) -> i64 {
    (value + (1 << (FRACTION - 1))) >> FRACTION
}

/// Takes the first `N` of the contexts that there are.
#[inline(always)]
pub fn fill<const M: usize, const N: usize>(all: [u32; M]) -> [u32; N] {
    std::array::from_fn(|i| if i < M { all[i] } else { 0 })
}

