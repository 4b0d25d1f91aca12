//! How a cell looks: colours and attributes.

/// A colour, as the terminal was told it.
///
/// ```
/// use termgrid::{Color, Size, Terminal};
///
/// let mut terminal = Terminal::new(Size::new(1, 10)?, 0);
/// terminal.process(b"\x1b[31mr\x1b[38;5;200mi\x1b[38;2;1;2;3mc");
/// let colors: Vec<_> = (0..3).map(|column| terminal.grid().cell(0, column).foreground).collect();
/// assert_eq!(colors, [Color::Indexed(1), Color::Indexed(200), Color::Rgb(1, 2, 3)]);
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Color {
    /// The renderer's own foreground or background.
    #[default]
    Default,
    /// One of the palette: 0 to 7 and their bright variants 8 to 15, a cube of 216, 24 shades of grey.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// The line under a cell.
///
/// ```
/// use termgrid::{Size, Terminal, Underline};
///
/// let mut terminal = Terminal::new(Size::new(1, 10)?, 0);
/// terminal.process(b"\x1b[4:3mx");
/// assert_eq!(terminal.grid().cell(0, 0).attributes.underline(), Underline::Curly);
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Underline {
    /// No line.
    #[default]
    None,
    /// One straight line.
    Single,
    /// Two lines.
    Double,
    /// A wave.
    Curly,
    /// Dots.
    Dotted,
    /// Dashes.
    Dashed,
}

/// A set of attributes, and the line under a cell.
///
/// ```
/// use termgrid::{Attributes, Underline};
///
/// let mut attributes = Attributes::BOLD;
/// attributes.insert(Attributes::ITALIC);
/// attributes.set_underline(Underline::Double);
/// attributes.remove(Attributes::BOLD);
/// assert!(attributes.contains(Attributes::ITALIC) && !attributes.contains(Attributes::BOLD));
/// assert_eq!(attributes.underline(), Underline::Double);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes(u16);

impl Attributes {
    /// No attribute.
    pub const NONE: Self = Self(0);
    /// SGR 1.
    pub const BOLD: Self = Self(1);
    /// SGR 2.
    pub const DIM: Self = Self(1 << 1);
    /// SGR 3.
    pub const ITALIC: Self = Self(1 << 2);
    /// SGR 5 and 6.
    pub const BLINK: Self = Self(1 << 3);
    /// SGR 7.
    pub const INVERSE: Self = Self(1 << 4);
    /// SGR 8.
    pub const HIDDEN: Self = Self(1 << 5);
    /// SGR 9.
    pub const STRIKE: Self = Self(1 << 6);
    const UNDERLINE_SHIFT: u32 = 8;
    const UNDERLINE: Self = Self(0b111 << Self::UNDERLINE_SHIFT);

    /// Whether all of `other` are set.
    ///
    /// ```
    /// # use termgrid::Attributes;
    /// assert!(Attributes::BOLD.contains(Attributes::NONE));
    /// ```
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Sets all of `other`.
    ///
    /// ```
    /// # use termgrid::Attributes;
    /// let mut attributes = Attributes::NONE;
    /// attributes.insert(Attributes::DIM);
    /// assert_eq!(attributes, Attributes::DIM);
    /// ```
    pub const fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Unsets all of `other`.
    ///
    /// ```
    /// # use termgrid::Attributes;
    /// let mut attributes = Attributes::DIM;
    /// attributes.remove(Attributes::DIM);
    /// assert_eq!(attributes, Attributes::NONE);
    /// ```
    pub const fn remove(&mut self, other: Self) {
        self.0 &= !other.0;
    }

    /// The line under the cell.
    ///
    /// ```
    /// # use termgrid::{Attributes, Underline};
    /// assert_eq!(Attributes::BOLD.underline(), Underline::None);
    /// ```
    #[must_use]
    pub const fn underline(self) -> Underline {
        match (self.0 & Self::UNDERLINE.0) >> Self::UNDERLINE_SHIFT {
            0 => Underline::None,
            1 => Underline::Single,
            2 => Underline::Double,
            3 => Underline::Curly,
            4 => Underline::Dotted,
            _ => Underline::Dashed,
        }
    }

    /// Changes the line under the cell.
    ///
    /// ```
    /// # use termgrid::{Attributes, Underline};
    /// let mut attributes = Attributes::NONE;
    /// attributes.set_underline(Underline::Dashed);
    /// assert_eq!(attributes.underline(), Underline::Dashed);
    /// ```
    pub const fn set_underline(&mut self, underline: Underline) {
        let bits = match underline {
            Underline::None => 0,
            Underline::Single => 1,
            Underline::Double => 2,
            Underline::Curly => 3,
            Underline::Dotted => 4,
            Underline::Dashed => 5,
        };
        self.0 = self.0 & !Self::UNDERLINE.0 | bits << Self::UNDERLINE_SHIFT;
    }
}

/// What text is written with.
///
/// ```
/// use termgrid::{Color, Style};
///
/// let warning = Style { foreground: Color::Indexed(3), ..Style::default() };
/// assert_eq!(warning.background, Color::Default);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// The colour of the glyph.
    pub foreground: Color,
    /// The colour behind it.
    pub background: Color,
    /// Everything else.
    pub attributes: Attributes,
}
