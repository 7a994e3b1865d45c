//! From BSON to text.

use super::*;

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

fn u32_at(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
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
