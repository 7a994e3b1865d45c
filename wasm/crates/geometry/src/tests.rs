use crate::Geometry;
use abi::Model;

fn check(text: &[u8]) -> Vec<Vec<u8>> {
    [0, 1].map(|effort| check_with(effort, text)).into()
}

fn check_with(effort: u8, text: &[u8]) -> Vec<u8> {
    let payload = Geometry::encode(text, &[effort]).expect("codable");
    let back = Geometry::decode(&payload, &[], text.len()).expect("decodable");
    assert!(back == text, "{}", String::from_utf8_lossy(&text[..text.len().min(300)]));
    payload
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

/// A layer of polygons, all of whose positions stand twice: once in each direction.
fn layer(write: &dyn Fn(f64) -> String, join: &str, dimensions: usize) -> String {
    let mut random = Random(7);
    let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[\n");
    for feature in 0..20 {
        let mut ring = Vec::new();
        let (mut x, mut y) = (13.0 + feature as f64 * 0.7, 52.4);
        for _ in 0..60 {
            x += random.below(1000) as f64 * 1.37e-5;
            y += random.below(1000) as f64 * 1.91e-5 - 0.009;
            let axes = [x, y, y * 3.0];
            let numbers: Vec<String> = axes[..dimensions].iter().map(|value| write(*value)).collect();
            ring.push(format!("[{}]", numbers.join(join)));
        }
        ring.push(ring[0].clone());
        let forth = ring.join(",");
        ring.reverse();
        text += &format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"id\":{feature}}},\"geometry\":{{\"type\":\"Polygon\",\
             \"coordinates\":[[{forth}],[{}]]}}}},\n",
            ring.join(", ")
        );
    }
    text + "]}\n"
}

fn trimmed(text: String) -> String {
    text.trim_end_matches('0').to_string()
}

#[test]
fn every_way_of_writing_numbers_comes_back_smaller() {
    let float = |value: f64| value as f32 as f64;
    let writers: [(&dyn Fn(f64) -> String, usize); 8] = [
        (&|value| format!("{value:.6}"), 6),
        (&|value| trimmed(format!("{value:.6}")), 6),
        (&|value| trimmed(format!("{value:.15}")), 4),
        (&|value| format!("{value}"), 4),
        (&|value| trimmed(format!("{:.15}", float(value))), 6),
        (&|value| format!("{}", float(value)), 6),
        (&|value| format!("{}", value as i64), 20),
        (&|value| format!("{value:e}"), 1),
    ];
    for (write, factor) in writers {
        for (join, dimensions) in [(",", 2), (", ", 3)] {
            let text = layer(write, join, dimensions);
            for payload in check(text.as_bytes()) {
                assert!(payload.len() * factor < text.len(), "{} of {}: {}", payload.len(), text.len(), &text[..200]);
            }
        }
    }
}

/// Whole millimetres on the plane of web maps, as degrees with 15 decimals or as doubles are printed.
#[test]
fn a_survey_on_a_plane_takes_few_bytes() {
    const RADIUS: f64 = 6378137.0;
    for print in [|value: f64| trimmed(format!("{value:.15}")), |value: f64| format!("{value}")] {
        let mut random = Random(5);
        let (mut east, mut north) = (-8575000.0, 4706000.0);
        let mut text = String::from("{\"coordinates\":[");
        for at in 0..2000 {
            east += (random.below(4000) as f64 - 2000.0) / 1000.0;
            north += (random.below(4000) as f64 - 2000.0) / 1000.0;
            let longitude: f64 = (east * 1000.0f64).round() / 1000.0 / RADIUS;
            let latitude: f64 = ((north * 1000.0f64).round() / 1000.0 / RADIUS).sinh().atan();
            let join = if at > 0 { ",\n" } else { "" };
            text += &format!("{join}[{}, {}]", print(longitude.to_degrees()), print(latitude.to_degrees()));
        }
        for payload in check(text.as_bytes()) {
            assert!(payload.len() < 2000 * 5, "{}", payload.len());
        }
    }
}

#[test]
fn odd_texts_come_back() {
    let texts = [
        "",
        "{",
        "\"",
        "\"coordinates\"",
        "\"coordinates\":[",
        "\"coordinates\":[1",
        "\"coordinates\":[1,2",
        "\"coordinates\":[1,2]",
        "\"coordinates\":[1,2,3,4]",
        "\"coordinates\" : \r\n [ 1 ,\t2 ]",
        "{\"coordinates\":[[1,2],[3,4],[5 ,6],[7, 8],[9,10]]}",
        "{\"coordinates\":[[1,2,3],[3,4],[5,6],[7,8,9],[9,10]]}",
        "{\"coordinates\":[[-0,0],[-0.0,1e5],[1E-7,00012],[1.,2],[.5,3],[+1,2],[NaN,1]]}",
        "{\"coordinates\":[123456789012345678901234567890,1.123456789012345678901234567890]}",
        "{\"coordinates\":[123456789012345678901234567890123456789012345678901234567890,1]}",
        "{\"coordinates\":[\u{1},\u{2}],\"a\":\"\u{3}\u{1}\"}",
        "\u{1}\u{2}\u{3}[1,2]\u{2}",
        "\u{feff}{\"type\":\"Point\",\"coordinates\":[13.5,52.25]}",
        "\u{1e}{\"type\":\"Point\",\"coordinates\":[13.5,52.25]}\n\u{1e}{\"type\":\"Point\",\"coordinates\":[13.5,52.5]}\n",
        "{\"arcs\":[[[4,5],[0,-1],[1,0]]],\"coordinates\":[\"x\\\"\",[1,2]]}",
        "[1,2],[1,2],[1,2],[1,2]",
        "{\"coordinates\":[[1.5,2.5],[1.25,2.5],[1.5,2.5],[1.25,2.5],[1.5,2.5]]}",
        "{\"coordinates\":[9223372036854775807,-9223372036854775808],\"coordinates\":[4611686018427387903,0]}",
    ];
    for text in texts {
        check(text.as_bytes());
    }
}

#[test]
fn a_cut_anywhere_comes_back() {
    let text = layer(&|value| format!("{value:.7}"), ",", 2);
    for end in (0..250).chain(text.len() - 20..text.len()) {
        check_with(0, &text.as_bytes()[..end]);
        check_with(0, &text.as_bytes()[text.len() - end..]);
    }
}

#[test]
fn numbers_of_all_sizes_come_back() {
    let mut random = Random(3);
    for round in 0..40 {
        let mut text = String::from("\"coordinates\":[");
        for _ in 0..60 {
            let digits = 1 + random.below(1 + round % 20);
            let number: String = (0..digits).map(|_| char::from(b'0' + random.below(10) as u8)).collect();
            let decimals: String = (0..random.below(20)).map(|_| char::from(b'0' + random.below(10) as u8)).collect();
            let sign = if random.below(2) == 0 { "-" } else { "" };
            let point = if decimals.is_empty() { "" } else { "." };
            text += &format!("[{sign}{number}{point}{decimals},{}.{decimals}],", random.below(90));
        }
        check_with(0, text.as_bytes());
    }
}

#[test]
fn mutated_payloads_end_in_a_fault_or_the_right_length() {
    let text = layer(&|value| trimmed(format!("{value:.15}")), ",", 2);
    let mut random = Random(11);
    for payload in check(&text.as_bytes()[..20000]) {
        for _ in 0..60 {
            let mut mutated = payload.clone();
            for _ in 0..1 + random.below(3) {
                // The header is short and worth most of the tries.
                let limit = if random.below(2) == 0 { 60 } else { mutated.len() as u64 };
                let at = random.below(limit) as usize;
                mutated[at] ^= 1 << random.below(8);
            }
            if let Ok(back) = Geometry::decode(&mutated, &[], 20000) {
                assert_eq!(back.len(), 20000);
            }
        }
        for length in [0, 19999, 20001] {
            assert!(Geometry::decode(&payload, &[], length).is_err());
        }
        for end in (0..payload.len()).step_by(397) {
            assert!(Geometry::decode(&payload[..end], &[], 20000).is_err());
        }
    }
}
