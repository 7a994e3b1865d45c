//! Rewrites files as columns, puts them back, and says what block sorting makes of both: `columns [--out FOLDER] FILE...`

use abi::Model;
use structured::Columns;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = match arguments.first().map(String::as_str) {
        Some("--out") => arguments.drain(..2).nth(1),
        _ => None,
    };
    let (mut total, mut time, mut best, mut raw_total) = ([0; 3], [0.0; 4], 0, 0);
    for path in &arguments {
        let raw = std::fs::read(path).expect("a readable file");
        let mut clock = cpu_seconds();
        let mut lap = |index: usize| {
            let now = cpu_seconds();
            time[index] += now - std::mem::replace(&mut clock, now);
        };
        let [columns, words] = [0, 1].map(|style| Columns::encode(&raw, &[style]).expect("codable"));
        let sizes = [&columns, &words].map(|columns| bwt::Bwt::encode(columns, &[]).expect("codable").len());
        let columns = if sizes[0] <= sizes[1] { columns } else { words };
        lap(0);
        let back = Columns::decode(&columns, &[], raw.len()).expect("decodable");
        lap(1);
        assert!(back == raw, "{path} does not come back");
        let plain = bwt::Bwt::encode(&raw, &[]).expect("codable").len();
        lap(2);
        let sorted = bwt::Bwt::encode(&columns, &[]).expect("codable").len();
        lap(3);
        println!("{:>9} {:>9} plain {plain:>8} columns {sorted:>8} {sizes:?} {path}", raw.len(), columns.len());
        for (sum, size) in total.iter_mut().zip([columns.len(), plain, sorted]) {
            *sum += size;
        }
        best += plain.min(sorted);
        raw_total += raw.len();
        if let Some(folder) = &folder {
            let name = path.rsplit('/').next().unwrap_or(path);
            std::fs::write(format!("{folder}/{name}"), &columns).expect("a writable folder");
        }
    }
    println!("{raw_total} columns, plain, sorted {total:?}, best {best}");
    let speeds = time.map(|seconds| raw_total as f64 / 1e6 / seconds);
    println!("MB/s of raw: rewriting, putting back, sorting, sorting columns {speeds:.1?}");
}

/// Processor time of this thread, as the kernel counts it; 0 where it does not say.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
