/// Hostile files may be of any size: the module stops instead of the machine.
fn main() {
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return;
    }
    println!("cargo:rustc-link-arg=--max-memory={}", 512u32 << 20);
}
