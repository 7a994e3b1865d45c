//! Records of BAM (SAMv1, section 4.2) as ranges of the bytes.

use core::ops::Range;

/// Bytes before the name, the length of the record included.
pub const FIXED_BYTES: usize = 36;

/// The fields of fixed width that do not follow from others.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Fixed {
    pub reference: i32,
    pub position: i32,
    pub quality: u8,
    pub bin: u16,
    pub flag: u16,
    pub mate_reference: i32,
    pub mate_position: i32,
    pub template_length: i32,
}

/// A record whose parts are all where they should be.
#[derive(Clone, Default, Debug)]
pub struct Record {
    pub fixed: Fixed,
    /// Without the zero at its end.
    pub name: Range<usize>,
    pub cigar: Range<usize>,
    /// How many bases there are.
    pub length: usize,
    pub bases: Range<usize>,
    pub qualities: Range<usize>,
    pub fields: Vec<Field>,
}

/// An optional field.
#[derive(Clone, Default, Debug)]
pub struct Field {
    /// Two letters and the type.
    pub tag: [u8; 3],
    /// Without the zero at the end of text.
    pub value: Range<usize>,
}

/// How long the record at `at` says that it is, if that many bytes are there.
pub fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let (head, rest) = bytes.get(at..)?.split_first_chunk()?;
    let length = u32::from_le_bytes(*head) as usize;
    (length <= rest.len()).then_some(length + 4)
}

/// Reads the record that takes all of `span`; nothing if [`Record`] cannot say all that is in it.
pub fn parse(bytes: &[u8], span: Range<usize>) -> Option<Record> {
    let head: &[u8; FIXED_BYTES] = bytes.get(span.clone())?.first_chunk()?;
    let word = |at: usize| i32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let half = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let length = usize::try_from(word(20)).ok()?;
    let name_end = span.start + FIXED_BYTES + head[12] as usize;
    let cigar_end = name_end + 4 * half(16) as usize;
    let bases_end = cigar_end.checked_add(length.div_ceil(2))?;
    let qualities_end = bases_end.checked_add(length)?;
    if head[12] == 0 || qualities_end > span.end {
        return None;
    }
    let name = span.start + FIXED_BYTES..name_end - 1;
    if bytes[name.end] != 0 || bytes[name.clone()].contains(&0) {
        return None;
    }
    if length % 2 == 1 && bytes[bases_end - 1] & 15 != 0 {
        return None;
    }
    let fields = parse_fields(bytes, qualities_end..span.end)?;
    Some(Record {
        fixed: Fixed {
            reference: word(4),
            position: word(8),
            quality: head[13],
            bin: half(14),
            flag: half(18),
            mate_reference: word(24),
            mate_position: word(28),
            template_length: word(32),
        },
        name,
        cigar: name_end..cigar_end,
        length,
        bases: cigar_end..bases_end,
        qualities: bases_end..qualities_end,
        fields,
    })
}

fn parse_fields(bytes: &[u8], span: Range<usize>) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let mut at = span.start;
    while at < span.end {
        let tag: [u8; 3] = *bytes[at..span.end].first_chunk()?;
        at += 3;
        let (length, end) = match tag[2] {
            b'Z' | b'H' => {
                let length = bytes[at..span.end].iter().position(|&byte| byte == 0)?;
                (length, 1)
            }
            b'B' => (array_length(bytes[at..span.end].first_chunk()?)?, 0),
            kind => (width_of(kind)?, 0),
        };
        let value = at..at.checked_add(length)?;
        at = value.end + end;
        if at > span.end {
            return None;
        }
        fields.push(Field { tag, value });
    }
    Some(fields)
}

/// The bytes of an array by its first five: the type of its elements and how many there are.
pub fn array_length(head: &[u8; 5]) -> Option<usize> {
    let count = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
    let width = if head[0] == b'A' { return None } else { width_of(head[0])? };
    count.checked_mul(width)?.checked_add(5)
}

/// The bytes of a value of a type of fixed width.
pub fn width_of(kind: u8) -> Option<usize> {
    match kind {
        b'A' | b'c' | b'C' => Some(1),
        b's' | b'S' => Some(2),
        b'i' | b'I' | b'f' => Some(4),
        _ => None,
    }
}

/// One operation of a CIGAR.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operation {
    pub length: u32,
    /// 0 to 15; those of the standard are 0 to 8.
    pub kind: u8,
}

pub fn operations(cigar: &[u8]) -> Vec<Operation> {
    let of = |bytes: &[u8]| {
        let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        Operation { length: word >> 4, kind: word as u8 & 15 }
    };
    cigar.chunks_exact(4).map(of).collect()
}

impl Operation {
    /// Whether it uses up bases of the read: M, I, S, = and X.
    pub fn takes_read(self) -> bool {
        matches!(self.kind, 0 | 1 | 4 | 7 | 8)
    }

    /// Whether it uses up bases of the reference: M, D, N, = and X.
    pub fn takes_reference(self) -> bool {
        matches!(self.kind, 0 | 2 | 3 | 7 | 8)
    }
}

/// How many positions of the reference a CIGAR spans.
pub fn span_of(operations: &[Operation]) -> u32 {
    operations.iter().filter(|op| op.takes_reference()).fold(0, |sum: u32, op| sum.saturating_add(op.length))
}

/// The bin of the smallest interval of the index that holds `start..end` (SAMv1, section 5.3).
pub fn bin_of(start: i32, end: i32) -> u16 {
    let last = end.wrapping_sub(1);
    for (shift, first) in [(14, 4681), (17, 585), (20, 73), (23, 9), (26, 1)] {
        if start >> shift == last >> shift {
            return (first + (start >> shift)) as u16;
        }
    }
    0
}
