//! A loop of as many turns as the first argument says, each with a hit or empty.

fn main() {
    let mut arguments = std::env::args().skip(1);
    let turns: u32 = arguments.next().expect("a count").parse().unwrap();
    match arguments.next().as_deref() {
        Some("hit") => (0..turns).for_each(|n| assay_probe::hit(std::hint::black_box(n % 2))),
        _ => (0..turns).for_each(|n| drop(std::hint::black_box(n % 2))),
    }
}
