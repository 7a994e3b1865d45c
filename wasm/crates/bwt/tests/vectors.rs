//! The committed vectors, which the tests of the host check with WebAssembly: one payload on every machine. They change
//! with the model only, by `measure-bwt --write`, with and without `--light`, on the inputs in `wasm/vectors`.

use abi::Model;
use std::fs;
use std::path::Path;

#[test]
fn payloads_are_those_that_are_committed() {
    check::<bwt::Bwt>("bwt");
    check::<bwt::BwtLight>("bwt-light");
}

fn check<M: Model>(suffix: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    for name in ["lines.txt", "records.bin", "wide.txt", "noise.bin"] {
        let raw = fs::read(folder.join(name)).unwrap();
        let payload = fs::read(folder.join(format!("{name}.{suffix}"))).unwrap();
        assert!(M::encode(&raw, &[]).unwrap() == payload, "{name} is coded otherwise");
        assert!(M::decode(&payload, &[], raw.len()).unwrap() == raw, "{name} does not come back");
    }
}
