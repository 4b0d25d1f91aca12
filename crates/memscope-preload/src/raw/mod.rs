//! The rooms with unsafe code.
//!
//! | module | what it holds |
//! |---|---|
//! | `exports` | the symbols that stand before the C library's |
//! | `next` | the allocator behind them |
//! | `pages` | memory of the tables and of the record file |
//! | `os` | files, clocks, `errno`, all without allocation |
//! | `unwind` | return addresses of the calling thread |
#![expect(unsafe_code, reason = "an allocator is made of pointers")]

pub(crate) mod exports;
pub(crate) mod next;
pub(crate) mod os;
pub(crate) mod pages;
pub(crate) mod unwind;
