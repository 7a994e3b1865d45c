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

mod read;
mod write;

pub use read::from_text;
pub use write::to_text;

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

/// How long the text of `length` bytes may be. A byte takes four characters at most, in a string, but for a line end and
/// the marks around a value; a double of eight takes 24.
pub fn longest_text(length: usize) -> usize {
    length.saturating_mul(6).saturating_add(16)
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn take_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    take(bytes, N)?.try_into().ok()
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
