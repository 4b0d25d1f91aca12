//! What a terminal shows and knows at one moment.

use std::borrow::Cow;

use crate::cursor::Cursor;
use crate::grid::Grid;
use crate::modes::Modes;
use crate::screen::Screen;

/// A moment of a terminal: both screens, scrollback, cursor, modes, title, replies that wait.
///
/// It borrows the terminal, until [`into_owned`](Self::into_owned) copies it. Snapshots are equal if the same is shown and
/// the same bytes would have the same effect.
///
/// ```
/// use termgrid::{Size, Terminal};
///
/// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
/// terminal.process(b"text");
/// let snapshot = terminal.snapshot();
/// // Borrowed: the very cells of the terminal.
/// assert!(std::ptr::eq(snapshot.grid().row(0).cells(), terminal.grid().row(0).cells()));
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot<'a>(Cow<'a, Screen>);

impl<'a> Snapshot<'a> {
    pub(crate) fn of(screen: &'a Screen) -> Self {
        Self(Cow::Borrowed(screen))
    }

    pub(crate) fn screen(&self) -> &Screen {
        &self.0
    }

    /// One that does not borrow. O(cells).
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// let kept = terminal.snapshot().into_owned();
    /// drop(terminal);
    /// assert_eq!(kept.grid().lines(), 24);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn into_owned(self) -> Snapshot<'static> {
        Snapshot(Cow::Owned(self.0.into_owned()))
    }

    /// The grid that was shown.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// assert_eq!(terminal.snapshot().grid(), terminal.grid());
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.0.grid
    }

    /// Where the cursor was.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// assert_eq!(terminal.snapshot().cursor().line, 0);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.0.cursor
    }

    /// What was switched on.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// assert!(terminal.snapshot().modes().cursor_visible);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn modes(&self) -> &Modes {
        &self.0.modes
    }
}
