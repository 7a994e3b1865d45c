use super::*;

/// Numbers that a seed determines.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

fn params(format: u8, record_bytes: usize) -> [u8; 3] {
    [format, record_bytes as u8, (record_bytes >> 8) as u8]
}

fn encoded(records: &[u8], format: u8, record_bytes: usize, effort: u8) -> Vec<u8> {
    Points::encode(records, &[&params(format, record_bytes)[..], &[effort]].concat()).unwrap()
}

fn round_trip(records: &[u8], format: u8, record_bytes: usize) -> usize {
    let lengths = [0, 1, 2].map(|effort| {
        let payload = encoded(records, format, record_bytes, effort);
        let decoded = Points::decode(&payload, &params(format, record_bytes), records.len());
        assert!(decoded.as_deref() == Ok(records), "format {format}, {record_bytes} bytes, effort {effort}");
        payload.len()
    });
    lengths[1]
}

/// The lengths of formats 0 to 10.
const LENGTHS: [usize; 11] = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

/// What a scanner with a swinging mirror sees of a slope with a few trees; times have six decimals.
fn survey(format: u8, record_bytes: usize, points: usize) -> Vec<u8> {
    let layout = Layout::new(format, record_bytes).unwrap();
    let mut random = Random(format as u64);
    let mut records = vec![0; points * record_bytes];
    for (i, record) in records.chunks_exact_mut(record_bytes).enumerate() {
        let (line, across) = ((i / 200) as i32, (i % 200) as i32);
        let swing = if line % 2 == 0 { across } else { 199 - across };
        let tree = if random.below(9) == 0 { 400 + random.below(300) as i32 } else { 0 };
        let position = [swing * 50 + random.below(9) as i32, line * 60, swing * 10 + tree + random.below(5) as i32];
        for (axis, value) in position.iter().enumerate() {
            record[4 * axis..][..4].copy_from_slice(&(value * 10 + 1_000_000).to_le_bytes());
        }
        record[12..14].copy_from_slice(&((random.below(40) + 100) as u16 * 4).to_le_bytes());
        record[14] = if layout.extended { 0x11 } else { 0x09 };
        record[layout.class_at] = if tree > 0 { 5 } else { 2 };
        record[layout.angle_at] = (swing / 10) as u8;
        if let Some(at) = layout.time_at {
            let time = (223_344_000_000u64 + i as u64 * 8 + random.below(2)) as f64 / 1e6;
            record[at..at + 8].copy_from_slice(&time.to_le_bytes());
        }
        if let Some(at) = layout.colour_at {
            let grey = 256 * (20 + swing as u16 % 50);
            (0..layout.channels).for_each(|c| record[at + 2 * c..][..2].copy_from_slice(&grey.to_le_bytes()));
        }
        if let Some(at) = layout.wave_at {
            record[at] = 1;
            record[at + 1..at + 9].copy_from_slice(&(i as u64 * 160).to_le_bytes());
        }
        if record_bytes > layout.extra_at {
            record[layout.extra_at] = random.below(3) as u8;
        }
    }
    records
}

#[test]
fn every_format_comes_back_smaller() {
    for (format, &core) in LENGTHS.iter().enumerate() {
        for record_bytes in [core, core + 1, core + 7] {
            let records = survey(format as u8, record_bytes, 3000);
            assert!(round_trip(&records, format as u8, record_bytes) < records.len() / 3, "{format} {record_bytes}");
        }
    }
}

#[test]
fn any_bytes_come_back() {
    let mut random = Random(5);
    for (format, &core) in LENGTHS.iter().enumerate() {
        for mask in [0xff, 0x80, 0x0f, 0x01, 0x00] {
            let records: Vec<u8> = (0..core * 300).map(|_| random.below(256) as u8 & mask).collect();
            round_trip(&records, format as u8, core);
            round_trip(&records[..core], format as u8, core);
        }
        round_trip(&[], format as u8, core);
    }
}

#[test]
fn extreme_numbers_come_back() {
    let coordinates = [0, 1, -1, i32::MIN, i32::MAX, i32::MIN + 1, 1 << 30, -(1 << 30), 0x5000_0000];
    let times = [0.0, -0.0, f64::NAN, f64::INFINITY, f64::MIN, f64::MAX, 5e-324, 1.5, -1.5, 1e15, f64::EPSILON];
    for many in [2, 3, 11] {
        let mut random = Random(many);
        for _ in 0..40 {
            let mut records = vec![0; 34 * 50];
            for record in records.chunks_exact_mut(34) {
                for axis in 0..3 {
                    let value = coordinates[random.below(many.min(9)) as usize];
                    record[4 * axis..][..4].copy_from_slice(&value.to_le_bytes());
                }
                let time: f64 = times[random.below(many) as usize];
                record[20..28].copy_from_slice(&time.to_le_bytes());
            }
            round_trip(&records, 3, 34);
        }
    }
    let apart: Vec<u8> = [0u64, 1 << 63, 3 << 61].iter().flat_map(|t| [vec![0; 20], t.to_le_bytes().to_vec()].concat()).collect();
    round_trip(&apart, 1, 28);
    round_trip(&apart[..56], 1, 28);
}

#[test]
fn what_is_no_record_is_refused() {
    assert_eq!(Points::encode(&[0; 21], &[0, 20, 0, 1]), Err(Fault::Unsupported));
    assert_eq!(Points::encode(&[0; 20], &[11, 20, 0, 1]), Err(Fault::Unsupported));
    assert_eq!(Points::encode(&[0; 19], &[0, 19, 0, 1]), Err(Fault::Unsupported));
    assert_eq!(Points::encode(&[0; 20], &[0, 20, 0, 3]), Err(Fault::Damaged));
    assert_eq!(Points::encode(&[0; 20], &[]), Err(Fault::Damaged));
    assert!(Points::decode(&[], &[0, 20, 0], 20).is_err());
    assert!(Points::decode(&[1], &[0, 20, 0], 0).is_err());
}

#[test]
fn damaged_payloads_are_refused_or_give_the_right_length() {
    for format in [1, 3, 10] {
        let record_bytes = LENGTHS[format as usize] + 1;
        let records = survey(format, record_bytes, 12);
        for effort in [0, 1, 2] {
            let payload = encoded(&records, format, record_bytes, effort);
            let survives = |broken: &[u8]| {
                if let Ok(decoded) = Points::decode(broken, &params(format, record_bytes), records.len()) {
                    assert_eq!(decoded.len(), records.len());
                }
            };
            for at in (0..payload.len()).step_by(1 + payload.len() / 120) {
                survives(&payload[..at]);
                for change in [1, 0x80, 0xff] {
                    let mut broken = payload.clone();
                    broken[at] ^= change;
                    survives(&broken);
                }
            }
            let longer = [&payload[..], &[0; 8]].concat();
            assert!(Points::decode(&longer, &params(format, record_bytes), records.len()).is_err());
        }
    }
}

#[test]
fn payloads_of_noise_end() {
    let mut random = Random(11);
    for format in 0..11u8 {
        let record_bytes = LENGTHS[format as usize];
        for _ in 0..6 {
            let mut payload = vec![random.below(3) as u8, random.below(4) as u8, 3, random.below(3) as u8, 7];
            payload.extend([1, 1, 1, 1, 1, 1, 0]);
            payload.extend((0..record_bytes).map(|_| 0));
            payload.extend((0..4000).map(|_| random.below(256) as u8));
            let length = record_bytes * 2000;
            if let Ok(decoded) = Points::decode(&payload, &params(format, record_bytes), length) {
                assert_eq!(decoded.len(), length);
            }
        }
    }
}
