//! termgrid.

use super::Contender;
use crate::shown::{Line, Place, Shown};
use termgrid::{Row, Size, Terminal, Width};

pub fn make(lines: usize, columns: usize, scrollback: usize) -> Box<dyn Contender> {
    Box::new(Terminal::new(size(lines, columns), scrollback))
}

impl Contender for Terminal {
    fn process(&mut self, bytes: &[u8]) {
        self.process(bytes);
    }

    fn resize(&mut self, lines: usize, columns: usize) {
        self.resize(size(lines, columns));
    }

    fn shown(&self) -> Shown {
        let (grid, cursor) = (self.grid(), self.cursor());
        let line = |row: &Row| line(row, grid.columns());
        let back = |back: usize| grid.view(back).next().map(line);
        Shown {
            cursor: (cursor.line, cursor.column),
            pending_wrap: cursor.pending_wrap,
            lines: (0..grid.lines()).map(|it| line(grid.row(it))).collect(),
            history: (1..=grid.history()).rev().filter_map(back).collect(),
        }
    }
}

fn size(lines: usize, columns: usize) -> Size {
    Size::new(lines, columns).expect("a size that terminals have")
}

fn line(row: &Row, columns: usize) -> Line {
    let place = |column: usize| {
        let cell = row.cell(column);
        let text = match cell.width {
            Width::Spacer => String::new(),
            _ => [cell.character]
                .into_iter()
                .chain(row.combining(column))
                .collect(),
        };
        Place {
            text,
            foreground: cell.foreground,
            background: cell.background,
            attributes: cell.attributes,
        }
    };
    Line {
        places: (0..columns).map(place).collect(),
        wrapped: row.is_wrapped(),
    }
}
