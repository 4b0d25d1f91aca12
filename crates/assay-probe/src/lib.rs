//! The runtime that `cargo assay` links into audited code.
//!
//! The engine writes `assay_probe::hit(N)` as the first statement of every
//! unsafe site of its scratch copy. This crate counts those calls in a file
//! that outlives the process, whatever ends it. In the copy for mutation it
//! writes `assay_probe::mutant(N)` where a mutant differs from the original.
//!
//! # The hits file
//!
//! The driver creates it before the process starts and names it, by its
//! absolute path, in the environment variable `ASSAY_HITS`. All numbers are in
//! the byte order of the machine.
//!
//! | offset | bytes | content |
//! |---|---|---|
//! | 0 | 8 | `ASSAYHIT` |
//! | 8 | 4 | version, 1 |
//! | 12 | 4 | number of counters |
//! | 16 | 48 | zero |
//! | 64 + 8 n | 8 | counter n |
//!
//! A constructor that runs before `main` maps the file shared. A process
//! without the variable, or with a file that is not as above, runs as if the
//! probe were not there; so does one whose `LD_PRELOAD` does not have the text
//! of `ASSAY_HITS_UNDER`, where that is set: a tool that preloads a library
//! into the processes it follows, as Valgrind does, counts these alone. The mapping is inherited by `fork`; a process that
//! `exec` starts maps the file anew.
//!
//! # Guarantees
//!
//! - A [`hit`] that returned is in the file, also when the process then ends by
//!   `abort`, `_exit`, a signal, a double panic, a stack overflow or a
//!   sanitizer's report: the kernel owns the page.
//! - Counters are exact up to [`SATURATION`] and stop growing there, so that a
//!   hot loop pays for a load and a comparison only.
//! - [`hit`] allocates nothing, takes no lock, and orders no memory of the
//!   program: it hides no race, and no race detector reports it.
//! - A number that the file has no counter for is ignored.
//!
//! # What is not guaranteed
//!
//! - Evaluations at compile time are not counted.
//! - Only 64-bit Linux, Android and macOS count. Elsewhere [`hit`] does nothing.
//! - A page that was written is in the file for every process of this machine
//!   at once, but a crash of the machine can lose it.
//!
//! # Mutants
//!
//! The engine also writes mutants into a scratch copy, all at once, each as a choice:
//! `if assay_probe::mutant(7) { mutated } else { original }`. The environment variable
//! `ASSAY_MUTANT` names the one that is switched on, by its decimal number; without it, or with
//! something else in it, every choice is the original. Each choice that is made is counted like a
//! hit, so that a file of one process tells which mutants it could have met. A choice at compile time
//! is the original's. On other systems than Linux, Android and macOS it always is.
//!
//! # Under Miri
//!
//! Nothing is mapped. The first hit of a site in a process writes the line
//! `assay-hit <n>` to the standard error stream; choices of mutants are not told.
//!
//! # Configuration of the build
//!
//! - Feature `const-hit`: [`hit`] is `const`, which needs `RUSTC_BOOTSTRAP=1`
//!   or a nightly compiler. The engine's copy has it on; the workspace's
//!   manifest does not declare it.
//! - `--cfg assay_alloc`: the crate uses std and installs a checking global
//!   allocator.
//!
//! # The checking allocator
//!
//! Every block has a header and canaries and, once freed, stays in a
//! quarantine with a fill. A free or reallocation with another layout, a write
//! within 16 bytes of either end, a second free, a write after the free and a
//! layout of no bytes end the process: a line `assay-alloc: <class> <detail>`,
//! a line with both layouts, the stacks, `abort`. It is safe to use from any
//! number of threads and across `fork`. Reads are not seen, nor is a write that
//! jumps over the canaries.
//!
//! The sources are embedded in the engine as text: no build script, no macros,
//! nothing that the engine's manifest would have to inherit.
#![no_std]
#![cfg_attr(feature = "const-hit", feature(const_eval_select, core_intrinsics))]
#![cfg_attr(
    feature = "const-hit",
    expect(
        internal_features,
        reason = "const_eval_select is the only way to do something at run time in a const fn"
    )
)]
#![warn(
    missing_docs,
    missing_debug_implementations,
    clippy::std_instead_of_core
)]

#[cfg(any(assay_alloc, test))]
extern crate std;

#[cfg(any(assay_alloc, test))]
mod depot;
#[cfg(any(assay_alloc, test))]
mod fault;
mod hits;
mod mutants;
mod raw;
#[cfg(assay_alloc)]
mod report;
mod sync;

pub use hits::SATURATION;

/// Counts one execution of the unsafe site number `n`.
///
/// Legal wherever a call is: in a const context it does nothing.
///
/// ```
/// const fn twice(n: u32) -> u32 {
///     # #[cfg(feature = "const-hit")]
///     assay_probe::hit(3);
///     n * 2
/// }
/// const AT_COMPILE_TIME: u32 = twice(4);
/// assert_eq!(AT_COMPILE_TIME, 8);
/// ```
#[cfg(feature = "const-hit")]
#[inline]
pub const fn hit(n: u32) {
    core::intrinsics::const_eval_select((n,), hits::at_compile_time, hits::at_run_time);
}

/// Counts one execution of the unsafe site number `n`.
///
/// This build is without the feature `const-hit`: the function is not `const`.
///
/// ```
/// assay_probe::hit(3);
/// ```
#[cfg(not(feature = "const-hit"))]
#[inline]
pub fn hit(n: u32) {
    hits::at_run_time(n);
}

/// Whether mutant number `n` is switched on in this process.
///
/// Legal wherever a call is: in a const context no mutant is.
///
/// ```
/// assert!(!assay_probe::mutant(7), "nothing has set ASSAY_MUTANT");
/// ```
#[cfg(feature = "const-hit")]
#[inline]
#[must_use]
pub const fn mutant(n: u32) -> bool {
    core::intrinsics::const_eval_select((n,), mutants::at_compile_time, mutants::at_run_time)
}

/// Whether mutant number `n` is switched on in this process.
///
/// This build is without the feature `const-hit`: the function is not `const`.
///
/// ```
/// assert!(!assay_probe::mutant(7), "nothing has set ASSAY_MUTANT");
/// ```
#[cfg(not(feature = "const-hit"))]
#[inline]
#[must_use]
pub fn mutant(n: u32) -> bool {
    mutants::at_run_time(n)
}
