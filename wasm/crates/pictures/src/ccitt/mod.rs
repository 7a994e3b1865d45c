//! Bilevel pictures coded in two dimensions (ITU-T T.6, "Group 4"), as in PDF and TIFF files, by their pixels.

mod bitmap;
mod bits;
mod lines;
mod pixels;
mod runs;
mod stretches;
#[cfg(test)]
mod tests;

use abi::{Fault, Model};
use bits::{Reader, Writer};
use coding::adaptive::TwoRateBit;
use coding::arithmetic::{Coder, Decoder, Encoder};
use general::{encode_fresh, General};
use lines::{Changes, Choice, Lines, Mode, MOST_RUNS};
use pixels::Pixels;

const LONGEST: usize = 64 << 20;
/// Wider pictures there are none.
const MAX_COLUMNS: u32 = 1 << 16;
/// Pixels that are worth the time.
const MAX_PIXELS: u64 = 1 << 28;

/// First byte of a payload.
const PLAIN: u8 = 0;
const PIXELS: u8 = 1;

/// Flags of the parameters: lines begin at whole bytes.
const ALIGNED: u8 = 1;
/// Flags of a payload: the mark of the picture's end follows.
const ENDED: u8 = 1;

/// `params`: the width in four bytes, little endian, and a byte of flags.
pub struct Ccitt;

struct Shape {
    columns: u32,
    is_aligned: bool,
}

impl Shape {
    fn read(params: &[u8]) -> Option<Self> {
        let (columns, flags) = params.split_first_chunk()?;
        let columns = u32::from_le_bytes(*columns);
        let &[flags] = flags else { return None };
        let fits = (1..=MAX_COLUMNS).contains(&columns) && flags <= ALIGNED;
        fits.then_some(Shape { columns, is_aligned: flags == ALIGNED })
    }

    fn may_have(&self, rows: u64) -> bool {
        rows * self.columns as u64 <= MAX_PIXELS
    }
}

impl Model for Ccitt {
    /// Takes any bytes; those that are no such picture, by the general model.
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault> {
        let shape = Shape::read(params).ok_or(Fault::Unsupported)?;
        if input.len() > LONGEST {
            return Err(Fault::Unsupported);
        }
        match encode_pixels(input, &shape) {
            Some(payload) => Ok(payload),
            None => Ok([vec![PLAIN], encode_fresh(input)?].concat()),
        }
    }

    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault> {
        let shape = Shape::read(params).ok_or(Fault::Damaged)?;
        if length > LONGEST {
            return Err(Fault::Damaged);
        }
        let (&kind, rest) = payload.split_first().ok_or(Fault::Damaged)?;
        match kind {
            PLAIN => General::decode(rest, &[], length),
            PIXELS => decode_pixels(rest, &shape, length).ok_or(Fault::Damaged),
            _ => Err(Fault::Damaged),
        }
    }
}

/// None if the general model would do better: too little of the input can be written again.
fn encode_pixels(input: &[u8], shape: &Shape) -> Option<Vec<u8>> {
    let mut reader = Reader::new(input);
    let mut coder = LineCoder::new(shape, Encoder::new(Vec::new()));
    let mut rows = 0;
    while shape.may_have(rows + 1) {
        if shape.is_aligned {
            reader.align();
        }
        let Some((line, modes)) = coder.lines.read(&mut reader, &coder.above) else { break };
        coder.code(&line, &modes);
        rows += 1;
    }
    let has_end = Lines::read_end(&mut reader);
    let (written, encoder) = coder.finish(has_end);
    let exact = input.iter().zip(&written).take_while(|(a, b)| a == b).count();
    if exact < input.len() / 2 {
        return None;
    }
    let rest = if exact < input.len() { encode_fresh(&input[exact..]).ok()? } else { Vec::new() };
    let mut output = vec![PIXELS, if has_end { ENDED } else { 0 }];
    for number in [rows as usize, exact, rest.len()] {
        output.extend_from_slice(&(number as u32).to_le_bytes());
    }
    output.extend_from_slice(&rest);
    output.extend_from_slice(&encoder.finish());
    Some(output)
}

fn decode_pixels(payload: &[u8], shape: &Shape, length: usize) -> Option<Vec<u8>> {
    let (&flags, mut payload) = payload.split_first()?;
    let mut number = || {
        let (number, rest) = payload.split_first_chunk()?;
        payload = rest;
        Some(u32::from_le_bytes(*number) as usize)
    };
    let (rows, exact, rest_length) = (number()?, number()?, number()?);
    let (rest, coded) = payload.split_at_checked(rest_length)?;
    if flags > ENDED || exact > length || !shape.may_have(rows as u64) || (rest.is_empty() != (exact == length)) {
        return None;
    }
    let mut coder = LineCoder::new(shape, Decoder::new(coded));
    for _ in 0..rows {
        coder.code(&Changes::new(), &[]);
        if coder.coder.overrun() > 4 || coder.bits.bytes.len() > length + LONGEST_LINE_BYTES {
            return None;
        }
    }
    let (mut output, decoder) = coder.finish(flags & ENDED != 0);
    if output.len() < exact || !decoder.is_at_end() {
        return None;
    }
    output.truncate(exact);
    if !rest.is_empty() {
        output.extend_from_slice(&General::decode(rest, &[], length - exact).ok()?);
    }
    Some(output)
}

/// No line takes more: two codes of at most 13 bits, and a mode, for two pixels.
const LONGEST_LINE_BYTES: usize = 2 * MAX_COLUMNS as usize;

/// Codes line after line and writes it as the picture's encoder did.
struct LineCoder<B> {
    lines: Lines,
    coder: B,
    pixels: Pixels,
    habits: Habits,
    bits: Writer,
    above: Changes,
    is_aligned: bool,
}

impl<B: Coder> LineCoder<B> {
    fn new(shape: &Shape, coder: B) -> Self {
        LineCoder {
            lines: Lines::new(shape.columns),
            coder,
            pixels: Pixels::new(shape.columns as usize),
            habits: Habits::default(),
            bits: Writer::default(),
            above: Changes::new(),
            is_aligned: shape.is_aligned,
        }
    }

    /// `line` and `modes`: what an encoder knows.
    fn code(&mut self, line: &Changes, modes: &[Mode]) {
        let line = self.pixels.code(&mut self.coder, line, &self.above);
        if self.is_aligned {
            self.bits.align();
        }
        let mut modes = modes.iter();
        let (habits, coder) = (&mut self.habits, &mut self.coder);
        self.lines.write(&mut self.bits, &line, &self.above, |choice| habits.code(coder, choice, &mut modes));
        self.above = line;
    }

    fn finish(mut self, has_end: bool) -> (Vec<u8>, B) {
        if has_end {
            if self.is_aligned {
                self.bits.align();
            }
            Lines::write_end(&mut self.bits);
        }
        self.bits.align();
        (self.bits.bytes, self.coder)
    }
}

/// What an encoder chooses where T.6 leaves a choice, or where it does not keep to it.
#[derive(Default)]
struct Habits {
    pass: [[[TwoRateBit<4, 7>; 3]; 2]; MOST_RUNS + 1],
    vertical: TwoRateBit<4, 7>,
}

impl Habits {
    /// Codes what is chosen. `modes`: what comes next in the line, when encoding.
    fn code<B: Coder>(&mut self, bits: &mut B, choice: Choice, modes: &mut std::slice::Iter<Mode>) -> bool {
        let (chance, wanted) = match choice {
            Choice::Pass { runs, is_vertical, is_longer } => {
                (&mut self.pass[runs][is_vertical as usize][(is_longer as i8 + 1) as usize], Mode::Pass)
            }
            Choice::Vertical => (&mut self.vertical, Mode::Vertical),
            Choice::None => {
                modes.next();
                return false;
            }
        };
        let taken = modes.next() == Some(&wanted);
        let bit = bits.code(taken as u32, chance.one());
        chance.update(bit);
        bit != 0
    }
}
