//! Codes files and says how well and how fast: `geometry [--decode] [--low] FILE...`

use abi::Model;
use geometry::Geometry;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    let (mut raw_total, mut total, mut time) = (0, 0, 0.0);
    for path in arguments.iter().filter(|argument| !argument.starts_with("--")) {
        let raw = std::fs::read(path).expect("a readable file");
        let start = cpu_seconds();
        let coded = Geometry::encode(&raw, &[!has("--low") as u8]).expect("codable");
        let seconds = cpu_seconds() - start;
        let speed = raw.len() as f64 / 1e6 / seconds;
        let skeleton = skeleton_bytes(&coded);
        println!("{:>9} {:>8} (text {skeleton:>7}) {speed:6.2} MB/s {path}", raw.len(), coded.len());
        if has("--decode") {
            let start = cpu_seconds();
            let back = Geometry::decode(&coded, &[], raw.len()).expect("decodable");
            assert!(back == raw, "{path} does not come back");
            println!("{:>25.2} MB/s decoding", raw.len() as f64 / 1e6 / (cpu_seconds() - start));
        }
        raw_total += raw.len();
        total += coded.len();
        time += seconds;
    }
    println!("{raw_total:>9} {total:>8} {:6.2} MB/s in all", raw_total as f64 / 1e6 / time);
}

/// How long the coded skeleton is, as the payload's second number says.
fn skeleton_bytes(payload: &[u8]) -> u64 {
    let mut numbers = payload[1..].iter();
    let mut number = || {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = *numbers.next().unwrap_or(&0);
            value |= ((byte & 127) as u64) << shift;
            if byte < 128 {
                break;
            }
        }
        value
    };
    number();
    number()
}

/// Processor time of this thread, as the kernel counts it; 0 where it does not say.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
