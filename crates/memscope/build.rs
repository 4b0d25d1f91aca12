//! Tells the arenas whether the build is for AddressSanitizer.
//!
//! `cfg(sanitize)` can't be asked in a crate for the stable compiler; a compiler that builds with a
//! sanitizer says so to build scripts.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(memscope_asan)");
    let sanitizers = std::env::var("CARGO_CFG_SANITIZE").unwrap_or_default();
    if sanitizers.split(',').any(|it| it == "address") {
        println!("cargo::rustc-cfg=memscope_asan");
    }
}
