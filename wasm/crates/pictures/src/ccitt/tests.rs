use super::Ccitt;
use crate::ccitt::bits::Writer;
use crate::ccitt::lines::{Changes, Choice, Lines};
use abi::Model;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }
}

fn params(columns: u32, is_aligned: bool) -> Vec<u8> {
    [&columns.to_le_bytes()[..], &[is_aligned as u8]].concat()
}

/// Lines that are mostly those above with their changes moved a little.
fn picture(columns: u32, rows: usize, is_aligned: bool, seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let lines = Lines::new(columns);
    let mut bits = Writer::default();
    let mut above = Changes::new();
    for _ in 0..rows {
        let mut line: Changes = match random.below(6) {
            0 => (0..random.below(9)).map(|_| random.below(columns as u64) as u32).collect(),
            1 => Changes::new(),
            _ => above.iter().map(|&change| (change + random.below(7) as u32).saturating_sub(3)).collect(),
        };
        line.retain(|&change| change < columns);
        line.sort_unstable();
        line.dedup();
        if is_aligned {
            bits.align();
        }
        lines.write(&mut bits, &line, &above, |choice| !matches!(choice, Choice::None) && random.below(9) > 0);
        above = line;
    }
    Lines::write_end(&mut bits);
    bits.align();
    bits.bytes
}

fn round_trip(bytes: &[u8], params: &[u8]) -> Vec<u8> {
    let payload = Ccitt::encode(bytes, params).expect("codable");
    assert!(Ccitt::decode(&payload, params, bytes.len()).as_deref() == Ok(bytes), "not the same bytes");
    payload
}

#[test]
fn pictures_come_back() {
    for (seed, &columns) in [1, 7, 64, 1728, 2700, 9000].iter().enumerate() {
        for is_aligned in [false, true] {
            let bytes = picture(columns, 60, is_aligned, seed as u64);
            let payload = round_trip(&bytes, &params(columns, is_aligned));
            // Aligned ends are not what every encoder writes, but all lines before them are.
            assert_eq!(payload[0], 1);
        }
    }
}

/// A picture of so many lines whose changes are these.
fn drawing(columns: u32, lines: &[Changes]) -> Vec<u8> {
    let coder = Lines::new(columns);
    let mut bits = Writer::default();
    let mut above = &Changes::new();
    for line in lines {
        coder.write(&mut bits, line, above, |choice| !matches!(choice, Choice::None));
        above = line;
    }
    Lines::write_end(&mut bits);
    bits.align();
    bits.bytes
}

#[test]
fn shapes_that_begin_amid_plain_stretches_come_back() {
    for columns in [40, 41, 300, 5000] {
        for at in [0, 1, columns / 2, columns - 7, columns - 1] {
            let dot: Changes = (at..columns.min(at + 2)).collect();
            let ring = vec![0, at.max(1)];
            let lines =
                [vec![], vec![], dot.clone(), vec![], vec![0], vec![0], vec![0], ring, vec![0], vec![], dot];
            let payload = round_trip(&drawing(columns, &lines), &params(columns, false));
            assert_eq!(payload[0], 1);
        }
    }
}

#[test]
fn large_plain_pictures_take_next_to_nothing() {
    let columns = 20_000;
    let lines: Vec<Changes> = (0..3000).map(|row| vec![1000, 19_000 - row / 30 % 2]).collect();
    let bytes = drawing(columns, &lines);
    let payload = round_trip(&bytes, &params(columns, false));
    assert!(payload.len() < bytes.len() / 6, "{} of {}", payload.len(), bytes.len());
}

#[test]
fn everything_else_comes_back() {
    let bytes = picture(200, 40, false, 3);
    let params = params(200, false);
    for length in (0..bytes.len()).step_by(9) {
        round_trip(&bytes[..length], &params);
    }
    let mut random = Random(8);
    for _ in 0..30 {
        let mut damaged = bytes.clone();
        damaged[random.below(bytes.len() as u64) as usize] = random.below(256) as u8;
        round_trip(&damaged, &params);
    }
    round_trip(&[0xff; 3000], &params);
    round_trip(&[&bytes[..], b"and more"].concat(), &params);
    assert!(Ccitt::encode(&bytes, &[0; 5]).is_err());
}

#[test]
fn damaged_payloads_are_found_or_give_as_many_bytes() {
    let bytes = picture(300, 50, false, 4);
    let params = params(300, false);
    let payload = round_trip(&bytes, &params);
    let mut random = Random(5);
    for length in (0..payload.len() / 2).step_by(20) {
        assert!(Ccitt::decode(&payload[..length], &params, bytes.len()).is_err());
    }
    for _ in 0..60 {
        let mut damaged = payload.clone();
        damaged[random.below(payload.len() as u64) as usize] ^= 1 + random.below(255) as u8;
        if let Ok(back) = Ccitt::decode(&damaged, &params, bytes.len()) {
            assert_eq!(back.len(), bytes.len());
        }
    }
}
