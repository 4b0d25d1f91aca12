//! Where the next character goes, and how it is written.

use crate::attributes::Style;

/// The cursor, with what DECSC saves.
///
/// ```
/// use termgrid::{Size, Terminal};
///
/// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
/// terminal.process(b"\x1b[3;5H");
/// assert_eq!((terminal.cursor().line, terminal.cursor().column), (2, 4));
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The line of the screen, 0 at the top.
    pub line: usize,
    /// The column, 0 at the left.
    pub column: usize,
    /// Whether the last column has been written, so that the next character wraps first.
    pub pending_wrap: bool,
    /// What text is written with.
    pub style: Style,
    pub(crate) charsets: [Charset; 2],
    /// Which of the two is in use: G0 or G1.
    pub(crate) shift: usize,
    /// Whether lines count from the top margin.
    pub(crate) origin: bool,
}

impl Cursor {
    pub(crate) fn charset(&self) -> Charset {
        self.charsets[self.shift]
    }

    /// Moves into a screen of that size.
    pub(crate) fn clamp(&mut self, lines: usize, columns: usize) {
        self.line = self.line.min(lines - 1);
        if self.column >= columns {
            self.column = columns - 1;
        }
        self.pending_wrap &= self.column == columns - 1;
    }
}

/// The looks of the cursor, by DECSCUSR.
///
/// ```
/// use termgrid::{CursorShape, Size, Terminal};
///
/// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
/// terminal.process(b"\x1b[6 q");
/// assert_eq!(terminal.modes().cursor_shape, CursorShape::Bar);
/// assert!(!terminal.modes().cursor_blinks);
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CursorShape {
    /// The whole cell.
    #[default]
    Block,
    /// A line under it.
    Underline,
    /// A line at its left.
    Bar,
}

/// A set of characters that may stand in G0 or G1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Charset {
    #[default]
    Ascii,
    /// The special characters of the VT100, for lines and boxes.
    LineDrawing,
}

impl Charset {
    pub(crate) fn map(self, character: char) -> char {
        match (self, character) {
            (Self::LineDrawing, '_'..='~') => LINE_DRAWING[character as usize - '_' as usize],
            _ => character,
        }
    }
}

/// `_` to `~`.
const LINE_DRAWING: [char; 32] = [
    ' ', '\u{25c6}', '\u{2592}', '\u{2409}', '\u{240c}', '\u{240d}', '\u{240a}', '\u{b0}',
    '\u{b1}', '\u{2424}', '\u{240b}', '\u{2518}', '\u{2510}', '\u{250c}', '\u{2514}', '\u{253c}',
    '\u{23ba}', '\u{23bb}', '\u{2500}', '\u{23bc}', '\u{23bd}', '\u{251c}', '\u{2524}', '\u{2534}',
    '\u{252c}', '\u{2502}', '\u{2264}', '\u{2265}', '\u{3c0}', '\u{2260}', '\u{a3}', '\u{b7}',
];
