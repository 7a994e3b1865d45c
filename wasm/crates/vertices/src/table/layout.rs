//! Where fields lie in the records of a dBASE table (dBASE III+ header, as ArcView and GDAL write it).

const FIXED_BYTES: usize = 32;
const DESCRIPTOR_BYTES: usize = 32;
const END_OF_FIELDS: u8 = 0x0d;
/// Fields that a table may have, at most, in any dialect.
const MOST_FIELDS: usize = 2048;
/// What takes the place of fields where a header does not say.
const BLIND_BYTES: usize = 16;

#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// From the start of the record.
    pub at: usize,
    pub width: usize,
    pub numeric: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Layout {
    pub record_bytes: usize,
    pub fields: Vec<Field>,
}

impl Layout {
    /// Bytes of a header, if a file begins with one.
    pub fn header_bytes(file: &[u8]) -> Option<usize> {
        let length = u16::from_le_bytes([*file.get(8)?, *file.get(9)?]) as usize;
        let record = u16::from_le_bytes([*file.get(10)?, *file.get(11)?]) as usize;
        (length > FIXED_BYTES && length <= file.len() && record > 0).then_some(length)
    }

    /// Reads a header: fields as it describes them, or stretches of the record where these do not add up.
    pub fn of_header(header: &[u8]) -> Layout {
        let record_bytes = u16::from_le_bytes([header[10], header[11]]) as usize;
        let described = Self::described(header, record_bytes);
        Layout { record_bytes, fields: described.unwrap_or_else(|| blind(record_bytes)) }
    }

    fn described(header: &[u8], record_bytes: usize) -> Option<Vec<Field>> {
        let mut fields = Vec::new();
        let mut at = 1;
        for descriptor in header.get(FIXED_BYTES..)?.chunks_exact(DESCRIPTOR_BYTES) {
            if descriptor[0] == END_OF_FIELDS {
                break;
            }
            let kind = descriptor[11];
            let high = if kind == b'C' { descriptor[17] as usize * 256 } else { 0 };
            let width = descriptor[16] as usize + high;
            fields.push(Field { at, width, numeric: matches!(kind, b'N' | b'F') });
            at += width;
            if width == 0 || fields.len() > MOST_FIELDS {
                return None;
            }
        }
        (at == record_bytes && !fields.is_empty()).then_some(fields)
    }
}

fn blind(record_bytes: usize) -> Vec<Field> {
    let field = |at: usize| Field { at, width: BLIND_BYTES.min(record_bytes - at), numeric: false };
    (1..record_bytes).step_by(BLIND_BYTES).map(field).collect()
}
