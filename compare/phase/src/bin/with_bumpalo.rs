//! bumpalo, whose objects are named one by one: no global allocator, so only what it can do.
#![forbid(unsafe_code)]

use bumpalo::Bump;
use compare_phase::micro::{Times, Turns};
use std::hint::black_box;

const TURNS: usize = 300;
const SMALL: usize = 10_000;

fn main() {
    if std::env::args().nth(2).as_deref() != Some("sixteen") {
        println!("{{}}");
        return;
    }
    let mut bump = Bump::new();
    let mut kept: Vec<usize> = Vec::with_capacity(SMALL);
    let (mut alloc, mut free) = (Turns::default(), Turns::default());
    for turn in 0..TURNS as u64 {
        alloc.time(SMALL, || {
            for number in 0..SMALL as u64 {
                // The address is stored, as the other contenders store their box.
                kept.push(std::ptr::from_ref(bump.alloc(black_box([turn, number]))).addr());
            }
        });
        kept.clear();
        free.time(SMALL, || bump.reset());
    }
    let times = Times::from([
        ("16 B alloc", alloc.median()),
        ("16 B free, same thread", free.median()),
    ]);
    println!(
        "{}",
        serde_json::to_string(&times).expect("numbers are JSON")
    );
}
