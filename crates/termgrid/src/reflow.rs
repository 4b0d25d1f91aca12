//! Changes of the size.

use crate::cell::{Cell, Width};
use crate::cursor::Cursor;
use crate::grid::Grid;
use crate::row::Row;
use crate::screen::Screen;
use crate::scrollback::Ring;
use crate::size::Size;

/// Gives both screens a size. The primary one keeps its lines and wraps them anew.
pub(crate) fn resize(screen: &mut Screen, size: Size) {
    let (lines, columns) = (size.lines(), size.columns());
    if (lines, columns) == (screen.grid.lines(), screen.grid.columns) {
        return;
    }
    if screen.modes.alternate_screen {
        // The cursor that the primary screen gets back is the one it saved.
        reflow(&mut screen.hidden, &mut screen.hidden_saved, size);
        crop(&mut screen.grid, &mut screen.cursor, size);
    } else {
        reflow(&mut screen.grid, &mut screen.cursor, size);
        crop(&mut screen.hidden, &mut screen.hidden_saved, size);
    }
    screen.saved.clamp(lines, columns);
    screen.margins = 0..lines;
    screen.tabs.resize(columns);
}

/// Cuts off or fills up. Where lines are too many, those above the cursor go first.
fn crop(grid: &mut Grid, cursor: &mut Cursor, size: Size) {
    let (mut rows, screen) = grid.ring.take();
    rows.drain(..screen);
    let above = (cursor.line + 1)
        .min(rows.len())
        .saturating_sub(size.lines());
    rows.drain(..above);
    for row in &mut rows {
        row.truncate(size.columns());
        row.set_wrapped(false);
    }
    cursor.line -= above;
    cursor.clamp(size.lines(), size.columns());
    replace(grid, rows, 0, size);
}

/// Wraps all lines, those of the scrollback included, at another width.
fn reflow(grid: &mut Grid, cursor: &mut Cursor, size: Size) {
    cursor.clamp(grid.lines(), grid.columns);
    let (rows, screen) = grid.ring.take();
    let at = screen + cursor.line;
    let used = rows
        .iter()
        .rposition(|row| !row.trimmed().is_empty())
        .map_or(0, |last| last + 1)
        .max(at + 1);
    let mut target = Reflow::new(size.columns());
    for (index, row) in rows[..used].iter().enumerate() {
        let cursor = (index == at).then_some(cursor.column + usize::from(cursor.pending_wrap));
        target.line(row, grid.columns, cursor);
    }
    let (line, column) = target.cursor;
    let screen = target.rows.len().saturating_sub(size.lines());
    cursor.line = line.saturating_sub(screen);
    cursor.pending_wrap = column >= size.columns();
    cursor.column = column.min(size.columns() - 1);
    replace(grid, target.rows, screen, size);
}

fn replace(grid: &mut Grid, rows: Vec<Row>, screen: usize, size: Size) {
    grid.ring = Ring::of(rows, screen, size.lines(), grid.ring.limit());
    grid.columns = size.columns();
    grid.touch_all();
}

/// Rows of another width that are being filled.
struct Reflow {
    rows: Vec<Row>,
    columns: usize,
    /// Whether the last row's line goes on with what comes next.
    open: bool,
    /// Row and column of the cursor; the column is that behind the last one where a wrap is pending.
    cursor: (usize, usize),
}

impl Reflow {
    fn new(columns: usize) -> Self {
        Self {
            rows: Vec::new(),
            columns,
            open: false,
            cursor: (0, 0),
        }
    }

    fn line(&mut self, row: &Row, old_columns: usize, cursor: Option<usize>) {
        if !self.open {
            self.rows.push(Row::default());
        }
        self.open = row.is_wrapped();
        let text = if self.open {
            row.cells()
        } else {
            // Spaces that were written before the cursor are kept: a prompt ends with one.
            let before = cursor.map_or(0, |column| column.min(row.cells().len()));
            &row.cells()[..row.trimmed().len().max(before)]
        };
        let pad = usize::from(text.last().is_some_and(|cell| cell.width == Width::Pad));
        let text = &text[..text.len() - pad];
        // A line that goes on has all of its columns.
        let blank = if self.open {
            old_columns - pad - text.len()
        } else {
            0
        };
        for (column, cell) in text
            .iter()
            .chain(std::iter::repeat_n(&Cell::BLANK, blank))
            .enumerate()
        {
            let wide = cell.width == Width::Wide;
            if cell.width != Width::Spacer {
                self.make_room(1 + usize::from(wide));
            }
            let end = self.rows.len() - 1;
            if cursor == Some(column) {
                self.cursor = (end, self.rows[end].cells().len());
            }
            self.rows[end].push(*cell, row.combining(column));
        }
        if let Some(column) = cursor.filter(|column| *column >= text.len() + blank) {
            let end = self.rows.len() - 1;
            let beyond = column - text.len() - blank;
            self.cursor = (end, self.rows[end].cells().len() + beyond);
        }
    }

    /// Begins another row if so many cells don't fit into the last one.
    fn make_room(&mut self, cells: usize) {
        let columns = self.columns;
        let Some(row) = self.rows.last_mut() else {
            return;
        };
        if row.cells().len() + cells > columns {
            if row.cells().len() < columns {
                row.push(
                    Cell {
                        width: Width::Pad,
                        ..Cell::BLANK
                    },
                    std::iter::empty(),
                );
            }
            row.set_wrapped(true);
            self.rows.push(Row::default());
        }
    }
}
