//! Order books: what quantity rests at each price of each side, exact for every tick.

mod books;
mod error;
mod grid;
mod ladder;
mod max_tree;
mod occupancy;
mod price;
mod reader;
mod sequence;
mod shared;
mod top;
mod window;
mod writer;

pub use books::{Applied, ApplyError, Books, OnError};
pub use error::BookError;
pub use price::{Level, Top};
pub use reader::{BookReader, Depth};
pub(crate) use sequence::Sequence;
pub use shared::{SharedBook, SharedBookConfig};
pub use writer::{BookConfig, BookWriter};
