//! Codes files and says how well and how fast: `measure-mail [--light] FILE...`

use abi::Model;

fn main() {
    let (mut raw_total, mut total) = (0, 0);
    let light = std::env::args().any(|argument| argument == "--light");
    let encode = if light { mailing::LightMailText::encode } else { mailing::MailText::encode };
    for path in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        let raw = std::fs::read(&path).expect("a readable file");
        let start = cpu_seconds();
        let coded = encode(&raw, &[]).expect("codable");
        let speed = raw.len() as f64 / 1e6 / (cpu_seconds() - start);
        println!("{:>9} {:>8} {speed:6.2} MB/s {path}", raw.len(), coded.len());
        raw_total += raw.len();
        total += coded.len();
    }
    println!("{raw_total:>9} {total:>8} in all");
}

/// Processor time of this thread, as the kernel counts it; 0 where it does not say.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
