//! Where the fields of a point record lie (ASPRS LAS 1.4 R15, tables 7 to 17).

use abi::Fault;

/// The core of each point data record format in bytes.
const CORE_BYTES: [usize; 11] = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];
const COLOUR_AT: [Option<usize>; 11] =
    [None, None, Some(20), Some(28), None, Some(28), None, Some(30), Some(30), None, Some(30)];
const WAVE_AT: [Option<usize>; 11] =
    [None, None, None, None, Some(28), Some(34), None, None, None, Some(30), Some(38)];

/// Byte offsets within a record.
#[derive(Clone, Copy)]
pub struct Layout {
    pub record_bytes: usize,
    /// Formats 6 and later: two bytes of flags, 16 bits of scan angle.
    pub extended: bool,
    pub class_at: usize,
    pub user_at: usize,
    pub angle_at: usize,
    pub source_at: usize,
    pub time_at: Option<usize>,
    pub colour_at: Option<usize>,
    /// Red, green, blue and perhaps near infrared.
    pub channels: usize,
    pub wave_at: Option<usize>,
    /// Where extra bytes begin.
    pub extra_at: usize,
}

impl Layout {
    pub fn new(format: u8, record_bytes: usize) -> Result<Layout, Fault> {
        let format = format as usize;
        let core = *CORE_BYTES.get(format).ok_or(Fault::Unsupported)?;
        if record_bytes < core {
            return Err(Fault::Unsupported);
        }
        let extended = format >= 6;
        Ok(Layout {
            record_bytes,
            extended,
            class_at: if extended { 16 } else { 15 },
            user_at: 17,
            angle_at: if extended { 18 } else { 16 },
            source_at: if extended { 20 } else { 18 },
            time_at: match format {
                0 | 2 => None,
                6.. => Some(22),
                _ => Some(20),
            },
            colour_at: COLOUR_AT[format],
            channels: if format == 8 || format == 10 { 4 } else { 3 },
            wave_at: WAVE_AT[format],
            extra_at: core,
        })
    }
}
