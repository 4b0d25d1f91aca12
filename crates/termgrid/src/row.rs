//! One row: the cells up to the last one that was written, and combining characters beside them.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use crate::attributes::Style;
use crate::cell::{Cell, Width};
use crate::dirty::Damage;

/// How many combining characters a cell keeps. More of them are dropped.
const COMBINING_MAX: usize = 16;

/// How many combining characters a row has room for after its first: enough for most, so that rows which are used again
/// seldom grow.
const COMBINING_AT_FIRST: usize = 16;

/// A row of a [`Grid`](crate::Grid).
///
/// Its cells are stored up to the last one that something was written to; what follows is [`Cell::BLANK`]. Rows are equal
/// if they show the same, however much of it is stored.
///
/// ```
/// use termgrid::{Cell, Size, Terminal};
///
/// let mut terminal = Terminal::new(Size::new(1, 80)?, 0);
/// terminal.process(b"hello");
/// let row = terminal.grid().row(0);
/// assert_eq!(row.cells().len(), 5);
/// assert_eq!(row.cell(70), Cell::BLANK);
/// assert_eq!(row.text(), "hello");
/// # Ok::<(), termgrid::SizeError>(())
/// ```
///
/// # Invariants
///
/// 1. `cells.len() <= columns` of the grid.
/// 2. A cell is `Wide` if and only if the next one is a `Spacer`.
/// 3. `combining` is ordered by column; each column is that of a stored cell which is no spacer.
#[derive(Clone, Debug, Default)]
pub struct Row {
    cells: Vec<Cell>,
    combining: Vec<(u16, char)>,
    wrapped: bool,
    pub(crate) damage: Damage,
}

impl Row {
    /// The cells that are stored, borrowed; the rest of the row is blank.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let terminal = Terminal::new(Size::new(1, 80)?, 0);
    /// assert!(terminal.grid().row(0).cells().is_empty());
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell in a column, blank if none is stored.
    ///
    /// ```
    /// # use termgrid::{Cell, Size, Terminal};
    /// let terminal = Terminal::new(Size::new(1, 80)?, 0);
    /// assert_eq!(terminal.grid().row(0).cell(3), Cell::BLANK);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn cell(&self, column: usize) -> Cell {
        self.cells.get(column).copied().unwrap_or(Cell::BLANK)
    }

    /// The combining characters of a cell, in the order in which they came. O(log n) in those of the row.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(1, 80)?, 0);
    /// terminal.process("e\u{301}".as_bytes());
    /// assert!(terminal.grid().row(0).combining(0).eq(['\u{301}']));
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn combining(&self, column: usize) -> impl Iterator<Item = char> + '_ {
        let start = self.combining_from(column);
        let of_column = move |&&(at, _): &&(u16, char)| usize::from(at) == column;
        self.combining[start..]
            .iter()
            .take_while(of_column)
            .map(|&(_, character)| character)
    }

    /// Whether the next row continues this one's line.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(2, 4)?, 0);
    /// terminal.process(b"12345");
    /// assert!(terminal.grid().row(0).is_wrapped());
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn is_wrapped(&self) -> bool {
        self.wrapped
    }

    /// The text, without spaces at its end.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(1, 80)?, 0);
    /// terminal.process("nai\u{308}ve \u{6f22}\u{5b57} ".as_bytes());
    /// assert_eq!(terminal.grid().row(0).text(), "nai\u{308}ve \u{6f22}\u{5b57}");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.cells.len());
        self.push_text(&mut text);
        text.truncate(text.trim_end_matches(' ').len());
        text
    }

    /// Adds the text of the stored cells, spaces at its end included.
    pub(crate) fn push_text(&self, text: &mut String) {
        let mut combining = self.combining.iter().peekable();
        for (column, cell) in self.cells.iter().enumerate() {
            if matches!(cell.width, Width::Spacer | Width::Pad) {
                continue;
            }
            text.push(cell.character);
            while let Some((_, mark)) = combining.next_if(|(at, _)| usize::from(*at) == column) {
                text.push(*mark);
            }
        }
    }

    /// Cells without the blank ones at the end.
    pub(crate) fn trimmed(&self) -> &[Cell] {
        let blank = self
            .cells
            .iter()
            .rev()
            .take_while(|cell| **cell == Cell::BLANK)
            .count();
        // A combining character needs its cell.
        let marked = self
            .combining
            .last()
            .map_or(0, |&(column, _)| usize::from(column) + 1);
        &self.cells[..(self.cells.len() - blank).max(marked)]
    }

    pub(crate) fn set_wrapped(&mut self, wrapped: bool) {
        self.wrapped = wrapped;
    }

    /// Forgets everything. Takes no time that depends on the row's length.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.combining.clear();
        self.wrapped = false;
    }

    /// Writes a run of printable ASCII. The run ends within the row.
    #[inline]
    pub(crate) fn write_ascii(
        &mut self,
        column: usize,
        text: &[u8],
        template: Cell,
        columns: usize,
    ) {
        let end = column + text.len();
        self.open(column, end, columns);
        let cell = |byte: u8| Cell {
            character: char::from(byte),
            ..template
        };
        let stored = self.cells.len().min(end) - column;
        let (over, beyond) = text.split_at(stored);
        for (slot, byte) in self.cells[column..column + stored].iter_mut().zip(over) {
            *slot = cell(*byte);
        }
        self.cells.extend(beyond.iter().map(|byte| cell(*byte)));
    }

    /// Writes characters as long as they fit and have columns of their own: how many bytes, and to which column.
    pub(crate) fn write_text(
        &mut self,
        column: usize,
        text: &str,
        template: Cell,
        columns: usize,
    ) -> (usize, usize) {
        let first = text
            .chars()
            .next()
            .and_then(UnicodeWidthChar::width)
            .unwrap_or(0);
        if first == 0 || column + first > columns {
            return (0, column);
        }
        self.open(column, column, columns);
        self.reserve(columns);
        let (mut taken, mut end) = (0, column);
        for character in text.chars() {
            let cell = Cell {
                character,
                ..template
            };
            match character.width() {
                Some(1) if end < columns => {
                    self.put(end, cell);
                    end += 1;
                }
                Some(2) if end + 2 <= columns => {
                    self.put_wide(end, cell);
                    end += 2;
                }
                _ => break,
            }
            taken += character.len_utf8();
        }
        self.close(column, end, columns);
        (taken, end)
    }

    /// Writes one character, two cells if it is wide. It fits.
    #[inline]
    pub(crate) fn write(&mut self, column: usize, cell: Cell, columns: usize) {
        let wide = cell.width == Width::Wide;
        self.open(column, column + 1 + usize::from(wide), columns);
        if wide {
            self.put_wide(column, cell);
        } else {
            self.put(column, cell);
        }
    }

    /// Fills columns with copies of a narrow cell.
    pub(crate) fn fill(&mut self, range: Range<usize>, cell: Cell, columns: usize) {
        if range.is_empty() {
            return;
        }
        if cell == Cell::BLANK && range.end >= self.cells.len() {
            if range.start < self.cells.len() {
                self.split_wide(range.start);
                self.cells.truncate(range.start);
                self.combining.truncate(self.combining_from(range.start));
            }
        } else {
            self.open(range.start, range.end, columns);
            let stored = self.cells.len().min(range.end);
            self.cells[range.start..stored].fill(cell);
            if stored < range.end {
                self.cells.resize(range.end, cell);
            }
        }
        if range.end >= columns {
            self.wrapped = false;
        }
    }

    /// Opens a gap of `count` cells; what is pushed over the edge is gone.
    pub(crate) fn insert(&mut self, column: usize, count: usize, cell: Cell, columns: usize) {
        let count = count.min(columns - column);
        if count == 0 {
            return;
        }
        self.wrapped = false;
        if column < self.cells.len() {
            self.split_wide(column);
            self.split_wide(columns - count);
            self.truncate(columns - count);
        }
        if column < self.cells.len() {
            self.reserve(columns);
            let old = self.cells.len();
            self.cells.resize(old + count, Cell::BLANK);
            self.cells.copy_within(column..old, column + count);
            self.cells[column..column + count].fill(cell);
            let from = self.combining_from(column);
            for (at, _) in &mut self.combining[from..] {
                *at += count as u16;
            }
        } else {
            self.fill(column..column + count, cell, columns);
        }
    }

    /// Takes `count` cells out; the rest of the row moves left, and cells come in at the edge.
    pub(crate) fn delete(&mut self, column: usize, count: usize, cell: Cell, columns: usize) {
        let count = count.min(columns - column);
        if count == 0 {
            return;
        }
        self.wrapped = false;
        if column < self.cells.len() {
            let end = (column + count).min(self.cells.len());
            self.split_wide(column);
            self.split_wide(end);
            self.forget_combining(column..end);
            self.cells.drain(column..end);
            let from = self.combining_from(column);
            for (at, _) in &mut self.combining[from..] {
                *at -= count as u16;
            }
        }
        self.fill(columns - count..columns, cell, columns);
    }

    /// Adds a combining character to the cell in a column, or to the wide one whose right half it is.
    pub(crate) fn combine(&mut self, column: usize, character: char, columns: usize) {
        let column = column - usize::from(self.cell(column).width == Width::Spacer);
        if self.combining(column).count() >= COMBINING_MAX {
            return;
        }
        if self.cells.len() <= column {
            self.reserve(columns);
            self.cells.resize(column + 1, Cell::BLANK);
        }
        if self.combining.capacity() == 0 {
            self.combining.reserve_exact(COMBINING_AT_FIRST);
        }
        let at = self.combining_from(column + 1);
        self.combining.insert(at, (column as u16, character));
        self.damage.widen(column, column + 1);
    }

    /// Copies columns of another row to `column`; halves of wide characters become spaces.
    pub(crate) fn copy_from(
        &mut self,
        column: usize,
        source: &Self,
        range: Range<usize>,
        columns: usize,
    ) {
        let end = column + range.len();
        self.open(column, end, columns);
        if self.cells.len() < end {
            self.cells.resize(end, Cell::BLANK);
        }
        for (to, from) in (column..end).zip(range.clone()) {
            self.cells[to] = source.cell(from);
        }
        self.mend(column, true);
        self.mend(end - 1, false);
        for (to, from) in (column..end).zip(range) {
            // A half that became a space has left its combining characters behind.
            let width = self.cells[to].width;
            if width != Width::Spacer && width == source.cell(from).width {
                for mark in source.combining(from) {
                    self.combine(to, mark, columns);
                }
            }
        }
    }

    /// Becomes what another row is, without its damage, in the memory that is there.
    pub(crate) fn assign(&mut self, other: &Self) {
        self.cells.clone_from(&other.cells);
        self.combining.clone_from(&other.combining);
        self.wrapped = other.wrapped;
    }

    /// Cuts off what stands right of `columns`.
    pub(crate) fn truncate(&mut self, columns: usize) {
        if columns < self.cells.len() {
            self.split_wide(columns);
            self.cells.truncate(columns);
            self.combining.truncate(self.combining_from(columns));
        }
    }

    /// Appends a cell and what combines with it. For rows that are built anew.
    pub(crate) fn push(&mut self, cell: Cell, combining: impl Iterator<Item = char>) {
        let column = self.cells.len() as u16;
        self.cells.push(cell);
        self.combining.extend(combining.map(|mark| (column, mark)));
    }

    /// Checks the [invariants](Self#invariants).
    pub(crate) fn validate(&self, columns: usize) {
        assert!(
            self.cells.len() <= columns,
            "a row of {} cells in {columns} columns",
            self.cells.len()
        );
        for (column, cell) in self.cells.iter().enumerate() {
            let next = self.cell(column + 1).width;
            assert_eq!(
                cell.width == Width::Wide,
                next == Width::Spacer,
                "half a character in column {column}"
            );
        }
        assert!(
            self.cell(0).width != Width::Spacer,
            "half a character in column 0"
        );
        assert!(
            self.combining.is_sorted_by_key(|&(column, _)| column),
            "combining characters out of order"
        );
        for &(column, _) in &self.combining {
            let cell = self.cells.get(usize::from(column));
            assert!(
                cell.is_some_and(|cell| cell.width != Width::Spacer),
                "column {column} combines with nothing"
            );
        }
    }

    /// Makes room to overwrite columns: the cells before them are stored, no wide character straddles their edges, and
    /// nothing combines with them.
    #[inline]
    fn open(&mut self, start: usize, end: usize, columns: usize) {
        if self.cells.len() < end {
            self.reserve(columns);
            if self.cells.len() < start {
                self.cells.resize(start, Cell::BLANK);
            }
        }
        self.split_wide(start);
        self.split_wide(end);
        if !self.combining.is_empty() {
            self.forget_combining(start..end);
        }
        if end == columns {
            self.wrapped = false;
        }
    }

    #[inline]
    fn reserve(&mut self, columns: usize) {
        if self.cells.capacity() < columns {
            self.cells.reserve_exact(columns - self.cells.len());
        }
    }

    /// Mends what stands around columns that have been written one after the other, without having been opened.
    #[inline]
    fn close(&mut self, start: usize, end: usize, columns: usize) {
        if self
            .cells
            .get(end)
            .is_some_and(|cell| cell.width == Width::Spacer)
        {
            self.blank(end);
        }
        if !self.combining.is_empty() {
            self.forget_combining(start..end);
        }
        if end == columns {
            self.wrapped = false;
        }
        self.damage.widen(start, end);
    }

    #[inline]
    fn put_wide(&mut self, column: usize, cell: Cell) {
        let halves = [(cell.character, Width::Wide), (' ', Width::Spacer)];
        for (half, (character, width)) in halves.into_iter().enumerate() {
            let cell = Cell {
                character,
                width,
                ..cell
            };
            self.put(column + half, cell);
        }
    }

    #[inline]
    fn put(&mut self, column: usize, cell: Cell) {
        match self.cells.get_mut(column) {
            Some(slot) => *slot = cell,
            None => self.cells.push(cell),
        }
    }

    /// Makes two spaces of a wide character whose halves stand on both sides of `column`'s left edge.
    #[inline]
    fn split_wide(&mut self, column: usize) {
        if self
            .cells
            .get(column)
            .is_some_and(|cell| cell.width == Width::Spacer)
        {
            self.blank(column - 1);
            self.blank(column);
        }
    }

    /// Makes a space of a cell whose other half is not where it should be.
    fn mend(&mut self, column: usize, left_edge: bool) {
        let width = self.cells[column].width;
        if (left_edge && width == Width::Spacer) || (!left_edge && width == Width::Wide) {
            self.blank(column);
        }
    }

    #[cold]
    fn blank(&mut self, column: usize) {
        let cell = &mut self.cells[column];
        *cell = Cell {
            character: ' ',
            width: Width::Narrow,
            ..*cell
        };
        self.forget_combining(column..column + 1);
        self.damage.widen(column, column + 1);
    }

    fn forget_combining(&mut self, range: Range<usize>) {
        let (from, to) = (
            self.combining_from(range.start),
            self.combining_from(range.end),
        );
        self.combining.drain(from..to);
    }

    fn combining_from(&self, column: usize) -> usize {
        self.combining
            .partition_point(|&(at, _)| usize::from(at) < column)
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.trimmed() == other.trimmed()
            && self.combining == other.combining
            && self.wrapped == other.wrapped
    }
}

impl Eq for Row {}

/// The template of the cells that a pen writes.
pub(crate) fn template(style: Style) -> Cell {
    Cell::new(' ', style)
}
