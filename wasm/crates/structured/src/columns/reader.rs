//! The values of a written column, one after another.

use super::column::Form;
use super::hexadecimal;
use super::number::Format;
use super::varint::read_number;
use abi::Fault;

/// Gives the values of a written column one after another.
#[derive(Clone)]
pub struct Reader<'a> {
    form: Form,
    /// What is left: values, numbers or differences.
    rest: &'a [u8],
    entries: std::rc::Rc<Vec<&'a [u8]>>,
    high: &'a [u8],
    last: i64,
    format: Format,
    rows: usize,
    runs: Option<Box<Runs<'a>>>,
    hexadecimal: Option<hexadecimal::Values<'a>>,
}

#[derive(Clone)]
struct Runs<'a> {
    values: Reader<'a>,
    value: Vec<u8>,
    left: u64,
}

impl<'a> Reader<'a> {
    /// `before` are the columns that a copy may name.
    pub fn new(form: u8, rows: usize, bytes: &'a [u8], before: &[Reader<'a>]) -> Result<Self, Fault> {
        let form = Form::of(form).ok_or(Fault::Damaged)?;
        let mut reader = Reader {
            form,
            rest: bytes,
            entries: Default::default(),
            high: &[],
            last: 0,
            format: Format::Plain,
            rows,
            runs: None,
            hexadecimal: None,
        };
        match form {
            Form::Text => {}
            Form::Hexadecimal => reader.hexadecimal = Some(hexadecimal::Values::new(bytes, rows)?),
            Form::Constant => {
                if bytes.iter().position(|&byte| byte == b'\n') != Some(bytes.len().wrapping_sub(1)) {
                    return Err(Fault::Damaged);
                }
            }
            Form::Copy => {
                let mut rest = bytes;
                let index = read_number(&mut rest)? as usize;
                reader = before.get(index).ok_or(Fault::Damaged)?.clone();
            }
            Form::Differences => {
                let (format, rest) = bytes.split_first_chunk().ok_or(Fault::Damaged)?;
                (reader.format, reader.rest) = (Format::read(*format)?, rest);
            }
            Form::Runs => {
                let (&form, mut rest) = bytes.split_first().ok_or(Fault::Damaged)?;
                let rows = read_number(&mut rest)? as usize;
                let size = read_number(&mut rest)? as usize;
                let (body, lengths) = rest.split_at_checked(size).ok_or(Fault::Damaged)?;
                if form == Form::Runs as u8 || form == Form::Copy as u8 {
                    return Err(Fault::Damaged);
                }
                let values = Reader::new(form, rows, body, &[])?;
                reader.rest = lengths;
                reader.runs = Some(Box::new(Runs { values, value: Vec::new(), left: 0 }));
            }
            Form::Dictionary | Form::Wide => {
                let mut rest = bytes;
                let count = read_number(&mut rest)? as usize;
                let mut entries = Vec::with_capacity(count.min(rest.len()));
                for _ in 0..count {
                    let end = rest.iter().position(|&byte| byte == b'\n').ok_or(Fault::Damaged)?;
                    entries.push(&rest[..end]);
                    rest = &rest[end + 1..];
                }
                reader.entries = std::rc::Rc::new(entries);
                let bytes = if form == Form::Wide { 2 } else { 1 };
                if rest.len() != rows.checked_mul(bytes).ok_or(Fault::Damaged)? {
                    return Err(Fault::Damaged);
                }
                (reader.rest, reader.high) = rest.split_at(rows);
            }
        }
        Ok(reader)
    }

    /// Appends the next value.
    #[inline]
    pub fn next(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.rows = self.rows.checked_sub(1).ok_or(Fault::Damaged)?;
        match self.form {
            Form::Text => {
                let end = self.rest.iter().position(|&byte| byte == b'\n').ok_or(Fault::Damaged)?;
                out.extend_from_slice(&self.rest[..end]);
                self.rest = &self.rest[end + 1..];
            }
            Form::Constant => out.extend_from_slice(&self.rest[..self.rest.len() - 1]),
            Form::Dictionary | Form::Wide | Form::Copy => {
                let (&low, rest) = self.rest.split_first().ok_or(Fault::Damaged)?;
                self.rest = rest;
                let mut number = low as usize;
                if let Some((&high, rest)) = self.high.split_first() {
                    number |= (high as usize) << 8;
                    self.high = rest;
                }
                out.extend_from_slice(self.entries.get(number).ok_or(Fault::Damaged)?);
            }
            Form::Hexadecimal => self.hexadecimal.as_mut().ok_or(Fault::Damaged)?.next(out)?,
            Form::Runs => {
                let runs = self.runs.as_mut().ok_or(Fault::Damaged)?;
                if runs.left == 0 {
                    runs.left = read_number(&mut self.rest)?;
                    runs.value.clear();
                    runs.values.next(&mut runs.value)?;
                }
                runs.left = runs.left.checked_sub(1).ok_or(Fault::Damaged)?;
                out.extend_from_slice(&runs.value);
            }
            Form::Differences => {
                let coded = read_number(&mut self.rest)?;
                let difference = (coded >> 1) as i64 ^ -((coded & 1) as i64);
                self.last = self.last.wrapping_add(difference);
                self.format.print(self.last, out);
            }
        }
        Ok(())
    }
}
