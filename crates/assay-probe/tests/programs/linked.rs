//! Names the probe and uses nothing of it: prints whether the hits file is mapped all the same.

extern crate assay_probe as _;

fn main() {
    let file = std::env::var("ASSAY_HITS").expect("the test sets it");
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux");
    println!("{}", maps.contains(&file));
}
