//! The rows of a screen and those that have scrolled out of it, in a ring: scrolling moves an index.

use std::ops::Range;

use crate::row::Row;

/// Rows, from the oldest of the scrollback to the last line of the screen.
///
/// Rows stay where they are; `order` says which one stands where, so that parts of the screen scroll by moving numbers.
///
/// # Invariants
///
/// 1. `order` is a permutation of the indices of `rows`.
/// 2. `history <= limit`, and `history + lines <= order.len()`.
/// 3. `start < order.len()`.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    rows: Vec<Row>,
    order: Vec<u32>,
    /// Where in `order` the oldest row stands.
    start: usize,
    history: usize,
    lines: usize,
    limit: usize,
}

impl Ring {
    pub(crate) fn new(lines: usize, limit: usize) -> Self {
        let mut ring = Self {
            rows: Vec::new(),
            order: Vec::new(),
            start: 0,
            history: 0,
            lines,
            limit,
        };
        ring.grow(lines);
        ring
    }

    /// A ring of the last rows of `rows`, filled up with blank ones; `screen` is the index of the screen's first line.
    pub(crate) fn of(mut rows: Vec<Row>, screen: usize, lines: usize, limit: usize) -> Self {
        let gone = screen.saturating_sub(limit);
        rows.drain(..gone);
        let history = screen - gone;
        rows.truncate(history + lines);
        let missing = history + lines - rows.len();
        let order = (0..rows.len() as u32).collect();
        let mut ring = Self {
            rows,
            order,
            start: 0,
            history,
            lines,
            limit,
        };
        ring.grow(missing);
        ring
    }

    pub(crate) fn lines(&self) -> usize {
        self.lines
    }

    pub(crate) fn history(&self) -> usize {
        self.history
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    #[inline]
    pub(crate) fn row(&self, line: usize) -> &Row {
        assert!(
            line < self.lines,
            "line {line} of a screen of {}",
            self.lines
        );
        self.at(self.history + line)
    }

    #[inline]
    pub(crate) fn row_mut(&mut self, line: usize) -> &mut Row {
        assert!(
            line < self.lines,
            "line {line} of a screen of {}",
            self.lines
        );
        let slot = self.order[self.place(self.history + line)];
        &mut self.rows[slot as usize]
    }

    /// A row by its age, 0 the oldest of the scrollback.
    #[inline]
    pub(crate) fn at(&self, index: usize) -> &Row {
        &self.rows[self.order[self.place(index)] as usize]
    }

    /// Moves the first line of the screen into the scrollback, or drops the oldest row where that is full. The row that
    /// comes in below has what it had when it was in use last.
    #[inline]
    pub(crate) fn advance(&mut self) {
        if self.history < self.limit {
            if self.history + self.lines == self.order.len() {
                self.grow(self.order.len().max(16).min(self.limit - self.history));
            }
            self.history += 1;
        } else {
            self.start = self.place(1);
        }
    }

    /// Moves the lines up by one; the first one comes in below.
    pub(crate) fn rotate_up(&mut self, lines: Range<usize>) {
        for line in lines.start + 1..lines.end {
            let (a, b) = (
                self.place(self.history + line - 1),
                self.place(self.history + line),
            );
            self.order.swap(a, b);
        }
    }

    /// Moves the lines down by one; the last one comes in above.
    pub(crate) fn rotate_down(&mut self, lines: Range<usize>) {
        for line in (lines.start + 1..lines.end).rev() {
            let (a, b) = (
                self.place(self.history + line - 1),
                self.place(self.history + line),
            );
            self.order.swap(a, b);
        }
    }

    /// Drops the scrollback; its rows are used again.
    pub(crate) fn clear_history(&mut self) {
        self.start = self.place(self.history);
        self.history = 0;
    }

    /// The rows of scrollback and screen, and the index of the screen's first line.
    pub(crate) fn take(&mut self) -> (Vec<Row>, usize) {
        let count = self.history + self.lines;
        let rows = (0..count).map(|index| {
            let slot = self.order[self.place(index)];
            std::mem::take(&mut self.rows[slot as usize])
        });
        (rows.collect(), self.history)
    }

    pub(crate) fn validate(&self, columns: usize) {
        assert_eq!(self.order.len(), self.rows.len());
        let mut seen = vec![false; self.rows.len()];
        for &slot in &self.order {
            assert!(
                !std::mem::replace(&mut seen[slot as usize], true),
                "row {slot} stands in two lines"
            );
        }
        assert!(self.history <= self.limit && self.history + self.lines <= self.order.len());
        assert!(self.start < self.order.len());
        for index in 0..self.history + self.lines {
            self.at(index).validate(columns);
        }
    }

    /// Adds rows that are not in use yet, behind the last one.
    fn grow(&mut self, count: usize) {
        self.order.rotate_left(self.start);
        self.start = 0;
        let next = self.rows.len();
        self.rows.resize_with(next + count, Row::default);
        self.order.extend(next as u32..(next + count) as u32);
    }

    #[inline]
    fn place(&self, index: usize) -> usize {
        let place = self.start + index;
        if place >= self.order.len() {
            place - self.order.len()
        } else {
            place
        }
    }
}
