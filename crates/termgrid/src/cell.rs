//! One column of one row.

use crate::attributes::{Attributes, Color, Style};

/// What a cell is of the character in it.
///
/// ```
/// use termgrid::{Size, Terminal, Width};
///
/// let mut terminal = Terminal::new(Size::new(1, 3)?, 0);
/// terminal.process("a\u{6f22}".as_bytes());
/// let widths: Vec<_> = (0..3).map(|column| terminal.grid().cell(0, column).width).collect();
/// assert_eq!(widths, [Width::Narrow, Width::Wide, Width::Spacer]);
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Width {
    /// A character of one column.
    #[default]
    Narrow,
    /// The left half of a character of two columns.
    Wide,
    /// The right half of the character to the left.
    Spacer,
    /// The last column of a row that a character of two columns did not fit into. Not text.
    Pad,
}

/// A character with its looks: 16 bytes. Combining characters stand in the [row](crate::Row::combining).
///
/// ```
/// use termgrid::Cell;
///
/// assert_eq!(size_of::<Cell>(), 16);
/// assert_eq!(Cell::default(), Cell::BLANK);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    /// The character, a space where there is none.
    pub character: char,
    /// The colour of the glyph.
    pub foreground: Color,
    /// The colour behind it.
    pub background: Color,
    /// Everything else.
    pub attributes: Attributes,
    /// What this cell is of the character.
    pub width: Width,
}

impl Cell {
    /// A space in the default colours.
    pub const BLANK: Self = Self {
        character: ' ',
        foreground: Color::Default,
        background: Color::Default,
        attributes: Attributes::NONE,
        width: Width::Narrow,
    };

    /// A character of one column.
    ///
    /// ```
    /// use termgrid::{Cell, Style};
    ///
    /// assert_eq!(Cell::new('x', Style::default()).character, 'x');
    /// ```
    #[must_use]
    pub const fn new(character: char, style: Style) -> Self {
        Self {
            character,
            foreground: style.foreground,
            background: style.background,
            attributes: style.attributes,
            width: Width::Narrow,
        }
    }

    /// What erasing leaves: a space with nothing but a background.
    ///
    /// ```
    /// use termgrid::{Cell, Color};
    ///
    /// assert_eq!(Cell::erased(Color::Default), Cell::BLANK);
    /// ```
    #[must_use]
    pub const fn erased(background: Color) -> Self {
        Self {
            background,
            ..Self::BLANK
        }
    }

    /// Colours and attributes.
    ///
    /// ```
    /// use termgrid::{Cell, Style};
    ///
    /// assert_eq!(Cell::BLANK.style(), Style::default());
    /// ```
    #[must_use]
    pub const fn style(&self) -> Style {
        Style {
            foreground: self.foreground,
            background: self.background,
            attributes: self.attributes,
        }
    }
}

impl Default for Cell {
    fn default() -> Self {
        Self::BLANK
    }
}
