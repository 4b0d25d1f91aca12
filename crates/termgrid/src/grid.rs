//! The grid: rows of cells, with operations on many of them at once, and marks of what changed.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use crate::attributes::{Color, Style};
use crate::cell::{Cell, Width};
use crate::dirty::{Frame, Stamp};
use crate::row::Row;
use crate::scrollback::Ring;
use crate::size::Size;

/// Rows of cells, the scrollback above them, and what changed when.
///
/// Lines count from 0 at the top of the screen, columns from 0 at the left. Ranges are clipped to the grid; a single line
/// or column outside of it panics. Two grids are equal if they show the same, in the scrollback too.
///
/// ```
/// use termgrid::{Cell, Color, Grid, Size, Style};
///
/// let mut grid = Grid::new(Size::new(24, 80)?, 1000);
/// grid.fill(2..4, 10..20, Cell::new('#', Style::default()));
/// grid.copy(2..4, 10..20, 10, 0);
/// grid.scroll_up(0..24, 1, Color::Default);
/// assert_eq!(grid.row(9).text(), "##########");
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Grid {
    pub(crate) ring: Ring,
    pub(crate) columns: usize,
    /// Changes are marked with it; a frame begins a new one.
    generation: u64,
    /// How often the whole screen moved up by one line.
    scrolled: u64,
    /// Where a copy's source is kept while its target is written.
    scratch: Row,
}

impl Grid {
    /// A blank grid that keeps up to `scrollback` rows that scroll out of it. Memory is taken when rows are written.
    ///
    /// ```
    /// # use termgrid::{Grid, Size};
    /// let grid = Grid::new(Size::new(24, 80)?, 0);
    /// assert_eq!((grid.lines(), grid.columns(), grid.history()), (24, 80, 0));
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn new(size: Size, scrollback: usize) -> Self {
        // Rows are numbered by 32 bits.
        let limit = scrollback.min(u32::MAX as usize / 2);
        Self {
            ring: Ring::new(size.lines(), limit),
            columns: size.columns(),
            generation: 1,
            scrolled: 0,
            scratch: Row::default(),
        }
    }

    /// The number of lines of the screen.
    ///
    /// ```
    /// # use termgrid::{Grid, Size};
    /// assert_eq!(Grid::new(Size::new(24, 80)?, 0).lines(), 24);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn lines(&self) -> usize {
        self.ring.lines()
    }

    /// The number of columns.
    ///
    /// ```
    /// # use termgrid::{Grid, Size};
    /// assert_eq!(Grid::new(Size::new(24, 80)?, 0).columns(), 80);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many rows have scrolled out and are kept.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(2, 80)?, 100);
    /// terminal.process(b"1\n2\n3\n4");
    /// assert_eq!(terminal.grid().history(), 2);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn history(&self) -> usize {
        self.ring.history()
    }

    /// A line of the screen, borrowed.
    ///
    /// # Panics
    ///
    /// If there is no such line.
    ///
    /// ```
    /// # use termgrid::{Grid, Size};
    /// assert_eq!(Grid::new(Size::new(24, 80)?, 0).row(23).text(), "");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn row(&self, line: usize) -> &Row {
        self.ring.row(line)
    }

    /// The rows that are seen when the screen is moved `back` lines into the scrollback, at most to its begin.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(2, 80)?, 100);
    /// terminal.process(b"1\r\n2\r\n3\r\n4");
    /// let view: Vec<_> = terminal.grid().view(1).map(|row| row.text()).collect();
    /// assert_eq!(view, ["2", "3"]);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn view(&self, back: usize) -> impl ExactSizeIterator<Item = &Row> {
        let top = self.history() - back.min(self.history());
        (top..top + self.lines()).map(|index| self.ring.at(index))
    }

    /// A cell of the screen.
    ///
    /// # Panics
    ///
    /// If there is no such line.
    ///
    /// ```
    /// # use termgrid::{Cell, Grid, Size};
    /// assert_eq!(Grid::new(Size::new(24, 80)?, 0).cell(0, 0), Cell::BLANK);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn cell(&self, line: usize, column: usize) -> Cell {
        self.row(line).cell(column)
    }

    /// Writes a character, and says how many columns it took: 0 if it is no character of its own, or does not fit.
    ///
    /// # Panics
    ///
    /// If there is no such line.
    ///
    /// ```
    /// # use termgrid::{Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(24, 80)?, 0);
    /// assert_eq!(grid.set(0, 0, '\u{6f22}', Style::default()), 2);
    /// assert_eq!(grid.set(0, 79, '\u{6f22}', Style::default()), 0);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn set(&mut self, line: usize, column: usize, character: char, style: Style) -> usize {
        let width = character.width().unwrap_or(0);
        if width == 0 || column + width > self.columns {
            return 0;
        }
        let wide = if width == 2 {
            Width::Wide
        } else {
            Width::Narrow
        };
        self.write(
            line,
            column,
            Cell {
                width: wide,
                ..Cell::new(character, style)
            },
        );
        width
    }

    /// Adds a combining character to the cell in a column, or to the wide character of whose halves it is one. A cell keeps
    /// 16 of them.
    ///
    /// # Panics
    ///
    /// If there is no such line or column.
    ///
    /// ```
    /// # use termgrid::{Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(24, 80)?, 0);
    /// grid.set(0, 0, 'e', Style::default());
    /// grid.combine(0, 0, '\u{301}');
    /// assert_eq!(grid.row(0).text(), "e\u{301}");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn combine(&mut self, line: usize, column: usize, character: char) {
        let columns = self.columns;
        assert!(column < columns, "column {column} of {columns}");
        self.touch(line, column..column + 1)
            .combine(column, character, columns);
    }

    /// Writes the same narrow cell into a rectangle. The width of `cell` is ignored.
    ///
    /// ```
    /// # use termgrid::{Cell, Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(2, 4)?, 0);
    /// grid.fill(0..9, 1..3, Cell::new('x', Style::default()));
    /// assert_eq!(grid.row(1).text(), " xx");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn fill(&mut self, lines: Range<usize>, columns: Range<usize>, cell: Cell) {
        let (lines, columns) = (clip(lines, self.lines()), clip(columns, self.columns));
        let cell = Cell {
            width: Width::Narrow,
            ..cell
        };
        for line in lines {
            let width = self.columns;
            self.touch(line, columns.clone())
                .fill(columns.clone(), cell, width);
        }
    }

    /// Blanks a rectangle.
    ///
    /// ```
    /// # use termgrid::{Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(2, 4)?, 0);
    /// grid.set(0, 0, 'x', Style::default());
    /// grid.clear(0..2, 0..4);
    /// assert_eq!(grid, Grid::new(Size::new(2, 4)?, 0));
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn clear(&mut self, lines: Range<usize>, columns: Range<usize>) {
        self.fill(lines, columns, Cell::BLANK);
    }

    /// Copies a rectangle to where its upper left corner is `line`, `column`; the two may overlap. What does not fit is
    /// left out, and half a wide character becomes a space.
    ///
    /// ```
    /// # use termgrid::{Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(2, 4)?, 0);
    /// grid.set(0, 0, 'x', Style::default());
    /// grid.copy(0..1, 0..2, 1, 1);
    /// assert_eq!(grid.row(1).text(), " x");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn copy(&mut self, lines: Range<usize>, columns: Range<usize>, line: usize, column: usize) {
        let (lines, columns) = (clip(lines, self.lines()), clip(columns, self.columns));
        let height = lines.len().min(self.lines().saturating_sub(line));
        let width = columns.len().min(self.columns.saturating_sub(column));
        if width == 0 {
            return;
        }
        let source = columns.start..columns.start + width;
        for step in 0..height {
            // Downwards from the last line, so that a copy does not read what it wrote.
            let step = if line > lines.start {
                height - 1 - step
            } else {
                step
            };
            let mut scratch = std::mem::take(&mut self.scratch);
            scratch.assign(self.row(lines.start + step));
            let all = self.columns;
            self.touch(line + step, column..column + width).copy_from(
                column,
                &scratch,
                source.clone(),
                all,
            );
            self.scratch = scratch;
        }
    }

    /// Moves lines up by `count`; blank ones with a background come in below. If the lines are those of the whole screen,
    /// or begin at its top, those that leave it go into the scrollback, if there is one.
    ///
    /// O(count) for the whole screen, O(count * lines) otherwise. No cells are copied.
    ///
    /// ```
    /// # use termgrid::{Color, Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(2, 4)?, 10);
    /// grid.set(1, 0, 'x', Style::default());
    /// grid.scroll_up(0..2, 1, Color::Default);
    /// assert_eq!(grid.row(0).text(), "x");
    /// assert_eq!(grid.history(), 1);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn scroll_up(&mut self, lines: Range<usize>, count: usize, background: Color) {
        let lines = clip(lines, self.lines());
        if lines.start == 0
            && !lines.is_empty()
            && (self.ring.limit() > 0 || lines.end == self.lines())
        {
            for _ in 0..count.min(lines.end) {
                self.scroll_out(lines.end, background);
            }
        } else {
            self.delete_lines(lines.start, lines.end, count, background);
        }
    }

    /// Moves lines down by `count`; blank ones with a background come in above.
    ///
    /// ```
    /// # use termgrid::{Color, Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(2, 4)?, 10);
    /// grid.set(0, 0, 'x', Style::default());
    /// grid.scroll_down(0..2, 1, Color::Default);
    /// assert_eq!(grid.row(1).text(), "x");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn scroll_down(&mut self, lines: Range<usize>, count: usize, background: Color) {
        self.insert_lines(lines.start, lines.end, count, background);
    }

    /// Inserts `count` blank lines at `line`; those below move down, as far as `bottom`.
    ///
    /// ```
    /// # use termgrid::{Color, Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(3, 4)?, 0);
    /// grid.set(1, 0, 'x', Style::default());
    /// grid.insert_lines(1, 3, 1, Color::Default);
    /// assert_eq!(grid.row(2).text(), "x");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn insert_lines(&mut self, line: usize, bottom: usize, count: usize, background: Color) {
        let lines = clip(line..bottom, self.lines());
        let count = count.min(lines.len());
        for _ in 0..count {
            self.ring.rotate_down(lines.clone());
        }
        self.touch_lines(lines.clone());
        self.renew(lines.start..lines.start + count, background);
    }

    /// Deletes `count` lines at `line`; those above `bottom` move up, and blank ones come in there.
    ///
    /// ```
    /// # use termgrid::{Color, Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(3, 4)?, 0);
    /// grid.set(2, 0, 'x', Style::default());
    /// grid.delete_lines(0, 3, 2, Color::Default);
    /// assert_eq!(grid.row(0).text(), "x");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn delete_lines(&mut self, line: usize, bottom: usize, count: usize, background: Color) {
        let lines = clip(line..bottom, self.lines());
        let count = count.min(lines.len());
        for _ in 0..count {
            self.ring.rotate_up(lines.clone());
        }
        self.touch_lines(lines.clone());
        self.renew(lines.end - count..lines.end, background);
    }

    /// Inserts `count` blank cells; what is pushed over the right edge is gone.
    ///
    /// # Panics
    ///
    /// If there is no such line or column.
    ///
    /// ```
    /// # use termgrid::{Color, Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(1, 4)?, 0);
    /// grid.set(0, 0, 'x', Style::default());
    /// grid.insert_cells(0, 0, 2, Color::Default);
    /// assert_eq!(grid.row(0).text(), "  x");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn insert_cells(&mut self, line: usize, column: usize, count: usize, background: Color) {
        let columns = self.columns;
        self.touch(line, column..columns)
            .insert(column, count, Cell::erased(background), columns);
    }

    /// Deletes `count` cells; the rest of the line moves left, and blank ones come in at the right.
    ///
    /// # Panics
    ///
    /// If there is no such line or column.
    ///
    /// ```
    /// # use termgrid::{Color, Grid, Size, Style};
    /// let mut grid = Grid::new(Size::new(1, 4)?, 0);
    /// grid.set(0, 2, 'x', Style::default());
    /// grid.delete_cells(0, 0, 1, Color::Default);
    /// assert_eq!(grid.row(0).text(), " x");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn delete_cells(&mut self, line: usize, column: usize, count: usize, background: Color) {
        let columns = self.columns;
        self.touch(line, column..columns)
            .delete(column, count, Cell::erased(background), columns);
    }

    /// Forgets the scrollback. Its rows are used again.
    ///
    /// ```
    /// # use termgrid::{Color, Grid, Size};
    /// let mut grid = Grid::new(Size::new(1, 4)?, 5);
    /// grid.scroll_up(0..1, 1, Color::Default);
    /// grid.clear_history();
    /// assert_eq!(grid.history(), 0);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn clear_history(&mut self) {
        self.ring.clear_history();
    }

    /// What changed since `since`. Later changes belong to the next frame. A stamp of another grid gives everything or an
    /// undefined part of it, no panic.
    ///
    /// ```
    /// # use termgrid::{Grid, Size, Stamp, Style};
    /// let mut grid = Grid::new(Size::new(3, 4)?, 0);
    /// let seen = grid.frame(Stamp::default()).stamp();
    /// grid.set(2, 1, 'x', Style::default());
    /// let lines: Vec<_> = grid.frame(seen).rows().map(|changed| changed.line).collect();
    /// assert_eq!(lines, [2]);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn frame(&mut self, since: Stamp) -> Frame<'_> {
        let now = Stamp {
            generation: self.generation,
            scrolled: self.scrolled,
        };
        self.generation += 1;
        Frame::new(self, since, now)
    }

    /// Checks the invariants of the grid.
    ///
    /// # Panics
    ///
    /// If one does not hold, which is a fault of this crate. O(cells).
    ///
    /// ```
    /// # use termgrid::{Grid, Size};
    /// Grid::new(Size::new(24, 80)?, 0).validate();
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn validate(&self) {
        self.ring.validate(self.columns);
    }

    /// A line of the screen, marked as changed in some columns.
    #[inline]
    pub(crate) fn touch(&mut self, line: usize, columns: Range<usize>) -> &mut Row {
        let generation = self.generation;
        let row = self.ring.row_mut(line);
        row.damage.add(generation, columns.start, columns.end);
        row
    }

    pub(crate) fn touch_lines(&mut self, lines: Range<usize>) {
        for line in lines {
            self.touch(line, 0..self.columns);
        }
    }

    #[inline]
    pub(crate) fn write_ascii(&mut self, line: usize, column: usize, text: &[u8], template: Cell) {
        let columns = self.columns;
        self.touch(line, column..column + text.len())
            .write_ascii(column, text, template, columns);
    }

    /// Writes characters as long as they fit and have columns of their own: how many bytes, and to which column.
    #[inline]
    pub(crate) fn write_text(
        &mut self,
        line: usize,
        column: usize,
        text: &str,
        template: Cell,
    ) -> (usize, usize) {
        let columns = self.columns;
        self.touch(line, column..column + 1)
            .write_text(column, text, template, columns)
    }

    /// Writes a cell that fits, wide or narrow.
    #[inline]
    pub(crate) fn write(&mut self, line: usize, column: usize, cell: Cell) {
        let (columns, end) = (
            self.columns,
            column + 1 + usize::from(cell.width == Width::Wide),
        );
        self.touch(line, column..end).write(column, cell, columns);
    }

    /// Continues the stamps of the grid that was shown before: all lines changed.
    pub(crate) fn follow(&mut self, other: &Self) {
        self.generation = self.generation.max(other.generation) + 1;
        self.scrolled = other.scrolled;
        self.touch_lines(0..self.lines());
    }

    /// Every line changed, in ways that marks of rows don't tell.
    pub(crate) fn touch_all(&mut self) {
        self.generation += 1;
        self.touch_lines(0..self.lines());
    }

    /// Moves the lines above `bottom` up by one, the first one into the scrollback.
    #[inline]
    fn scroll_out(&mut self, bottom: usize, background: Color) {
        let lines = self.lines();
        self.ring.advance();
        self.scrolled += 1;
        if bottom < lines {
            self.ring.rotate_down(bottom - 1..lines);
            self.touch_lines(bottom..lines);
        }
        self.renew(bottom - 1..bottom, background);
    }

    #[inline]
    fn renew(&mut self, lines: Range<usize>, background: Color) {
        let columns = self.columns;
        for line in lines {
            let row = self.touch(line, 0..columns);
            row.clear();
            if background != Color::Default {
                row.fill(0..columns, Cell::erased(background), columns);
            }
        }
    }
}

impl PartialEq for Grid {
    fn eq(&self, other: &Self) -> bool {
        let rows = self.history() + self.lines();
        (self.lines(), self.columns, self.history())
            == (other.lines(), other.columns, other.history())
            && (0..rows).all(|index| self.ring.at(index) == other.ring.at(index))
    }
}

impl Eq for Grid {}

fn clip(range: Range<usize>, end: usize) -> Range<usize> {
    let end = range.end.min(end);
    range.start.min(end)..end
}
