//! Records who allocates in an unmodified program, and what never comes back.
//!
//! The library is loaded by `LD_PRELOAD`. It stands before `malloc`, `calloc`, `realloc`, `free`, the aligned forms, and
//! C++'s `operator new` and `operator delete`, and forwards to the next allocator of the process, whichever that is.
//! `cargo assay track -- COMMAND` starts programs with it, and reads what it wrote.
//!
//! # Environment
//!
//! A library that a user preloads can be told something in no other way: this crate is an exception from the rule that
//! libraries read no variables. Without the first of them it only forwards.
//!
//! | variable | meaning |
//! |---|---|
//! | `MEMSCOPE_TRACK` | the folder for record files, absolute, at most 400 bytes |
//! | `MEMSCOPE_TRACK_DEPTH` | return addresses that are kept of a stack, 1 to 24; 24 where it is not set |
//!
//! # The record file
//!
//! Each process image writes a file `PID-N.track` of its own: a child of `fork` begins one, and so does what `exec`
//! starts. The file is mapped shared and written as the program runs, so that it is there whatever ends the process:
//! `_exit`, a signal, `SIGKILL`. It consists of 64-bit words in the byte order of the machine.
//!
//! | words | content |
//! |---|---|
//! | 0 | `MEMTRACK`, little endian |
//! | 1 | version, 1 |
//! | 2 | process; its parent in the upper half |
//! | 3 | begin, nanoseconds since 1970 |
//! | 4 | 1 once the process has reached its end by `exit` or from `main` |
//! | 5 | nanoseconds from begin to that end |
//! | 6, 7 | allocations, frees |
//! | 8, 9 | bytes allocated, bytes freed, as the program asked for them |
//! | 10, 11 | most bytes live at one time; blocks live then |
//! | 12 | stacks |
//! | 13 | different faults |
//! | 14 | bytes of the list of modules |
//! | 15, 16 | samples; allocations between two of them |
//! | 17 | allocations whose stack, and blocks whose entry, had no room |
//! | 18, 19 | blocks and bytes that a child of `fork` inherited |
//! | 20, 21 | of these freed |
//! | 22 | allocations at the moment that word 5 of the stacks is from |
//! | 24 | bytes of the command line |
//! | 25 | whether `new` and `delete` are told apart from `malloc` and `free`: not in a program that replaces one of them |
//! | 26 | pieces of 8,192 words after the first 16,384 |
//! | 512.. | the command line, arguments ended by a zero byte, at most 4,096 bytes |
//! | 1024.. | samples of 3 words: nanoseconds since the begin, live bytes, live blocks |
//! | 4096.. | faults of 8 words: what (1 never allocated, 2 freed twice, 3 released by another family), stack of the allocation, stack of the release, address, bytes, times, family of the block, family of the release (0 `malloc`, 1 `new`, 2 `new[]`) |
//! | 6144.. | executable mappings, as `/proc/self/maps` shows them |
//! | 16384.. | stacks of 32 words: allocations, bytes, frees, bytes freed, depth in the upper half, bytes live at word 22, two that are zero, then 24 return addresses, innermost first. Stack 0 is that of allocations without one |
//!
//! # Guarantees
//!
//! - A block that was allocated and not freed is in the record, also after an end by a signal.
//! - `errno` is as the next allocator left it. The library writes to no stream and keeps no descriptor open.
//! - A second free of a block, and a free of what was never allocated, are recorded and not passed on to the C library's
//!   allocator, which would end the process.
//!
//! # What is not guaranteed
//!
//! - Stacks come from the unwinder, which takes about a microsecond: programs that allocate much run several times slower.
//! - A block whose address was given out again cannot be told from the new one: a second free of it then is one of the new.
//! - Programs that are linked statically, have other rights than their user (setuid), or drop `LD_PRELOAD` are not seen.
//! - Modules that were unloaded, and whose addresses another one has taken, are named wrongly.
//! - Allocation in a signal handler that interrupted an allocation can stand still, as with most allocators.
#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![deny(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

mod blocks;
mod modules;
mod raw;
mod record;
mod stacks;
mod sync;
mod tracker;
