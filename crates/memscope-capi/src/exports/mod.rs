//! The functions of `memscope.h`, which documents them.

mod arenas;
mod blocks;
mod scopes;
mod state;

pub use self::{arenas::*, blocks::*, scopes::*, state::*};
