//! What changed since a renderer last looked.

use std::ops::Range;

use crate::grid::Grid;
use crate::row::Row;

/// A point in a grid's history: what a renderer has seen.
///
/// The default is the point before everything.
///
/// ```
/// use termgrid::{Size, Stamp, Terminal};
///
/// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
/// let seen = terminal.frame(Stamp::default()).stamp();
/// assert_eq!(terminal.frame(seen).rows().count(), 0);
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stamp {
    pub(crate) generation: u64,
    pub(crate) scrolled: u64,
}

/// What changed since a [`Stamp`].
///
/// A renderer moves its copy up by [`scrolled`](Self::scrolled) lines, then copies the columns of [`rows`](Self::rows); its
/// copy is then the grid.
///
/// ```
/// use termgrid::{Size, Stamp, Terminal};
///
/// let mut terminal = Terminal::new(Size::new(2, 10)?, 0);
/// terminal.process(b"one\r\ntwo");
/// let seen = terminal.frame(Stamp::default()).stamp();
/// terminal.process(b"\r\nx");
/// let frame = terminal.frame(seen);
/// assert_eq!(frame.scrolled(), 1);
/// let changed: Vec<_> = frame.rows().map(|changed| (changed.line, changed.row.text())).collect();
/// assert_eq!(changed, [(1, "x".to_string())]);
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    grid: &'a Grid,
    since: Stamp,
    now: Stamp,
}

/// A row of a [`Frame`].
///
/// ```
/// use termgrid::{Size, Stamp, Terminal};
///
/// let mut terminal = Terminal::new(Size::new(2, 10)?, 0);
/// let seen = terminal.frame(Stamp::default()).stamp();
/// terminal.process(b"\x1b[2;4Hx");
/// let frame = terminal.frame(seen);
/// let changed = frame.rows().next().ok_or("a row changed")?;
/// assert_eq!((changed.line, changed.columns), (1, 3..4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ChangedRow<'a> {
    /// The line of the screen, 0 at the top.
    pub line: usize,
    /// The columns that may differ. Others don't.
    pub columns: Range<usize>,
    /// What stands in the line now.
    pub row: &'a Row,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(grid: &'a Grid, since: Stamp, now: Stamp) -> Self {
        Self { grid, since, now }
    }

    /// What to pass to the next call: everything in this frame is seen.
    ///
    /// ```
    /// # use termgrid::{Size, Stamp, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// assert_ne!(terminal.frame(Stamp::default()).stamp(), Stamp::default());
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.now
    }

    /// By how many lines the screen moved up, at most its height. The lines that came in are among the rows.
    ///
    /// ```
    /// # use termgrid::{Size, Stamp, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// assert_eq!(terminal.frame(Stamp::default()).scrolled(), 0);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn scrolled(&self) -> usize {
        if self.since.generation == 0 {
            return 0;
        }
        let lines = self.now.scrolled.saturating_sub(self.since.scrolled);
        usize::try_from(lines).map_or(self.grid.lines(), |lines| lines.min(self.grid.lines()))
    }

    /// The rows that changed, from the top.
    ///
    /// ```
    /// # use termgrid::{Size, Stamp, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// assert_eq!(terminal.frame(Stamp::default()).rows().count(), 24);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn rows(&self) -> impl Iterator<Item = ChangedRow<'a>> + use<'a> {
        let (grid, since) = (self.grid, self.since.generation);
        (0..grid.lines()).filter_map(move |line| {
            let row = grid.row(line);
            let columns = row.damage.since(since, grid.columns())?;
            Some(ChangedRow { line, columns, row })
        })
    }
}

/// What changed in a row: in the newest generation exactly, before that only that something did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Damage {
    generation: u64,
    /// The newest generation before it that changed the row.
    before: u64,
    start: u16,
    end: u16,
}

impl Damage {
    #[inline]
    pub(crate) fn add(&mut self, generation: u64, start: usize, end: usize) {
        // Columns fit: `Size` bounds them.
        let (start, end) = (start as u16, end as u16);
        if self.generation == generation {
            self.start = self.start.min(start);
            self.end = self.end.max(end);
        } else {
            *self = Self {
                generation,
                before: self.generation,
                start,
                end,
            };
        }
    }

    /// Takes in columns beside those of the current change.
    pub(crate) fn widen(&mut self, start: usize, end: usize) {
        self.add(self.generation, start, end);
    }

    fn since(&self, seen: u64, columns: usize) -> Option<Range<usize>> {
        if seen == 0 || (self.generation > seen && self.before > seen) {
            Some(0..columns)
        } else if self.generation > seen {
            Some(usize::from(self.start)..usize::from(self.end).min(columns))
        } else {
            None
        }
    }
}
