//! Codes leaves of plans and says how well and how fast: `measure [--decode] FILE...`, where beside each `X.bin` its
//! parameters are in `X.par`.

use abi::Model;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let decode = arguments.iter().any(|argument| argument == "--decode");
    arguments.retain(|argument| !argument.starts_with("--"));
    let mut total = 0;
    for path in &arguments {
        let raw = std::fs::read(path).expect("a readable file");
        let params = std::fs::read(path.replace(".bin", ".par")).expect("its parameters");
        let start = cpu_seconds();
        let coded = tensors::Tensor::encode(&raw, &params).expect("codable");
        let speed = raw.len() as f64 / 1e6 / (cpu_seconds() - start);
        let name = path.rsplit('/').next().expect("a name");
        print!("{name:<34} {:>9} {:>8} {speed:6.2} MB/s", raw.len(), coded.len());
        if decode {
            let start = cpu_seconds();
            let back = tensors::Tensor::decode(&coded, &params, raw.len()).expect("decodable");
            assert!(back == raw, "{path} does not come back");
            print!(", {:.2} decoding", raw.len() as f64 / 1e6 / (cpu_seconds() - start));
        }
        println!();
        total += coded.len();
    }
    println!("{total:>8} in all");
}

/// Processor time of this thread, as the kernel counts it; 0 where it does not say.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
