//! The functions of `memscope.h`, which documents them.

mod blocks;
mod scopes;
mod state;

pub use self::{blocks::*, scopes::*, state::*};

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
