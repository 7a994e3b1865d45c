use super::*;
use abi::Model as _;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

fn round_trip(table: &[u8], header: &[u8]) -> usize {
    let lengths = [0, 1].map(|effort| {
        let payload = Table::encode(table, &[&[effort], header].concat()).unwrap();
        assert!(Table::decode(&payload, header, table.len()).as_deref() == Ok(table), "effort {effort}");
        payload.len()
    });
    lengths[1]
}

const FIELDS: [(u8, u8, u8); 7] =
    [(b'N', 9, 0), (b'C', 12, 0), (b'N', 24, 15), (b'F', 19, 11), (b'L', 1, 0), (b'D', 8, 0), (b'C', 5, 1)];

fn header() -> Vec<u8> {
    let mut header = vec![3, 126, 1, 31, 9, 0, 0, 0];
    let width: usize = 1 + FIELDS.iter().map(|&(kind, width, high)| width as usize + (kind == b'C') as usize * high as usize * 256).sum::<usize>();
    header.extend((33 + 32 * FIELDS.len() as u16).to_le_bytes());
    header.extend((width as u16).to_le_bytes());
    header.resize(32, 0);
    for (index, &(kind, width, decimals)) in FIELDS.iter().enumerate() {
        let mut descriptor = [0; 32];
        descriptor[0] = b'A' + index as u8;
        (descriptor[11], descriptor[16], descriptor[17]) = (kind, width, decimals);
        header.extend(descriptor);
    }
    header.push(13);
    header
}

fn records(count: usize) -> Vec<u8> {
    let mut random = Random(9);
    let rows = (0..count).map(|row| {
        let area = random.below(1 << 40) as f64 / 1e6;
        let name = ["Rome", "", "Über", "Ulm 7"][random.below(4) as usize];
        let (exponent, number) = (random.below(3), random.below(100));
        let flag = if random.below(2) == 0 { 'T' } else { '?' };
        let ratio = format!("{:.11e}", 1.0 / (1 + number) as f64);
        format!(
            " {row:>9}{name:<12}{area:>24.15}{ratio:>19}{flag}202{exponent}01{:02}{:\0<261}",
            number % 28,
            format!("text {number}"),
        )
        .into_bytes()
    });
    // A letter of two bytes makes a record longer than it should be: all that follow are out of place.
    rows.flatten().collect()
}

#[test]
fn tables_come_back() {
    for count in [0, 1, 2, 50] {
        let whole = [header(), records(count), vec![26]].concat();
        round_trip(&whole, &[]);
        round_trip(&records(count), &header());
    }
}

#[test]
fn numbers_printed_with_too_many_digits_cost_what_they_say() {
    let rows = |digits: usize| -> Vec<u8> {
        let mut random = Random(4);
        let row = |random: &mut Random| format!(" {:>24.*}", digits, random.below(1000000) as f64 / 1000.0);
        (0..500).flat_map(|_| row(&mut random).into_bytes()).collect()
    };
    let mut header = header()[..65].to_vec();
    header[8..12].copy_from_slice(&[65, 0, 25, 0]);
    (header[32 + 16], header[64]) = (24, 13);
    let [short, long] = [3, 15].map(|digits| round_trip(&rows(digits), &header));
    assert!(long < short + 100, "{short} {long}");
}

#[test]
fn wide_fields_come_back() {
    let mut header = header()[..65].to_vec();
    header[8..12].copy_from_slice(&[65, 0, 0x21, 3]);
    (header[43], header[48], header[49], header[64]) = (b'C', 0x20, 3, 13);
    let texts = ["x".repeat(800), format!("{:>800}", 1.5), format!("{:>800.790}", 0.1), "7".repeat(700), String::new()];
    let records: Vec<u8> = texts.iter().flat_map(|text| format!(" {text:<800}").into_bytes()).collect();
    round_trip(&[header, records].concat(), &[]);
}

#[test]
fn altered_tables_come_back() {
    let mut random = Random(2);
    let whole = [header(), records(8)].concat();
    for _ in 0..60 {
        let mut altered = whole.clone();
        for _ in 0..3 {
            // The lengths of header and records stay; others have no such model.
            let at = 12 + random.below(altered.len() as u64 - 12) as usize;
            altered[at] = [0, 13, 32, 45, 46, 48, 57, 255][random.below(8) as usize];
        }
        round_trip(&altered, &[]);
    }
    for bad in [&[][..], &[3; 11], &whole[..40]] {
        assert!(Table::encode(bad, &[0]).is_err());
    }
}

#[test]
fn altered_payloads_are_damage_or_of_the_right_length() {
    let mut random = Random(3);
    let whole = [header(), records(40)].concat();
    let payload = Table::encode(&whole, &[0]).unwrap();
    for round in 0..150 {
        let mut altered = payload.clone();
        let at = random.below(altered.len() as u64) as usize;
        altered[at] ^= 1 + random.below(255) as u8;
        if round % 4 == 0 {
            altered.truncate(at);
        }
        if let Ok(output) = Table::decode(&altered, &[], whole.len()) {
            assert_eq!(output.len(), whole.len());
        }
    }
    assert!(Table::decode(&payload, &[1, 2, 3], whole.len()).is_err());
}
