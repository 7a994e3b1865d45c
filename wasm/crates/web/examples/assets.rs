//! Codes assets and says how well and how fast: `assets [--light] [--decode] [--pairs] FILE...`. With `--pairs` every
//! second file is coded behind the one before it, from which nothing is learnt with `--light`.

use abi::Model;
use web::{Web, WebDelta, WebLight, STUDIED};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    let paths: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let mut total = 0;
    if has("--pairs") {
        let studied = if has("--light") { 0 } else { STUDIED };
        for pair in paths.chunks_exact(2) {
            let params = [vec![dictionary(pair[1]) | studied], read(pair[0])].concat();
            total += measure::<WebDelta>(pair[1], &params, has("--decode"));
        }
    } else {
        for path in paths {
            let params = [dictionary(path)];
            total += match has("--light") {
                true => measure::<WebLight>(path, &params, has("--decode")),
                false => measure::<Web>(path, &params, has("--decode")),
            };
        }
    }
    println!("{total:>9} in all");
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(path).expect("a readable file")
}

fn dictionary(path: &str) -> u8 {
    match path.rsplit('.').next() {
        Some("css") => 2,
        Some("html") => 3,
        _ => 1,
    }
}

fn measure<M: Model>(path: &str, params: &[u8], decode: bool) -> usize {
    let raw = read(path);
    let start = cpu_seconds();
    let coded = M::encode(&raw, params).expect("codable");
    let speed = raw.len() as f64 / 1e6 / (cpu_seconds() - start);
    println!("{:>9} {:>8} {speed:6.2} MB/s {path}", raw.len(), coded.len());
    if decode {
        let start = cpu_seconds();
        let back = M::decode(&coded, params, raw.len()).expect("decodable");
        assert!(back == raw, "{path} does not come back");
        println!("{:>25.2} MB/s decoding", raw.len() as f64 / 1e6 / (cpu_seconds() - start));
    }
    coded.len()
}

/// Processor time of this thread, as the kernel counts it; 0 where it does not say.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
