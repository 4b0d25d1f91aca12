//! The same random operations on the maps of iddqd and of idmap: what one answers the other must answer.

mod compare;
mod item;
mod one_key;
mod several_keys;
mod step;
mod subject;

pub use compare::{Divergence, Pair, pairs};
pub use item::Row;
pub use step::{End, Sequence, Step, Then};
