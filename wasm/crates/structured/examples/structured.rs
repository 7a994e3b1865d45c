//! Codes files and says how well and how fast: `structured [--light] [--decode] FILE...`

use abi::Model;
use structured::Structured;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let decode = arguments.iter().any(|argument| argument == "--decode");
    let effort = [arguments.iter().any(|argument| argument == "--light") as u8];
    let (mut raw_total, mut total, mut time) = (0, 0, 0.0);
    for path in arguments.iter().filter(|argument| !argument.starts_with("--")) {
        let raw = std::fs::read(path).expect("a readable file");
        let start = cpu_seconds();
        let coded = Structured::encode(&raw, &effort).expect("codable");
        let seconds = cpu_seconds() - start;
        let speed = raw.len() as f64 / 1e6 / seconds;
        println!("{:>9} {:>8} {speed:6.2} MB/s {path}", raw.len(), coded.len());
        if decode {
            let start = cpu_seconds();
            let back = Structured::decode(&coded, &effort, raw.len()).expect("decodable");
            assert!(back == raw, "{path} does not come back");
            println!("{:>25.2} MB/s decoding", raw.len() as f64 / 1e6 / (cpu_seconds() - start));
        }
        raw_total += raw.len();
        total += coded.len();
        time += seconds;
    }
    println!("{raw_total:>9} {total:>8} {:6.2} MB/s in all", raw_total as f64 / 1e6 / time);
}

/// Processor time of this thread, as the kernel counts it; 0 where it does not say.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
