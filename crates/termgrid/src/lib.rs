//! A terminal grid: bytes in, changed rows out.
//!
//! A [`Terminal`] takes what a program writes and keeps the screen that it means: cells with colours and attributes, a
//! cursor, modes, the scrollback. A renderer asks it for a [`Frame`]: what changed since it last looked. The [`Grid`] can be
//! used alone, by operations on many cells at once.
//!
//! ```
//! use termgrid::{Cell, Size, Stamp, Terminal};
//!
//! let mut terminal = Terminal::new(Size::new(24, 80)?, 10_000);
//! let mut shown = vec![[Cell::BLANK; 80]; 24]; // What a renderer has on its window.
//! let mut seen = Stamp::default();
//! for bytes in [&b"one\r\n\x1b[31mtwo\x1b[m"[..], b"\x1b[1;1HO"] {
//!     terminal.process(bytes);
//!     let frame = terminal.frame(seen);
//!     shown.rotate_left(frame.scrolled());
//!     for changed in frame.rows() {
//!         for column in changed.columns {
//!             shown[changed.line][column] = changed.row.cell(column);
//!         }
//!     }
//!     seen = frame.stamp();
//! }
//! assert_eq!(shown[0][0].character, 'O');
//! assert_eq!(shown[1][2].character, 'o');
//! # Ok::<(), termgrid::SizeError>(())
//! ```
//!
//! # Guarantees
//!
//! - No bytes make it panic, in whatever pieces they come: what a sequence does is the same wherever it is cut.
//! - Text, colours, cursor movement, scrolling, frames and borrowed snapshots allocate nothing once the rows of screen and
//!   scrollback have been written at the present width. A reply, a longer title, more combining characters in a row than
//!   before, and a new size may allocate.
//! - Scrolling the whole screen takes the same time whatever its size: an index moves, and one row is cleared by forgetting
//!   its length.
//! - A renderer that copies what [frames](Frame) tell has what the grid has.
//! - Memory is bounded by size and scrollback: 16 bytes a cell, and up to 16 combining characters for each; 64 KiB of
//!   replies that nobody takes; 1 KiB of a title.
//!
//! # What is not guaranteed
//!
//! - Everything that xterm does. Left out: double-width lines, left and right margins, protected cells, sixel and other
//!   graphics, hyperlinks, the clipboard, colours of underlines, 8-bit control characters.
//! - Widths are those of single characters: an emoji of several joined ones has the width of its parts, and each stands in
//!   cells of its own.
//! - The bound on titles holds if no other crate of the program asks `vte` for its feature `std`.
//!
//! The parser of control sequences is the crate `vte`'s; text, and sequences of numbers alone that are whole, are taken
//! before it.
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

mod attributes;
mod cell;
mod csi;
mod cursor;
mod dirty;
mod grid;
mod modes;
mod perform;
mod reflow;
mod row;
mod screen;
mod scrollback;
mod sgr;
mod size;
mod snapshot;
mod terminal;

pub use self::{
    attributes::{Attributes, Color, Style, Underline},
    cell::{Cell, Width},
    cursor::{Cursor, CursorShape},
    dirty::{ChangedRow, Frame, Stamp},
    grid::Grid,
    modes::{Modes, MouseTracking},
    row::Row,
    size::{Size, SizeError},
    snapshot::Snapshot,
    terminal::Terminal,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
