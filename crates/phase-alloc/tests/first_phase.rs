//! A program, or a library of another language's program, that begins a phase before anything was
//! allocated in Rust.
#![cfg_attr(not(any(loom, miri)), no_main)]
#![cfg_attr(
    not(any(loom, miri)),
    expect(unsafe_code, reason = "the runtime, which allocates, is left out")
)]
#![cfg_attr(
    any(loom, miri),
    expect(clippy::print_stdout, reason = "it says that it is not run")
)]

#[cfg(any(loom, miri))]
fn main() {
    println!("not run: Miri and loom bring a runtime of their own");
}

#[cfg(not(any(loom, miri)))]
use phase_alloc::{PhaseAlloc, PhaseGuard};

#[cfg(not(any(loom, miri)))]
#[global_allocator]
static ALLOCATOR: PhaseAlloc = PhaseAlloc::builder()
    .min_bytes(4096)
    .region_bytes(64 << 20)
    .build();

/// Ends with 101 as a test does, if the configuration of the program's allocator does not hold.
#[cfg(not(any(loom, miri)))]
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    let _phase = PhaseGuard::begin();
    let small = Box::new([1_u8; 100]);
    let survivors = phase_alloc::survivors().count();
    assert_eq!(phase_alloc::stats().region_bytes, 64 << 20);
    assert_eq!((small[99], survivors), (1, 0), "it is below the threshold");
    0
}
