//! BSON (bsonspec.org, version 1.1) as lines of text and back, so that numbers have digits instead of mantissas and one
//! parser serves both. A document is a line like JSON, with the types told apart:
//!
//! | Text | Type |
//! |---|---|
//! | `"..."` | String; control characters, quotes and backslashes as `\xHH` |
//! | `12` | 32-bit integer |
//! | `12L` | 64-bit integer |
//! | `1.5`, `1e-7` | Double, the shortest digits that give it back |
//! | `@12` | Date |
//! | `#...` | Object id |
//! | `{...}`, `[...]` | Document; array whose keys count from 0 |
//! | `true`, `false`, `null` | Boolean, null |
//! | `$TT...` | Any other type: its number and its value as they are, in hexadecimal |
//!
//! A line `!...` is bytes in hexadecimal: what is no such document.

/// Deeper documents are kept as bytes.
const DEEPEST: usize = 32;

const DOUBLE: u8 = 0x01;
const STRING: u8 = 0x02;
const DOCUMENT: u8 = 0x03;
const ARRAY: u8 = 0x04;
const BINARY: u8 = 0x05;
const OBJECT_ID: u8 = 0x07;
const BOOLEAN: u8 = 0x08;
const DATE: u8 = 0x09;
const NULL: u8 = 0x0a;
const REGEX: u8 = 0x0b;
const POINTER: u8 = 0x0c;
const CODE: u8 = 0x0d;
const SYMBOL: u8 = 0x0e;
const SCOPED_CODE: u8 = 0x0f;
const INT32: u8 = 0x10;
const TIMESTAMP: u8 = 0x11;
const INT64: u8 = 0x12;
const DECIMAL: u8 = 0x13;

/// Any bytes as lines.
pub fn to_text(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let start = out.len();
        let mut behind = rest;
        if write_document(&mut behind, &mut out, 0, false).is_none() {
            out.truncate(start);
            out.push(b'!');
            let stated = u32_at(rest).map_or(rest.len(), |length| length as usize);
            let length = if stated > 4 { stated.min(rest.len()) } else { rest.len() };
            write_hexadecimal(&rest[..length], &mut out);
            behind = &rest[length..];
        }
        out.push(b'\n');
        rest = behind;
    }
    out
}

/// How long the text of `length` bytes may be. A byte takes four characters at most, in a string, but for a line end and
/// the marks around a value; a double of eight takes 24.
pub fn longest_text(length: usize) -> usize {
    length.saturating_mul(6).saturating_add(16)
}

fn u32_at(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn take_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    take(bytes, N)?.try_into().ok()
}

/// Writes the document that `bytes` begin with, if it is of the usual form.
fn write_document(bytes: &mut &[u8], out: &mut Vec<u8>, depth: usize, is_array: bool) -> Option<()> {
    if depth == DEEPEST {
        return None;
    }
    let length = u32_at(bytes)? as usize;
    let mut inside = take(bytes, length)?.get(4..)?;
    out.push(if is_array { b'[' } else { b'{' });
    for index in 0usize.. {
        let kind = take_array::<1>(&mut inside)?[0];
        if kind == 0 {
            break;
        }
        if index > 0 {
            out.push(b',');
        }
        let key = take_text(&mut inside)?;
        if is_array {
            if key != index.to_string().as_bytes() {
                return None;
            }
        } else {
            write_string(key, out);
            out.push(b':');
        }
        write_value(kind, &mut inside, out, depth)?;
    }
    out.push(if is_array { b']' } else { b'}' });
    inside.is_empty().then_some(())
}

/// A text that ends with a zero.
fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = bytes.iter().position(|&byte| byte == 0)?;
    let text = take(bytes, end + 1)?;
    Some(&text[..end])
}

fn write_value(kind: u8, bytes: &mut &[u8], out: &mut Vec<u8>, depth: usize) -> Option<()> {
    match kind {
        DOUBLE => {
            let raw = take_array(bytes)?;
            match short_double(raw) {
                Some(text) => out.extend_from_slice(text.as_bytes()),
                None => write_other(kind, &raw, out),
            }
        }
        STRING => {
            let length = u32_at(bytes)? as usize;
            let text = take(bytes, length.checked_add(4)?)?;
            let (&last, text) = text[4..].split_last()?;
            if last != 0 {
                return None;
            }
            write_string(text, out);
        }
        DOCUMENT | ARRAY => write_document(bytes, out, depth + 1, kind == ARRAY)?,
        OBJECT_ID => {
            out.push(b'#');
            write_hexadecimal(take(bytes, 12)?, out);
        }
        BOOLEAN => match take_array(bytes)? {
            [0] => out.extend_from_slice(b"false"),
            [1] => out.extend_from_slice(b"true"),
            _ => return None,
        },
        DATE => out.extend_from_slice(format!("@{}", i64::from_le_bytes(take_array(bytes)?)).as_bytes()),
        NULL => out.extend_from_slice(b"null"),
        INT32 => out.extend_from_slice(i32::from_le_bytes(take_array(bytes)?).to_string().as_bytes()),
        INT64 => out.extend_from_slice(format!("{}L", i64::from_le_bytes(take_array(bytes)?)).as_bytes()),
        _ => {
            let length = other_length(kind, bytes)?;
            write_other(kind, take(bytes, length)?, out);
        }
    }
    Some(())
}

fn other_length(kind: u8, bytes: &[u8]) -> Option<usize> {
    let stated = || u32_at(bytes).map(|length| length as usize);
    match kind {
        TIMESTAMP => Some(8),
        DECIMAL => Some(16),
        BINARY => stated()?.checked_add(5),
        CODE | SYMBOL => stated()?.checked_add(4),
        POINTER => stated()?.checked_add(16),
        SCOPED_CODE => stated(),
        REGEX => {
            let first = bytes.iter().position(|&byte| byte == 0)? + 1;
            Some(first + bytes[first..].iter().position(|&byte| byte == 0)? + 1)
        }
        // Undefined, and the least and greatest key, have no value.
        0x06 | 0x7f | 0xff => Some(0),
        _ => None,
    }
}

fn write_other(kind: u8, value: &[u8], out: &mut Vec<u8>) {
    out.push(b'$');
    write_hexadecimal(&[kind], out);
    write_hexadecimal(value, out);
}

/// The digits of a double that give exactly it; they hold a point or an exponent.
fn short_double(raw: [u8; 8]) -> Option<String> {
    let number = f64::from_le_bytes(raw);
    if !number.is_finite() {
        return None;
    }
    let text = format!("{number:?}");
    let again: f64 = text.parse().ok()?;
    (again.to_le_bytes() == raw && text.len() <= 24).then_some(text)
}

fn write_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text {
        if byte < 32 || byte == b'"' || byte == b'\\' {
            out.extend_from_slice(b"\\x");
            write_hexadecimal(&[byte], out);
        } else {
            out.push(byte);
        }
    }
    out.push(b'"');
}

fn write_hexadecimal(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.extend_from_slice(&[DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]);
    }
}

/// The bytes of lines that [`to_text`] wrote, at most `limit`.
pub fn from_text(text: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(limit);
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        let mut line = &rest[..end];
        rest = &rest[end + 1..];
        match line.first()? {
            b'!' => read_hexadecimal(&line[1..], &mut out)?,
            _ => {
                read_document(&mut line, &mut out, 0, false)?;
                line.is_empty().then_some(())?;
            }
        }
        if out.len() > limit {
            return None;
        }
    }
    Some(out)
}

fn read_hexadecimal(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let digit = |byte: u8| (byte as char).to_digit(16);
    if text.len() % 2 != 0 {
        return None;
    }
    for pair in text.chunks_exact(2) {
        out.push((digit(pair[0])? << 4 | digit(pair[1])?) as u8);
    }
    Some(())
}

fn expect(text: &mut &[u8], byte: u8) -> Option<()> {
    (take_array::<1>(text)? == [byte]).then_some(())
}

fn read_document(text: &mut &[u8], out: &mut Vec<u8>, depth: usize, is_array: bool) -> Option<()> {
    if depth == DEEPEST {
        return None;
    }
    let (opening, closing) = if is_array { (b'[', b']') } else { (b'{', b'}') };
    expect(text, opening)?;
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    for index in 0usize.. {
        if text.first() == Some(&closing) {
            break;
        }
        if index > 0 {
            expect(text, b',')?;
        }
        let kind = out.len();
        out.push(0);
        if is_array {
            out.extend_from_slice(index.to_string().as_bytes());
        } else {
            read_string(text, out)?;
            expect(text, b':')?;
        }
        out.push(0);
        out[kind] = read_value(text, out, depth)?;
    }
    expect(text, closing)?;
    out.push(0);
    state_length(out, start, 0)
}

/// Writes how many bytes there are from `start` on, less some.
fn state_length(out: &mut [u8], start: usize, less: usize) -> Option<()> {
    let length = u32::try_from(out.len() - start - less).ok()?;
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    Some(())
}

fn read_string(text: &mut &[u8], out: &mut Vec<u8>) -> Option<()> {
    expect(text, b'"')?;
    loop {
        match take_array::<1>(text)?[0] {
            b'"' => return Some(()),
            b'\\' => {
                expect(text, b'x')?;
                read_hexadecimal(take(text, 2)?, out)?;
            }
            byte => out.push(byte),
        }
    }
}

/// Appends a value and gives its type.
fn read_value(text: &mut &[u8], out: &mut Vec<u8>, depth: usize) -> Option<u8> {
    match text.first()? {
        b'"' => {
            let start = out.len();
            out.extend_from_slice(&[0; 4]);
            read_string(text, out)?;
            out.push(0);
            state_length(out, start, 4)?;
            return Some(STRING);
        }
        b'{' => return read_document(text, out, depth + 1, false).map(|()| DOCUMENT),
        b'[' => return read_document(text, out, depth + 1, true).map(|()| ARRAY),
        _ => {}
    }
    let end = text.iter().position(|byte| matches!(byte, b',' | b'}' | b']'))?;
    let word = std::str::from_utf8(take(text, end)?).ok()?;
    read_word(word, out)
}

fn read_word(word: &str, out: &mut Vec<u8>) -> Option<u8> {
    let mut put = |bytes: &[u8], kind: u8| {
        out.extend_from_slice(bytes);
        Some(kind)
    };
    match word {
        "true" => return put(&[1], BOOLEAN),
        "false" => return put(&[0], BOOLEAN),
        "null" => return put(&[], NULL),
        _ => {}
    }
    if let Some(date) = word.strip_prefix('@') {
        return put(&date.parse::<i64>().ok()?.to_le_bytes(), DATE);
    }
    if let Some(number) = word.strip_suffix('L') {
        return put(&number.parse::<i64>().ok()?.to_le_bytes(), INT64);
    }
    if let Some(id) = word.strip_prefix('#') {
        read_hexadecimal(id.as_bytes(), out)?;
        return Some(OBJECT_ID);
    }
    if let Some(other) = word.strip_prefix('$') {
        let (kind, value) = other.as_bytes().split_at_checked(2)?;
        let mut number = Vec::with_capacity(1);
        read_hexadecimal(kind, &mut number)?;
        read_hexadecimal(value, out)?;
        return Some(number[0]);
    }
    if word.contains(['.', 'e']) {
        return put(&word.parse::<f64>().ok()?.to_le_bytes(), DOUBLE);
    }
    put(&word.parse::<i32>().ok()?.to_le_bytes(), INT32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents() -> Vec<u8> {
        let mut all = Vec::new();
        let lines = [
            r##"{"_id":#55f14312c7447c3da7051c9c,"name":"A \x22B\x22","at":@1421900000000,"loc":[-72.622739,42.0,1e-7]}"##,
            r#"{}"#,
            r#"{"n":-5,"l":9007199254740993L,"b":[true,false,null],"d":{"e":{"":"x"}},"r":$0b610069007f}"#,
            r#"!0500000001"#,
        ];
        for line in lines {
            let text = [line.as_bytes(), b"\n"].concat();
            all.extend(from_text(&text, 1000).unwrap_or_default());
        }
        all
    }

    #[test]
    fn documents_come_back() {
        let all = documents();
        assert!(all.len() > 100);
        let text = to_text(&all);
        assert!(text.starts_with(b"{\"_id\":#55f1"));
        assert_eq!(from_text(&text, all.len()), Some(all));
    }

    #[test]
    fn whatever_is_cut_or_changed_comes_back() {
        let all = documents();
        for at in 0..all.len() {
            let cut = &all[..at];
            assert_eq!(from_text(&to_text(cut), cut.len()).as_deref(), Some(cut));
            for change in [1, 0x80, 0xff] {
                let mut changed = all.clone();
                changed[at] ^= change;
                assert_eq!(from_text(&to_text(&changed), all.len()), Some(changed));
            }
        }
    }

    #[test]
    fn text_that_was_never_written_is_harmless() {
        let text = to_text(&documents());
        for at in 0..text.len() {
            let mut changed = text.clone();
            changed[at] ^= 1 << (at % 7);
            from_text(&changed, 1000);
            from_text(&text[..at], 1000);
        }
        assert_eq!(from_text(&[b"{\"a\":".repeat(99), b"1".to_vec()].concat(), 1000), None);
    }
}
