//! What both models promise, on small inputs of every kind.

use crate::{Columns, Effort, Kind, Structured};
use abi::{Fault, Model};

fn noise(seed: u64, length: usize, alphabet: u64) -> Vec<u8> {
    let mut x = seed;
    let mut next = || {
        x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (x >> 33) % alphabet
    };
    (0..length).map(|_| next() as u8).collect()
}

fn log() -> Vec<u8> {
    (0..300)
        .map(|i| {
            format!(
                "Jan  {} 10:0{}:{:02}.{:03} host app[{}]: task_{i} \"done in\" {}.{} ms 0x{:08x}\r\n",
                i / 100 + 1,
                i / 60,
                i % 60,
                i * 7 % 1000,
                77 + i % 3,
                i * i % 97,
                i % 10,
                i * 91
            )
        })
        .collect::<String>()
        .into_bytes()
}

fn json() -> Vec<u8> {
    (0..200)
        .map(|i| {
            format!(
                "{{\"id\":\"{:024x}\",\"at\":\"2026-01-02T03:{:02}:{:02}Z\",\"tags\":[{i},\"x\\\"y\",null],\"v\":-{}.5e3}}\n",
                0x55f14312c7447c3du128 + i,
                i / 60,
                i % 60,
                i % 7
            )
        })
        .collect::<String>()
        .into_bytes()
}

fn sql() -> Vec<u8> {
    let rows: String = (0..200).map(|i| format!("({i},'It''s {}',NULL,{}.99),", i % 9, i % 4)).collect();
    let copied: String =
        (0..100).map(|i| format!("{i}\tname {i}\t\\N\t{:08x}-0001-4abc-9def-{:012X}\n", i, i * 3)).collect();
    format!("INSERT INTO `t` VALUES {rows}(0,'',1,2);\nCOPY u (a, b) FROM stdin;\n{copied}\\.\n").into_bytes()
}

fn bson() -> Vec<u8> {
    (0..100u32)
        .flat_map(|i| {
            let mut document = vec![0, 0, 0, 0, 0x10, b'n', 0];
            document.extend_from_slice(&i.to_le_bytes());
            document.extend_from_slice(b"\x01d\0");
            document.extend_from_slice(&(i as f64 / 10.0).to_le_bytes());
            document.push(0);
            document[0] = document.len() as u8;
            document
        })
        .collect()
}

/// Two counters that move at random from record to record: both by the same steps, or each by its own.
fn counters(together: bool) -> Vec<u8> {
    let steps = noise(5, 1200, 90);
    let (mut first, mut second) = (1_000_000, 70_000_000);
    let mut record = |steps: &[u8]| {
        first += steps[0] as u32;
        second += steps[!together as usize] as u32;
        format!("{{\"sent\":{first},\"total\":{second}}}\n")
    };
    steps.chunks_exact(2).map(&mut record).collect::<String>().into_bytes()
}

#[test]
fn numbers_that_move_together_cost_little_more_than_one() {
    let size = |together| Structured::encode(&counters(together), &[0]).ok().unwrap().len();
    assert!(size(true) * 10 < size(false) * 8, "{} {}", size(true), size(false));
}

fn samples() -> Vec<Vec<u8>> {
    let wide: Vec<u8> = sql().iter().flat_map(|&byte| [byte, 0]).chain([1]).collect();
    let mut strange = log();
    strange.iter_mut().step_by(97).for_each(|byte| *byte %= 6);
    let carriage: Vec<u8> = log().into_iter().filter(|&byte| byte != b'\n').collect();
    let mut samples = vec![
        vec![],
        vec![0],
        b"\n\n".to_vec(),
        vec![3, 4, b'\n', 4],
        log(),
        json(),
        sql(),
        bson(),
        wide,
        strange,
        carriage,
        noise(1, 4000, 256),
        noise(2, 4000, 5),
        [b"\xff\xfe".to_vec(), vec![b'a'; 30000]].concat(),
    ];
    // What nearly is a number.
    for odd in
        ["12.", "12:34:56x", "12:34:56,", "1.2.3", ".5", "00", "007", "12:61:00", "0.50", "99999999999999999999"]
    {
        samples.push(format!("{odd}\t{odd}\n").repeat(9).into_bytes());
        samples.push(format!("{{\"a\":\"{odd}\"}}\n").repeat(9).into_bytes());
    }
    let cut: Vec<Vec<u8>> = samples[4..8].iter().map(|sample| sample[..sample.len() - 9].to_vec()).collect();
    samples.extend(cut);
    samples
}

#[test]
fn everything_comes_back() {
    for input in samples() {
        for effort in [0, 1] {
            let coded = Structured::encode(&input, &[effort]).unwrap();
            assert!(Structured::decode(&coded, &[effort], input.len()).as_ref() == Ok(&input));
        }
        for style in [0, 1] {
            let rewritten = Columns::encode(&input, &[style]).unwrap();
            assert!(Columns::decode(&rewritten, &[], input.len()).as_ref() == Ok(&input));
        }
    }
}

#[test]
fn every_kind_takes_everything() {
    for input in samples().into_iter().take(14) {
        for kind in [Kind::Lines, Kind::Sql, Kind::Wide, Kind::Bson, Kind::Returns] {
            let coded = Effort::Light.encode_as(kind, &input);
            assert!(Structured::decode(&coded, &[1], input.len()).as_ref() == Ok(&input), "{kind:?}");
        }
    }
}

#[test]
fn wrong_parameters_are_refused() {
    for params in [&[][..], &[2], &[0, 0]] {
        assert_eq!(Structured::encode(b"a", params), Err(Fault::Unsupported));
        assert_eq!(Structured::decode(&[0, 1, 2], params, 1), Err(Fault::Damaged));
    }
}

#[test]
fn structure_is_used() {
    let size = |input: &[u8]| Structured::encode(input, &[0]).unwrap().len();
    assert!(size(&log()) < 1500, "{}", size(&log()));
    assert!(size(&json()) < 700, "{}", size(&json()));
    assert!(size(&sql()) < 1000, "{}", size(&sql()));
    assert!(size(&bson()) < 300, "{}", size(&bson()));
}

/// The same lines with a number that follows from others, and with one that does not.
fn sizes_with_and_without(line: impl Fn(i64, i64) -> String) -> [usize; 2] {
    let chance: Vec<i64> =
        noise(3, 600, 251).chunks_exact(2).map(|two| two[0] as i64 * 251 + two[1] as i64).collect();
    let lines = |other: fn(usize) -> usize| {
        let lines = (0..chance.len()).map(|i| line(chance[i], chance[other(i) % chance.len()]));
        Structured::encode(lines.collect::<String>().as_bytes(), &[0]).unwrap().len()
    };
    [lines(|i| i), lines(|i| i * 7 + 3)]
}

#[test]
fn a_time_of_day_follows_from_seconds() {
    let [told, untold] = sizes_with_and_without(|second, other| {
        let of_day = (1131566461 + other - 5 * 3600) % 86400;
        let (hour, minute) = (of_day / 3600, of_day / 60 % 60);
        format!("- {} 2005.11.09 dn228 {hour:02}:{minute:02}:{:02} up\n", 1131566461 + second, of_day % 60)
    });
    assert!(told + 300 < untold, "{told} {untold}");
}

#[test]
fn an_end_follows_from_a_beginning_and_a_duration() {
    let [told, untold] = sizes_with_and_without(|tenths, other| {
        let (begun, ended) = (9_000_000 + tenths * 131, 9_000_000 + tenths * 131 + other);
        let [begun, took, ended] = [begun, tenths, ended].map(|tenths| format!("{}.{}", tenths / 10, tenths % 10));
        format!("begun {begun}\n took {took}\n ended {ended}\n")
    });
    assert!(told + 300 < untold, "{told} {untold}");
}

#[test]
fn a_number_that_is_the_change_of_another_costs_little() {
    let mut total = 1000;
    let mut lines = |tells: bool| {
        let chance = noise(4, 800, 251);
        let line = |two: &[u8]| {
            let change = two[0] as i64 * 251 + two[1] as i64;
            total += change;
            let told = if tells { change } else { two[1] as i64 * 251 + two[0] as i64 };
            format!("vacuum of table accounts\n\tnew xid: {total}, which is {told} ahead\n")
        };
        let text: String = chance.chunks_exact(2).map(line).collect();
        Structured::encode(text.as_bytes(), &[0]).unwrap().len()
    };
    assert!(lines(true) + 400 < lines(false));
}

#[test]
fn indented_lines_belong_to_the_line_above_them() {
    let (sizes, scans) = (noise(5, 20, 251), noise(7, 400, 251));
    let records = noise(6, 400, 20).into_iter().zip(scans).map(|(table, scans)| {
        let name = String::from_utf8(vec![b'a' + table; 6]).unwrap();
        format!("vacuum of {name}\n\tindex scans: {scans}\n\tpages: 1{}\n", sizes[table as usize])
    });
    let size = Structured::encode(records.collect::<String>().as_bytes(), &[0]).unwrap().len();
    assert!(size < 850, "{size}");
}

#[test]
fn the_longest_numbers_are_harmless() {
    let longest =
        ["999999999999999", "100000000000000", "99999999999999999", "000000000000000", "1", "9223372036854775807"];
    let lines: String = (0..600)
        .map(|i| {
            let [a, b, c] = [i, i * 5 + 1, i / 6].map(|which: usize| longest[which % longest.len()]);
            format!("{a}.{b} {b} 23:59:59.{c} {c}.{a} 00:00:0{} {b}:{c}\n", i % 10)
        })
        .collect();
    let coded = Structured::encode(lines.as_bytes(), &[0]).unwrap();
    assert!(Structured::decode(&coded, &[0], lines.len()).unwrap() == lines.as_bytes());
}

/// Lines of access logs and of JSON in the usual formats, which no primer has word for word.
#[test]
fn usual_formats_cost_little_from_the_first_line_on() {
    let access = b"203.0.113.77 - - [05/Nov/2023:17:02:41 +0000] \"GET /shop/cart.html HTTP/1.1\" 200 7312 \"-\" \
        \"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36\"\n";
    let json = b"{\"timestamp\":\"2023-11-05T17:02:41.118Z\",\"level\":\"ERROR\",\"message\":\"no route\",\"status\":502}\n";
    for line in [&access[..], json] {
        let sizes = [0, 1].map(|effort| Structured::encode(line, &[effort]).unwrap().len());
        assert!(sizes[0] * 2 < sizes[1], "{sizes:?}");
    }
}

/// Engines are copied, so what one input teaches must not reach the next.
#[test]
fn inputs_are_coded_alike_whatever_came_before_them() {
    let first = Structured::encode(&log(), &[0]).unwrap();
    Structured::encode(&json(), &[0]).unwrap();
    assert_eq!(Structured::encode(&log(), &[0]).unwrap(), first);
    let elsewhere = std::thread::spawn(|| Structured::encode(&log(), &[0]).unwrap()).join().unwrap();
    assert_eq!(elsewhere, first);
}

#[test]
fn carriage_returns_end_lines_as_well() {
    let returned: Vec<u8> = log()
        .into_iter()
        .filter(|byte| *byte != b'\r')
        .map(|byte| if byte == b'\n' { b'\r' } else { byte })
        .collect();
    let fed: Vec<u8> = log().into_iter().filter(|byte| *byte != b'\r').collect();
    let size = |input: &[u8]| Structured::encode(input, &[0]).unwrap().len();
    assert!(size(&returned) <= size(&fed) + 2);
    let rewritten = |input: &[u8]| Columns::encode(input, &[1]).unwrap().len();
    assert_eq!(rewritten(&returned), rewritten(&fed));
}

#[test]
fn damage_is_told_or_gives_the_right_length() {
    for input in samples().into_iter().take(14) {
        let coded = Structured::encode(&input, &[1]).unwrap();
        let rewritten = Columns::encode(&input, &[0]).unwrap();
        for round in 0..60u64 {
            let damage = |bytes: &[u8]| {
                let hits = noise(round, 4, 256);
                let mut broken = bytes.to_vec();
                let at = (hits[0] as usize * 256 + hits[1] as usize) % broken.len();
                broken[at] ^= hits[2] | 1;
                if round % 3 == 0 {
                    broken.truncate(at);
                }
                broken
            };
            // Coded bytes are all alike, so few rounds do.
            if round < 8 {
                if let Ok(output) = Structured::decode(&damage(&coded), &[1], input.len()) {
                    assert_eq!(output.len(), input.len());
                }
            }
            if let Ok(output) = Columns::decode(&damage(&rewritten), &[], input.len()) {
                assert_eq!(output.len(), input.len());
            }
        }
    }
}
