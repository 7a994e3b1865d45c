use super::*;
use abi::Model as _;

/// Numbers that a seed determines.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

fn round_trip(file: &[u8]) -> usize {
    let lengths = [0, 1].map(|effort| {
        let payload = Shapes::encode(file, &[effort]).unwrap();
        let decoded = Shapes::decode(&payload, &[], file.len());
        assert!(decoded.as_deref() == Ok(file), "effort {effort}, {} bytes", file.len());
        payload.len()
    });
    lengths[1]
}

/// A grid of square areas that share their sides, with every shape type's fields; `place` makes numbers of integers.
fn file(shape_type: i32, count: usize, place: impl Fn(i64) -> f64) -> Vec<u8> {
    let mut random = Random(shape_type as u64);
    let mut records = Vec::new();
    for number in 0..count {
        let content = content(shape_type, number, &place, &mut random);
        records.extend_from_slice(&(number as i32 + 1).to_be_bytes());
        records.extend_from_slice(&(content.len() as i32 / 2).to_be_bytes());
        records.extend(content);
    }
    let mut file = vec![0; 100];
    file[..4].copy_from_slice(&9994i32.to_be_bytes());
    file[24..28].copy_from_slice(&((100 + records.len()) as i32 / 2).to_be_bytes());
    file[28..32].copy_from_slice(&1000i32.to_le_bytes());
    file[32..36].copy_from_slice(&shape_type.to_le_bytes());
    [file, records].concat()
}

fn content(shape_type: i32, number: usize, place: &impl Fn(i64) -> f64, random: &mut Random) -> Vec<u8> {
    let (column, row) = (number as i64 % 9, number as i64 / 9);
    let corner = |x: i64, y: i64| {
        let bent = (x * 7919 + y * 104729) % 300;
        [place((column + x) * 1000 + bent), place((row + y) * 1000 - bent)]
    };
    let many = !matches!(shape_type, 0 | 1 | 11 | 21);
    let parts = matches!(shape_type, 3 | 5 | 13 | 15 | 23 | 25 | 31);
    let points = match (shape_type, many) {
        (0, _) => vec![],
        (_, false) => vec![corner(0, 0)],
        _ => [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)].map(|(x, y)| corner(x, y)).to_vec(),
    };
    let mut out = shape_type.to_le_bytes().to_vec();
    let doubles = |out: &mut Vec<u8>, values: &[f64]| values.iter().for_each(|v| out.extend(v.to_le_bytes()));
    let end = |axis: usize, least: bool| {
        points.iter().map(|point| point[axis]).reduce(if least { f64::min } else { f64::max }).unwrap_or(0.0)
    };
    if many {
        doubles(&mut out, &[end(0, true), end(1, true), end(0, false), end(1, false)]);
        if parts {
            out.extend(2i32.to_le_bytes());
        }
        out.extend((points.len() as i32).to_le_bytes());
        if parts {
            out.extend([0i32, 2].map(i32::to_le_bytes).concat());
        }
        if shape_type == 31 {
            out.extend([0i32, 5].map(i32::to_le_bytes).concat());
        }
    }
    doubles(&mut out, &points.concat());
    let with_z = matches!(shape_type, 11 | 13 | 15 | 18 | 31);
    let with_m = shape_type / 10 == 2 || with_z && number % 2 == 0;
    for column in [with_z, with_m].into_iter().filter(|there| *there) {
        let values: Vec<f64> = points
            .iter()
            .map(|_| if column && random.below(5) == 0 { -1e39 } else { random.below(100) as f64 / 4.0 })
            .collect();
        if many {
            doubles(&mut out, &[0.0, 24.75]);
        }
        doubles(&mut out, &values);
    }
    out
}

const TYPES: [i32; 14] = [0, 1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28, 31];

#[test]
fn every_type_comes_back() {
    for shape_type in TYPES {
        for count in [0, 1, 30] {
            round_trip(&file(shape_type, count, |units| units as f64 / 1e6));
        }
    }
}

#[test]
fn every_kind_of_number_comes_back() {
    let places: [fn(i64) -> f64; 9] = [
        |units| (units as f64 / 1e4 + 5120900.0) - 5120900.0,
        |units| units as f64,
        |units| (units as f64 / 1e3) as f32 as f64,
        |units| (units as f64 / 3600.0 * 1e5).round() / 1e5,
        |units| (units as f64 / 977.0).sqrt() - 1.5,
        |units| f64::from_bits((units as f64 / 100.0).to_bits() + units as u64 % 3),
        |units| units as f64 * 1e300,
        |units| [f64::NAN, -0.0, f64::INFINITY, 0.0, 5e-324, -1e308][units as usize % 6],
        |units| -(units as f64) / 1024.0,
    ];
    for place in places {
        round_trip(&file(5, 60, place));
        round_trip(&file(15, 20, place));
    }
}

#[test]
fn shared_borders_and_lattices_are_used() {
    let decimal = round_trip(&file(5, 400, |units| units as f64 / 1e6));
    assert!(decimal < 400 * 15, "{decimal}");
    let between = round_trip(&file(5, 400, |units| (units as f64 / 977.0).sqrt()));
    assert!(between < 400 * 40, "{between}");
    let stored = round_trip(&file(5, 400, |units| ((units as f64 + 31e9) / 1e4) - 31e5));
    assert!(stored < 400 * 4, "{stored}");
}

#[test]
fn what_is_no_record_comes_back() {
    let whole = file(13, 8, |units| units as f64 / 100.0);
    for cut in (0..whole.len()).step_by(67).chain([1, 35, 36, 99, 100, 104, 107, 108, 109, 111, 112]) {
        round_trip(&whole[..cut]);
        round_trip(&whole[cut..]);
    }
    round_trip(&[whole.clone(), whole].concat());
}

#[test]
fn altered_files_come_back() {
    let mut random = Random(7);
    for shape_type in [5, 18, 31] {
        let whole = file(shape_type, 6, |units| units as f64 / 100.0);
        for _ in 0..40 {
            let mut altered = whole.clone();
            let at = random.below(altered.len() as u64 / 4) as usize * 4;
            let lie = [-1, i32::MAX, i32::MIN, 0, 3, 1 << 27, 0x0100_0000][random.below(7) as usize];
            altered[at..at + 4].copy_from_slice(&lie.to_le_bytes());
            round_trip(&altered);
        }
    }
}

#[test]
fn altered_payloads_are_damage_or_of_the_right_length() {
    let mut random = Random(3);
    for shape_type in TYPES {
        let whole = file(shape_type, 12, |units| (units as f64 / 977.0).sqrt());
        let payload = Shapes::encode(&whole, &[0]).unwrap();
        for round in 0..30 {
            let mut altered = payload.clone();
            let at = random.below(altered.len() as u64) as usize;
            altered[at] ^= 1 + random.below(255) as u8;
            if round % 4 == 0 {
                altered.truncate(at);
            }
            if let Ok(output) = Shapes::decode(&altered, &[], whole.len()) {
                assert_eq!(output.len(), whole.len());
            }
        }
        assert!(Shapes::decode(&[&payload[..], &[0; 5]].concat(), &[], whole.len()).is_err());
    }
}

fn index(entries: usize) -> Vec<u8> {
    let mut place = 50;
    let mut out = file(5, 0, |_| 0.0);
    for entry in 0..entries as i32 {
        let length = 64 + 8 * (entry * entry % 7);
        out.extend(i32::to_be_bytes(place));
        out.extend(i32::to_be_bytes(length));
        place += length + 4;
    }
    out
}

#[test]
fn indexes_come_back() {
    let whole = index(300);
    for cut in [0, 1, 99, 100, 101, 107, 108, 116, 500, whole.len()] {
        round_trip(&whole[..cut]);
    }
    let mut random = Random(1);
    for _ in 0..40 {
        let mut altered = whole.clone();
        altered[random.below(whole.len() as u64) as usize] ^= 1 + random.below(255) as u8;
        let mut payload = Shapes::encode(&altered, &[0]).unwrap();
        assert!(Shapes::decode(&payload, &[], whole.len()) == Ok(altered));
        let at = random.below(payload.len() as u64) as usize;
        payload[at] ^= 1 + random.below(255) as u8;
        let _ = Shapes::decode(&payload, &[], whole.len());
    }
}
