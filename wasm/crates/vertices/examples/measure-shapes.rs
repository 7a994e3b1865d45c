//! Codes files and says how well and how fast: `measure-shapes [--light] FILE...`; every file is decoded and compared.

use abi::Model;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let effort = !arguments.iter().any(|argument| argument == "--light") as u8;
    let (mut raw_total, mut total) = (0, 0);
    for path in arguments.iter().filter(|argument| !argument.starts_with("--")) {
        let raw = std::fs::read(path).expect("a readable file");
        let start = cpu_seconds();
        type Functions = (fn(&[u8], &[u8]) -> Result<Vec<u8>, abi::Fault>, fn(&[u8], &[u8], usize) -> Result<Vec<u8>, abi::Fault>);
        let (encode, decode): Functions = match path.rsplit('.').next() {
            Some("dbf") => (vertices::Table::encode, vertices::Table::decode),
            _ => (vertices::Shapes::encode, vertices::Shapes::decode),
        };
        let coded = encode(&raw, &[effort]).expect("codable");
        let middle = cpu_seconds();
        let back = decode(&coded, &[], raw.len());
        let end = cpu_seconds();
        assert!(back.as_deref() == Ok(&raw[..]), "{path} does not come back");
        let speed = |seconds: f64| raw.len() as f64 / 1e6 / seconds;
        println!(
            "{:>9} {:>8} {:6.2} MB/s, {:6.2} MB/s decoding {path}",
            raw.len(), coded.len(), speed(middle - start), speed(end - middle)
        );
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
