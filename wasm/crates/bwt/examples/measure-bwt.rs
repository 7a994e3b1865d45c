//! Codes files and says how well and how fast: `measure-bwt [--light] [--decode] [--write] FILE...`; `--write` keeps the
//! payloads as `FILE.bwt`, those of `--light` as `FILE.bwt-light`.

use abi::Model;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--light") {
        measure::<bwt::BwtLight>(&arguments, "bwt-light");
    } else {
        measure::<bwt::Bwt>(&arguments, "bwt");
    }
}

fn measure<M: Model>(arguments: &[String], suffix: &str) {
    let decode = arguments.iter().any(|argument| argument == "--decode");
    let write = arguments.iter().any(|argument| argument == "--write");
    let (mut raw_total, mut total) = (0, 0);
    for path in arguments.iter().filter(|argument| !argument.starts_with("--")) {
        let raw = std::fs::read(path).expect("a readable file");
        let start = cpu_seconds();
        let coded = M::encode(&raw, &[]).expect("codable");
        let seconds = cpu_seconds() - start;
        let speed = raw.len() as f64 / 1e6 / seconds;
        println!("{:>9} {:>8} {speed:6.2} MB/s {path}", raw.len(), coded.len());
        if write {
            std::fs::write(format!("{path}.{suffix}"), &coded).expect("a writable folder");
        }
        if decode {
            let start = cpu_seconds();
            let back = M::decode(&coded, &[], raw.len()).expect("decodable");
            assert!(back == raw, "{path} does not come back");
            println!("{:>25.2} MB/s decoding", raw.len() as f64 / 1e6 / (cpu_seconds() - start));
        }
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
