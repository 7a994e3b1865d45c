//! Records, field by field.

use abi::Fault;
use crate::model::fill;
use numbers::coder::Coder;
use numbers::engine::{hash, Engine};
use super::content::{analyse, counted, distance, printed, Content, Style};
use super::fields::*;
use super::layout::{Field, Layout};
use super::repeats::Repeats;
use super::texts::{Place, Texts};

/// What a field was like in the record above.
#[derive(Clone)]
struct Memory {
    content: Content,
    /// The difference of the last two numbers at the end.
    step: i64,
    /// Whether the last fields were the same as above, and whether they counted on, latest lowest.
    same: i32,
    counted: i32,
    lengths: [i32; 3],
    printed: i32,
}

pub struct Rows {
    memories: Vec<Memory>,
    texts: Texts,
    repeats: Repeats,
    last_deleted: i32,
}

/// The fields to the left: hashes of the contents of the last two, and whether they were the same as above.
#[derive(Clone, Copy, Default)]
pub struct Left {
    pub hashes: [i32; 2],
    pub length: i32,
    /// The two lengths before that.
    pub lengths: i32,
    same: i32,
}

impl Rows {
    pub fn new(layout: &Layout) -> Self {
        let content = Content { style: Style::LeftText, text: Vec::new(), decimals: 0 };
        let memory = Memory { content, step: 1, same: 0, counted: 0, lengths: [0; 3], printed: 0 };
        Rows { memories: vec![memory; layout.fields.len()], texts: Texts::default(), repeats: Repeats::new(), last_deleted: 0 }
    }

    /// Codes the record behind `past`, which are whole records.
    pub fn row<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, layout: &Layout, record: &mut [u8], past: &[u8],
    ) -> Result<(), Fault> {
        let width = layout.record_bytes;
        let above = past.get(past.len().wrapping_sub(width)..).unwrap_or(&[]);
        self.repeats.begin(past, width);
        let contexts = fill([hash(&[self.last_deleted]), 0, 0, 0, 0, 0, 0]);
        record[0] = engine.symbol(coder, DELETED, record[0], &contexts, 0);
        self.last_deleted = record[0] as i32;
        let mut left = Left::default();
        for (index, field) in layout.fields.iter().enumerate() {
            let range = field.at..field.at + field.width;
            let above = above.get(range.clone());
            let repeat = self.repeats.field(past, width, &range);
            self.field(engine, coder, index, field, &mut record[range.clone()], [above, repeat], &mut left)?;
            self.repeats.add(index, &record[range], past.len() / width, self.memories[index].same & 1 != 0);
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn field<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, index: usize, field: &Field, here: &mut [u8],
        [above, repeat]: [Option<&[u8]>; 2], left: &mut Left,
    ) -> Result<(), Fault> {
        let repeated = repeat.is_some_and(|repeat| self.repeats.ask(engine, coder, index, here, repeat));
        let same = !repeated && above.is_some_and(|above| self.same(engine, coder, index, here, above, left));
        left.same = left.same << 1 | same as i32;
        if repeated {
            self.remember(index, analyse(here, field.numeric));
        } else if !same {
            self.changed(engine, coder, index, field, here, left)?;
        }
        let memory = &self.memories[index];
        left.lengths = left.lengths << 8 & 0xffff | left.length & 0xff;
        left.length = memory.content.text.len() as i32;
        left.hashes = [text_hash(&memory.content.text), left.hashes[0]];
        Ok(())
    }

    fn same<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, index: usize, here: &mut [u8], above: &[u8], left: &Left,
    ) -> bool {
        let memory = &mut self.memories[index];
        let (f, s) = (index as i32, memory.same);
        let contexts = fill([
            hash(&[f, s & 15, left.same & 1]),
            hash(&[f, s & 0xff]),
            hash(&[f, left.same & 0xff]),
            hash(&[f, text_hash(&memory.content.text), left.same & 1]),
            hash(&[f, left.hashes[0], left.same & 1]),
            hash(&[f, s & 3, left.same & 7]),
            hash(&[f, text_hash(&memory.content.text), left.hashes[0]]),
        ]);
        let same = engine.flag(coder, SAME, here == above, &contexts, index);
        memory.same = s << 1 | same as i32;
        if same {
            here.copy_from_slice(above);
        }
        same
    }

    fn changed<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, index: usize, field: &Field, here: &mut [u8], left: &Left,
    ) -> Result<(), Fault> {
        let given = analyse(here, field.numeric);
        let content = match self.counted(engine, coder, index, field, &given) {
            Some(content) => content,
            None => self.content(engine, coder, index, field, &given, left)?,
        };
        if content.style == Style::Printed {
            let text = printed(&content.text, content.decimals).ok_or(Fault::Damaged)?;
            if text.len() > here.len() {
                return Err(Fault::Damaged);
            }
            content.style.fill(here, &text);
        } else {
            content.style.fill(here, &content.text);
        }
        self.remember(index, content);
        Ok(())
    }

    fn remember(&mut self, index: usize, content: Content) {
        let memory = &mut self.memories[index];
        if let Some(step) = distance(&content.text, &memory.content.text) {
            memory.step = step;
        }
        memory.content = content;
    }

    /// Asks whether the content counts on from the one above.
    fn counted<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, index: usize, field: &Field, given: &Content,
    ) -> Option<Content> {
        let memory = &mut self.memories[index];
        let Content { style, decimals, .. } = memory.content;
        let text = counted(&memory.content.text, memory.step).filter(|text| text.len() <= field.width)?;
        let guess = Content { style, text, decimals };
        let (f, c) = (index as i32, memory.counted);
        let contexts = fill([
            hash(&[f, c & 7]),
            hash(&[f, c & 0xff]),
            hash(&[f, memory.step as i32]),
            hash(&[c & 0xff]),
            hash(&[f, c & 1, memory.step as i32]),
            hash(&[f]),
            hash(&[f, memory.same & 7, c & 7]),
        ]);
        let right = engine.flag(coder, COUNTED, guess == *given, &contexts, index);
        memory.counted = c << 1 | right as i32;
        right.then_some(guess)
    }

    fn content<C: Coder, const N: usize, const I: usize>(
        &mut self, engine: &mut Engine<N, I>, coder: &mut C, index: usize, field: &Field, given: &Content, left: &Left,
    ) -> Result<Content, Fault> {
        let memory = &mut self.memories[index];
        let f = index as i32;
        let last = memory.content.style as i32;
        let contexts = fill([
            hash(&[f, last]),
            hash(&[f]),
            hash(&[f, left.hashes[0]]),
            hash(&[f, last, left.length]),
            hash(&[last, field.numeric as i32]),
            0,
            0,
        ]);
        let style = engine.nibble(coder, STYLE, given.style as u8, &contexts, 0, index, 0);
        let style = Style::of(style).ok_or(Fault::Damaged)?;
        let mut decimals = 0;
        if style == Style::Printed {
            let contexts = fill([hash(&[f, memory.printed]), hash(&[f]), 0, 0, 0, 0, 0]);
            decimals = engine.symbol(coder, PRINTED, given.decimals as u8, &contexts, index) as usize;
            memory.printed = decimals as i32;
        }
        let place = Place { index, width: field.width, left: *left, lengths: &mut memory.lengths, above: &memory.content.text };
        let text = if style.is_number() {
            self.texts.number(engine, coder, &given.text, place)?
        } else {
            self.texts.text(engine, coder, &given.text, place)?
        };
        Ok(Content { style, text, decimals })
    }
}

pub fn text_hash(text: &[u8]) -> i32 {
    text.iter().fold(0x811c_9dc5u32, |sum, &byte| (sum ^ byte as u32).wrapping_mul(0x0100_0193)) as i32
}
