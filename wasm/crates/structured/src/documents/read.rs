//! From text to BSON.

use super::*;

/// The bytes of lines that [`super::to_text`] wrote, at most `limit`.
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
