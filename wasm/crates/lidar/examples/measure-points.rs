//! Codes the points of LAS files and says how well and how fast: `measure-points EFFORT FILE...`; what comes back is
//! compared.

use abi::Model;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let effort: u8 = arguments[0].parse().expect("an effort, 0 to 2");
    let (mut raw_total, mut total, mut seconds_in, mut seconds_out) = (0, 0, 0.0, 0.0);
    for path in &arguments[1..] {
        let raw = std::fs::read(path).expect("a readable file");
        let Some((points, format, record_bytes)) = points(&raw) else { continue };
        let params = [format, record_bytes as u8, (record_bytes >> 8) as u8];
        let start = cpu_seconds();
        let coded = lidar::Points::encode(points, &[&params[..], &[effort]].concat()).expect("codable");
        let middle = cpu_seconds();
        let back = lidar::Points::decode(&coded, &params, points.len());
        let end = cpu_seconds();
        assert!(back.as_deref() == Ok(points), "{path} does not come back");
        let speed = |seconds: f64| points.len() as f64 / 1e6 / seconds;
        println!(
            "{:>9} {:>8} {:6.1} MB/s, {:6.1} MB/s decoding {path}",
            points.len(), coded.len(), speed(middle - start), speed(end - middle)
        );
        raw_total += points.len();
        total += coded.len();
        seconds_in += middle - start;
        seconds_out += end - middle;
    }
    let speed = |seconds: f64| raw_total as f64 / 1e6 / seconds;
    println!("{raw_total:>9} {total:>8} {:6.1} MB/s, {:6.1} MB/s decoding, in all", speed(seconds_in), speed(seconds_out));
}

/// The records, their format and length.
fn points(raw: &[u8]) -> Option<(&[u8], u8, usize)> {
    let number = |at: usize| raw.get(at..at + 4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize);
    let (start, format, record_bytes) = (number(96)?, *raw.get(104)?, number(105)? & 0xffff);
    let count = (raw.len().checked_sub(start)? / record_bytes).min(if raw[25] >= 4 { number(247)? } else { number(107)? });
    (raw.starts_with(b"LASF") && format <= 10).then(|| (&raw[start..start + count * record_bytes], format, record_bytes))
}

/// Processor time of this thread, as the kernel counts it; 0 where it does not say.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
