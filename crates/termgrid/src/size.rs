//! How large a grid is.

use std::error::Error;
use std::fmt;

/// Lines and columns of a screen.
///
/// ```
/// use termgrid::Size;
///
/// let size = Size::new(24, 80)?;
/// assert_eq!((size.lines(), size.columns()), (24, 80));
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    lines: u16,
    columns: u16,
}

impl Size {
    /// At least one line and, since characters may be two columns wide, two columns.
    ///
    /// # Errors
    ///
    /// If there are fewer, or more than 65,535 of either.
    ///
    /// ```
    /// use termgrid::Size;
    ///
    /// assert!(Size::new(1, 1).is_err());
    /// ```
    pub fn new(lines: usize, columns: usize) -> Result<Self, SizeError> {
        let error = SizeError { lines, columns };
        if lines < 1 || columns < 2 {
            return Err(error);
        }
        let lines = u16::try_from(lines).map_err(|_| error)?;
        let columns = u16::try_from(columns).map_err(|_| error)?;
        Ok(Self { lines, columns })
    }

    /// The number of lines.
    ///
    /// ```
    /// # use termgrid::Size;
    /// assert_eq!(Size::new(24, 80)?.lines(), 24);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn lines(self) -> usize {
        usize::from(self.lines)
    }

    /// The number of columns.
    ///
    /// ```
    /// # use termgrid::Size;
    /// assert_eq!(Size::new(24, 80)?.columns(), 80);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn columns(self) -> usize {
        usize::from(self.columns)
    }
}

/// A size that no grid can have.
///
/// ```
/// use termgrid::Size;
///
/// let error = Size::new(0, 80).unwrap_err();
/// assert_eq!(error.to_string(), "a screen of 0 lines and 80 columns: it needs 1 to 65535 lines and 2 to 65535 columns");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeError {
    lines: usize,
    columns: usize,
}

impl fmt::Display for SizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lines, columns } = self;
        write!(
            f,
            "a screen of {lines} lines and {columns} columns: it needs 1 to 65535 lines and 2 to 65535 columns"
        )
    }
}

impl Error for SizeError {}
