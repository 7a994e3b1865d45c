//! Names, field by field against the last name of the same shape.
//!
//! A name is runs of letters and digits between single other bytes. Its shape is the sequence of those bytes. A field
//! is the same as in the reference, a number that rose, or a string.

use crate::bits::{code_flag, Flag, Number};
use crate::text::{hash_of, mix, Effort, TextModel, CONTEXTS};
use coding::symbols::SymbolCoder;
use std::collections::BTreeMap;

/// Behind so many separators the rest of a name is one field.
const MOST_FIELDS: usize = 96;
/// Shapes that are remembered.
const MOST_SHAPES: usize = 1024;
const END: u8 = 0;

#[derive(Clone, Copy, Default)]
struct Field {
    /// The last outcomes of "as before", latest lowest.
    sames: u8,
    /// How often a changed number had risen: 0..=255.
    rises: u8,
}

struct Shape {
    separators: Vec<u8>,
    fields: Vec<Field>,
    reference: Vec<Vec<u8>>,
}

pub struct Names {
    shapes: Vec<Shape>,
    known: BTreeMap<Vec<u8>, usize>,
    last_shape: usize,
    shape_number: Number,
    same: Vec<Flag>,
    rose: Vec<Flag>,
    rise: Vec<Number>,
    text: TextModel,
    separators: Vec<Flag>,
}

impl Names {
    /// `effort`: how many contexts predict a string; `table_bits`: the size of what they are counted in.
    pub fn new(effort: Effort, table_bits: u32) -> Self {
        Names {
            shapes: Vec::new(),
            known: BTreeMap::new(),
            last_shape: 0,
            shape_number: Number::new(),
            same: vec![Flag::new(); (MOST_FIELDS + 1) * 32],
            rose: vec![Flag::new(); MOST_FIELDS + 1],
            rise: vec![Number::new(); MOST_FIELDS + 1],
            text: TextModel::new(effort, MOST_FIELDS + 2, table_bits),
            separators: vec![Flag::new(); 1 << 16],
        }
    }

    /// Codes a name without zero bytes; appends it to `output`, which takes no more than `room` bytes.
    pub fn code<C: SymbolCoder>(&mut self, coder: &mut C, name: &[u8], output: &mut Vec<u8>, room: usize) -> Option<()> {
        let (separators, fields) = split(name);
        let index = self.code_shape(coder, separators, room)?;
        let count = self.shapes[index].separators.len() + 1;
        let mut before = 1;
        let mut hash = 0u32;
        let end = output.len() + room;
        for at in 0..count {
            let wanted = fields.get(at).copied().unwrap_or_default();
            let start = output.len();
            let same = self.code_field(coder, index, at, wanted, before, hash, output, end)?;
            let shape = &mut self.shapes[index];
            if !same {
                shape.reference[at].clear();
                shape.reference[at].extend_from_slice(&output[start..]);
            }
            hash = if same { hash } else { hash_of(&output[start..]) };
            before = same as usize;
            if let Some(&separator) = shape.separators.get(at) {
                output.push(separator);
            }
            if output.len() > end {
                return None;
            }
        }
        Some(())
    }

    fn code_shape<C: SymbolCoder>(&mut self, coder: &mut C, separators: Vec<u8>, room: usize) -> Option<usize> {
        // 0: as before, 1: new, else an index.
        let known = self.known.get(&separators).copied();
        let number = match known {
            Some(index) if index == self.last_shape => 0,
            Some(index) => index as u32 + 2,
            None => 1,
        };
        let number = self.shape_number.code(coder, number);
        let index = match number {
            0 if self.shapes.is_empty() => return None,
            0 => self.last_shape,
            1 => self.code_new_shape(coder, separators, room)?,
            _ => number as usize - 2,
        };
        if index >= self.shapes.len() {
            return None;
        }
        self.last_shape = index;
        Some(index)
    }

    fn code_new_shape<C: SymbolCoder>(&mut self, coder: &mut C, wanted: Vec<u8>, room: usize) -> Option<usize> {
        let mut separators: Vec<u8> = Vec::new();
        loop {
            let previous = separators.last().copied().unwrap_or(END) as usize;
            let byte = wanted.get(separators.len()).copied().unwrap_or(END);
            let mut node = 1;
            while node < 256 {
                let bit = byte >> (7 - (node as u32).ilog2()) & 1;
                let flag = &mut self.separators[previous << 8 | node];
                node = node << 1 | code_flag(coder, flag, bit != 0) as usize;
            }
            if node as u8 == END {
                break;
            }
            separators.push(node as u8);
            if separators.len() > MOST_FIELDS || separators.len() > room {
                return None;
            }
        }
        if self.shapes.len() == MOST_SHAPES {
            self.shapes.clear();
            self.known.clear();
        }
        // A similar shape's fields are a better reference than nothing.
        let reference = self.shapes.get(self.last_shape);
        let count = separators.len() + 1;
        let fields = (0..count)
            .map(|at| reference.and_then(|shape| shape.reference.get(at)).cloned().unwrap_or_default())
            .collect();
        self.known.insert(separators.clone(), self.shapes.len());
        self.shapes.push(Shape { separators, fields: vec![Field::default(); count], reference: fields });
        Some(self.shapes.len() - 1)
    }

    /// Codes one field and appends it; whether it is as in the reference.
    #[allow(clippy::too_many_arguments)]
    fn code_field<C: SymbolCoder>(
        &mut self,
        coder: &mut C,
        index: usize,
        at: usize,
        wanted: &[u8],
        before: usize,
        hash: u32,
        output: &mut Vec<u8>,
        end: usize,
    ) -> Option<bool> {
        let shape = &mut self.shapes[index];
        let reference = &shape.reference[at];
        let field = &mut shape.fields[at];
        let flag = &mut self.same[at * 32 + (field.sames as usize & 15) * 2 + before];
        let same = code_flag(coder, flag, wanted == &reference[..]);
        field.sames = field.sames << 1 | same as u8;
        if same {
            output.extend_from_slice(reference);
            return Some(true);
        }
        let old = number_of(reference);
        let new = number_of(wanted);
        let start = output.len();
        let mut rose = false;
        if let (Some(old), true) = (old, field.rises >= 200) {
            rose = code_flag(coder, &mut self.rose[at], new.is_some_and(|new| new > old));
            if rose {
                let rise = self.rise[at].code(coder, new.unwrap_or(0).wrapping_sub(old));
                let value = old.checked_add(rise)?;
                output.extend_from_slice(value.to_string().as_bytes());
            }
        }
        if !rose {
            code_string(&mut self.text, coder, at, wanted, reference, hash, output, end)?;
        }
        if let (Some(old), Some(new)) = (old, number_of(&output[start..])) {
            let step = if new > old { (255 - field.rises as i32) / 8 + 1 } else { -(field.rises as i32) / 8 - 1 };
            field.rises = (field.rises as i32 + step).clamp(0, 255) as u8;
        }
        Some(false)
    }
}

#[allow(clippy::too_many_arguments)]
fn code_string<C: SymbolCoder>(
    text: &mut TextModel,
    coder: &mut C,
    at: usize,
    wanted: &[u8],
    reference: &[u8],
    hash: u32,
    output: &mut Vec<u8>,
    end: usize,
) -> Option<()> {
    let mut so_far = 0u32;
    let mut agrees = true;
    let mut last = [0u8; 2];
    for position in 0.. {
        let above = reference.get(position).copied().unwrap_or(END);
        let place = (at * 64 + position.min(63)) as u32;
        let contexts: [u32; CONTEXTS] = [
            mix(1, place, above as u32 | (agrees as u32) << 8),
            mix(3, at as u32, so_far),
            mix(5, last[0] as u32 | (last[1] as u32) << 8, above as u32),
            mix(2, place, last[0] as u32),
            mix(4, place, hash),
            mix(6, so_far.wrapping_mul(0x2c1b_3c6d) ^ hash, at as u32),
            mix(7, place, reference.len() as u32),
        ];
        let byte = wanted.get(position).copied().unwrap_or(END);
        let byte = text.code(coder, byte, &contexts, at, above, agrees as usize);
        if byte == END {
            return Some(());
        }
        if output.len() >= end {
            return None;
        }
        output.push(byte);
        agrees &= byte == above;
        last = [byte, last[0]];
        so_far = mix(8, so_far, byte as u32);
    }
    None
}

fn split(name: &[u8]) -> (Vec<u8>, Vec<&[u8]>) {
    let mut separators = Vec::new();
    let mut fields = Vec::new();
    let mut start = 0;
    for (at, &byte) in name.iter().enumerate() {
        if !byte.is_ascii_alphanumeric() && separators.len() < MOST_FIELDS {
            fields.push(&name[start..at]);
            separators.push(byte);
            start = at + 1;
        }
    }
    fields.push(&name[start..]);
    (separators, fields)
}

/// The value of a decimal number in its shortest form, below 10^9.
fn number_of(field: &[u8]) -> Option<u32> {
    let shortest = (1..=9).contains(&field.len()) && (field[0] != b'0' || field.len() == 1);
    let digits = shortest && field.iter().all(u8::is_ascii_digit);
    digits.then(|| field.iter().fold(0, |value, digit| value * 10 + (digit - b'0') as u32))
}
