//! Prints which of the first eight mutants are switched on, and what a constant made of the third.

const fn third() -> bool {
    assay_probe::mutant(3)
}

const AT_COMPILE_TIME: bool = third();

fn main() {
    let on: Vec<u32> = (0..8).filter(|&n| assay_probe::mutant(n)).collect();
    println!("{on:?} {AT_COMPILE_TIME}");
}
