//! Codes Group 4 pictures and says how well: `faxes COLUMNS FILE...`

use abi::Model;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let columns: u32 = arguments.next().and_then(|text| text.parse().ok()).expect("a width");
    let params = [&columns.to_le_bytes()[..], &[0]].concat();
    for path in arguments {
        let raw = std::fs::read(&path).expect("a readable file");
        let start = std::time::Instant::now();
        let coded = pictures::Ccitt::encode(&raw, &params).expect("codable");
        println!("{:>9} {:>8} kind {} {:?} {path}", raw.len(), coded.len(), coded[0], start.elapsed());
        assert!(pictures::Ccitt::decode(&coded, &params, raw.len()).as_deref() == Ok(&raw));
    }
}
