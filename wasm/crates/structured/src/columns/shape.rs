//! Cuts a record into its shape and its variables.

use super::hexadecimal::is_guid;

/// A variable that stands for itself.
pub const TOKEN: u8 = 1;
/// A variable that has a shape of its own.
pub const NESTED: u8 = 2;
/// As the first byte: the rest is the text as it is.
pub const LITERAL: u8 = 3;
/// As the last byte: no line end follows.
pub const OPEN: u8 = 4;

/// Longer shapes are not worth a dictionary.
const LONGEST: usize = 1 << 16;

/// A part of a record.
#[derive(Clone, Copy)]
pub enum Part<'a> {
    Constant(&'a [u8]),
    Token(&'a [u8]),
    Nested(&'a [u8]),
}

pub fn is_plain(bytes: &[u8]) -> bool {
    // Without a way out before the end, so that vectors can do it.
    bytes.len() < LONGEST && bytes.iter().fold(0, |marks, byte| marks | (TOKEN..=OPEN).contains(byte) as u8) == 0
}

#[inline(always)]
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 128
}

/// Gives the parts of a nested text: tokens that hold digits, and what stands between them.
pub fn cut_text<'a>(bytes: &'a [u8], mut give: impl FnMut(Part<'a>)) {
    cut_tokens(bytes, &mut give);
}

fn cut_tokens<'a>(bytes: &'a [u8], give: &mut impl FnMut(Part<'a>)) {
    let mut at = 0;
    let mut constant = 0;
    while at < bytes.len() {
        if !is_token(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let mut has_digit = false;
        while at < bytes.len() && is_token(bytes[at]) {
            has_digit |= bytes[at].is_ascii_digit();
            at += 1;
        }
        if !has_digit && bytes.get(at) != Some(&b'-') {
            continue;
        }
        give(Part::Constant(&bytes[constant..start]));
        match joined(&bytes[start..]) {
            Some(length) => {
                at = start + length;
                give(Part::Token(&bytes[start..at]));
            }
            None if !has_digit => {
                give(Part::Constant(&bytes[start..at]));
            }
            None => cut_time(&bytes[start..at], give),
        }
        constant = at;
    }
    give(Part::Constant(&bytes[constant..]));
}

/// The length of a time of day or of a decimal fraction that the bytes begin with.
fn joined(bytes: &[u8]) -> Option<usize> {
    let digits = |at: usize| bytes[at.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_end = |at: usize| !bytes.get(at).is_some_and(|&byte| (is_token(byte) && byte != b'Z') || byte == b'.');
    if bytes.get(8) == Some(&b'-') && bytes.len() >= 36 && is_guid(&bytes[..36]) && is_end(36) {
        return Some(36);
    }
    let whole = digits(0);
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    if whole == 2 && at(2) == b':' && digits(3) == 2 && at(5) == b':' && digits(6) == 2 {
        let fine = digits(9);
        if matches!(at(8), b'.' | b',') && (1..=9).contains(&fine) && is_end(9 + fine) {
            return Some(9 + fine);
        }
        return (at(8) != b':' && is_end(8)).then_some(8);
    }
    let fraction = digits(whole + 1);
    let joins = (1..=12).contains(&whole) && at(whole) == b'.' && (1..=6).contains(&fraction);
    (joins && is_end(whole + 1 + fraction)).then_some(whole + 1 + fraction)
}

/// ISO 8601 joins a date and a time by a T, and ends with a Z.
fn cut_time<'a>(token: &'a [u8], give: &mut impl FnMut(Part<'a>)) {
    let mark = token.iter().position(|byte| !byte.is_ascii_digit());
    match mark {
        Some(at) if at > 0 && (token[at] == b'T' || (token[at] == b'Z' && at + 1 == token.len())) => {
            let (number, rest) = token.split_at(at);
            if rest[1..].iter().all(u8::is_ascii_digit) {
                give(Part::Token(number));
                give(Part::Constant(&rest[..1]));
                if rest.len() > 1 {
                    give(Part::Token(&rest[1..]));
                }
                return;
            }
            give(Part::Token(token));
        }
        _ => give(Part::Token(token)),
    }
}

/// How records are cut where neither tabs nor JSON say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Style {
    /// Words are the shape, and tokens with digits the variables.
    Templates = 0,
    /// Each word is a variable of its own.
    Words = 1,
}

impl Style {
    pub fn of(number: u8) -> Option<Style> {
        [Style::Templates, Style::Words].into_iter().find(|style| *style as u8 == number)
    }
}

/// Gives the parts of a record: what is quoted, and between tabs, is nested; the rest is cut as the style says.
pub fn cut_record<'a>(bytes: &'a [u8], style: Style, mut give: impl FnMut(Part<'a>)) {
    if bytes.contains(&b'\t') {
        cut_fields(bytes, b'\t', &mut give);
    } else if matches!(bytes.first(), Some(b'{' | b'[')) && bytes.contains(&b'"') {
        cut_json(bytes, &mut give);
    } else if style == Style::Words {
        cut_fields(bytes, b' ', &mut give);
    } else {
        cut_quoted(bytes, looks_like_tuple(bytes), &mut give);
    }
}

/// Each field is nested, or what is quoted or bracketed in it.
fn cut_fields<'a>(bytes: &'a [u8], separator: u8, give: &mut impl FnMut(Part<'a>)) {
    let mut rest = 0;
    let mut at = 0;
    while at < bytes.len() {
        let opening = bytes[at];
        let closing = match opening {
            b'"' => b'"',
            b'[' => b']',
            _ => separator,
        };
        let start = if closing == separator { at } else { at + 1 };
        let length = match bytes[start..].iter().position(|&byte| byte == closing) {
            Some(length) => length,
            None => bytes.len() - start - bytes.ends_with(b"\r") as usize,
        };
        give(Part::Constant(&bytes[rest..start]));
        give(Part::Nested(&bytes[start..start + length]));
        rest = start + length;
        at = match bytes[rest..].iter().position(|&byte| byte == separator) {
            Some(length) if closing == separator => rest + length + 1,
            Some(0) => rest + 1,
            _ if closing == separator => bytes.len(),
            _ => rest + 1,
        };
        if closing != separator && bytes.get(at) == Some(&separator) {
            at += 1;
        }
    }
    give(Part::Constant(&bytes[rest..]));
}

/// Values are nested; keys and punctuation are not.
fn cut_json<'a>(bytes: &'a [u8], give: &mut impl FnMut(Part<'a>)) {
    let mut rest = 0;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'"' {
            let Some(length) = quoted_length(&bytes[at + 1..], b'"') else { break };
            let end = at + 1 + length;
            if bytes.get(end + 1) != Some(&b':') {
                give(Part::Constant(&bytes[rest..at + 1]));
                give(Part::Nested(&bytes[at + 1..end]));
                rest = end;
            }
            at = end + 1;
        } else if byte.is_ascii_alphanumeric() || byte == b'-' {
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\r' | b'"');
            let length = bytes[at..].iter().position(ends).unwrap_or(bytes.len() - at);
            give(Part::Constant(&bytes[rest..at]));
            give(Part::Nested(&bytes[at..at + length]));
            at += length;
            rest = at;
        } else {
            at += 1;
        }
    }
    give(Part::Constant(&bytes[rest..]));
}

/// What is quoted is nested: doubly, and in a list of values singly, too.
fn cut_quoted<'a>(bytes: &'a [u8], is_tuple: bool, give: &mut impl FnMut(Part<'a>)) {
    let mut rest = 0;
    let mut at = 0;
    while at < bytes.len() {
        let quote = bytes[at];
        at += 1;
        if quote == b'"' || (quote == b'\'' && is_tuple) {
            let Some(length) = quoted_length(&bytes[at..], quote) else { break };
            cut_tokens(&bytes[rest..at], give);
            give(Part::Nested(&bytes[at..at + length]));
            rest = at + length;
            at = rest + 1;
        }
    }
    cut_tokens(&bytes[rest..], give);
}

fn looks_like_tuple(bytes: &[u8]) -> bool {
    let start = bytes.iter().position(|byte| !matches!(byte, b' ' | b',')).unwrap_or(0);
    let head = &bytes[..bytes.len().min(4096)];
    let is_values = |word: &[u8]| word[0] | 0x20 == b'v' && word.eq_ignore_ascii_case(b"values");
    bytes.get(start) == Some(&b'(') || head.windows(6).any(is_values)
}

/// How many bytes lie before the closing quote; backslashes escape, and a doubled quote stays inside.
fn quoted_length(bytes: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] != quote {
            at += 1;
        } else if quote == b'\'' && bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return Some(at);
        }
    }
    None
}
