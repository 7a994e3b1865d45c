//! How an input is read, as the first byte of a payload says it.

/// How much of an input is looked at, from its beginning.
const SAMPLE: usize = 1 << 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Lines of fields, or of JSON.
    Lines = 0,
    /// SQL statements and the data between them.
    Sql = 1,
    /// UTF-16 that is nearly all ASCII.
    Wide = 2,
    /// BSON documents.
    Bson = 3,
    /// Lines that end with carriage returns alone.
    Returns = 4,
}

impl Kind {
    pub fn of(number: u8) -> Option<Kind> {
        let all = [Kind::Lines, Kind::Sql, Kind::Wide, Kind::Bson, Kind::Returns];
        all.into_iter().find(|kind| *kind as u8 == number)
    }
}

pub fn choose(input: &[u8]) -> Kind {
    let sample = &input[..input.len().min(SAMPLE)];
    if is_wide(sample) {
        Kind::Wide
    } else if is_bson(input) {
        Kind::Bson
    } else if sample.contains(&b'\r') && !sample.contains(&b'\n') {
        Kind::Returns
    } else {
        choose_text(sample)
    }
}

/// Carriage returns and line feeds exchanged.
pub fn exchange_ends(text: &[u8]) -> Vec<u8> {
    let exchanged = |byte: &u8| match byte {
        b'\r' => b'\n',
        b'\n' => b'\r',
        other => *other,
    };
    text.iter().map(exchanged).collect()
}

/// Statements that insert say SQL.
pub fn choose_text(input: &[u8]) -> Kind {
    let sample = &input[..input.len().min(SAMPLE)];
    let words = [&b"insert"[..], b"values", b"create table", b"from stdin"];
    let says = |word: &[u8]| sample.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    if words.iter().filter(|word| says(word)).count() >= 2 {
        Kind::Sql
    } else {
        Kind::Lines
    }
}

fn is_wide(sample: &[u8]) -> bool {
    let pairs = sample.len() / 2;
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    pairs > 32
        && ((second * 20 > pairs * 19 && first * 20 < pairs) || (first * 20 > pairs * 19 && second * 20 < pairs))
}

/// A row of documents: each states its length and ends with a zero.
fn is_bson(input: &[u8]) -> bool {
    let mut at = 0;
    let mut documents = 0;
    while let Some(length) = input[at..].first_chunk().map(|bytes| u32::from_le_bytes(*bytes) as usize) {
        if !(5..=17 << 20).contains(&length) || length > input.len() - at || documents == 16 {
            break;
        }
        if input[at + length - 1] != 0 || !matches!(input[at + 4], 0..=0x13 | 0x7f | 0xff) {
            return false;
        }
        at += length;
        documents += 1;
    }
    documents > 0 && (documents == 16 || at + 4 >= input.len() || documents > 1)
}
