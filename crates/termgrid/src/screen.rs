//! What a terminal does with characters and control functions, whoever has parsed them.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use crate::attributes::Color;
use crate::cell::{Cell, Width};
use crate::cursor::{Charset, Cursor};
use crate::grid::Grid;
use crate::modes::{Modes, TabStops};
use crate::row::template;
use crate::size::Size;

/// Replies that nobody takes are dropped beyond this many bytes.
const REPLIES_MAX: usize = 1 << 16;

/// The state of a terminal but for its parser.
///
/// # Invariants
///
/// 1. The cursor stands in the grid, and `pending_wrap` only in the last column.
/// 2. `margins` are two lines of the screen or more, or all of it.
#[derive(Clone, Debug)]
pub(crate) struct Screen {
    /// The grid that is shown.
    pub(crate) grid: Grid,
    /// The one that isn't: the alternate screen, or the primary one while that is shown.
    pub(crate) hidden: Grid,
    pub(crate) cursor: Cursor,
    /// What DECSC saved on the screen that is shown, and on the other.
    pub(crate) saved: Cursor,
    pub(crate) hidden_saved: Cursor,
    pub(crate) modes: Modes,
    /// The lines that scroll.
    pub(crate) margins: Range<usize>,
    pub(crate) tabs: TabStops,
    pub(crate) title: String,
    pub(crate) replies: Vec<u8>,
    /// What REP repeats.
    pub(crate) last: Option<char>,
}

impl Screen {
    pub(crate) fn new(size: Size, scrollback: usize) -> Self {
        Self {
            grid: Grid::new(size, scrollback),
            hidden: Grid::new(size, 0),
            cursor: Cursor::default(),
            saved: Cursor::default(),
            hidden_saved: Cursor::default(),
            modes: Modes::default(),
            margins: 0..size.lines(),
            tabs: TabStops::new(size.columns()),
            title: String::new(),
            replies: Vec::new(),
            last: None,
        }
    }

    /// Writes a run of printable ASCII, which isn't empty.
    #[inline]
    pub(crate) fn print_ascii(&mut self, mut text: &[u8]) {
        if self.modes.insert || self.cursor.charset() != Charset::Ascii {
            for &byte in text {
                self.print(char::from(byte));
            }
            return;
        }
        self.last = text.last().copied().map(char::from);
        let columns = self.grid.columns;
        let template = template(self.cursor.style);
        while !text.is_empty() {
            if self.cursor.pending_wrap {
                if self.modes.autowrap {
                    self.wrap();
                } else {
                    // All but the last character would be overwritten.
                    text = &text[text.len() - 1..];
                }
            }
            let (line, column) = (self.cursor.line, self.cursor.column);
            let (now, rest) = text.split_at(text.len().min(columns - column));
            self.grid.write_ascii(line, column, now, template);
            self.move_right(now.len());
            text = rest;
        }
    }

    /// Writes text of any kind.
    pub(crate) fn print_str(&mut self, mut text: &str) {
        while let Some(first) = text.chars().next() {
            let taken = match self.print_run(text) {
                0 => {
                    self.print(first);
                    first.len_utf8()
                }
                taken => taken,
            };
            text = &text[taken..];
        }
    }

    /// Writes characters that fit into the line and have columns of their own, as far as there are such, if nothing else
    /// is to be done with them; the number of bytes.
    #[inline]
    fn print_run(&mut self, text: &str) -> usize {
        if self.cursor.pending_wrap || self.modes.insert || self.cursor.charset() != Charset::Ascii
        {
            return 0;
        }
        let (line, column) = (self.cursor.line, self.cursor.column);
        let template = template(self.cursor.style);
        let (taken, end) = self.grid.write_text(line, column, text, template);
        self.last = text[..taken].chars().next_back().or(self.last);
        self.move_right(end - column);
        taken
    }

    /// Writes a character of any width.
    #[inline]
    pub(crate) fn print(&mut self, character: char) {
        let character = self.cursor.charset().map(character);
        match character.width() {
            None => {}
            Some(0) => self.combine(character),
            Some(1) => self.print_cell(Cell::new(character, self.cursor.style), 1),
            Some(_) => {
                let cell = Cell {
                    width: Width::Wide,
                    ..Cell::new(character, self.cursor.style)
                };
                self.print_cell(cell, 2);
            }
        }
    }

    #[inline]
    fn print_cell(&mut self, cell: Cell, width: usize) {
        self.last = Some(cell.character);
        if self.cursor.pending_wrap && self.modes.autowrap {
            self.wrap();
        }
        if self.cursor.column + width > self.grid.columns && !self.make_room() {
            return;
        }
        let (line, column) = (self.cursor.line, self.cursor.column);
        if self.modes.insert {
            self.grid
                .insert_cells(line, column, width, self.cursor.style.background);
        }
        self.grid.write(line, column, cell);
        self.move_right(width);
    }

    /// Goes to the next line for a wide character in the last column, if lines wrap.
    #[cold]
    fn make_room(&mut self) -> bool {
        if self.modes.autowrap {
            let pad = Cell {
                width: Width::Pad,
                ..Cell::erased(self.cursor.style.background)
            };
            self.grid.write(self.cursor.line, self.cursor.column, pad);
            self.wrap();
        } else {
            self.cursor.pending_wrap = true;
        }
        self.modes.autowrap
    }

    #[inline]
    fn move_right(&mut self, count: usize) {
        let column = self.cursor.column + count;
        self.cursor.pending_wrap = column == self.grid.columns;
        self.cursor.column = column - usize::from(self.cursor.pending_wrap);
    }

    #[inline]
    fn wrap(&mut self) {
        let columns = self.grid.columns;
        self.grid
            .touch(self.cursor.line, columns - 1..columns)
            .set_wrapped(true);
        self.line_feed();
        self.cursor.column = 0;
        self.cursor.pending_wrap = false;
    }

    fn combine(&mut self, character: char) {
        let Some(column) =
            (self.cursor.column + usize::from(self.cursor.pending_wrap)).checked_sub(1)
        else {
            return; // Nothing stands left of it.
        };
        self.grid.combine(self.cursor.line, column, character);
    }

    /// Down by one line, scrolling at the bottom margin.
    #[inline]
    pub(crate) fn line_feed(&mut self) {
        if self.cursor.line + 1 == self.margins.end {
            self.scroll_up(1);
        } else if self.cursor.line + 1 < self.grid.lines() {
            self.cursor.line += 1;
        }
    }

    pub(crate) fn reverse_line_feed(&mut self) {
        if self.cursor.line == self.margins.start {
            self.scroll_down(1);
        } else {
            self.cursor.line = self.cursor.line.saturating_sub(1);
        }
    }

    #[inline]
    pub(crate) fn scroll_up(&mut self, count: usize) {
        self.grid
            .scroll_up(self.margins.clone(), count, self.cursor.style.background);
    }

    pub(crate) fn scroll_down(&mut self, count: usize) {
        self.grid
            .scroll_down(self.margins.clone(), count, self.cursor.style.background);
    }

    pub(crate) fn carriage_return(&mut self) {
        self.go_to_column(0);
    }

    pub(crate) fn backspace(&mut self) {
        self.go_to_column(self.cursor.column.saturating_sub(1));
    }

    pub(crate) fn tab(&mut self, count: usize) {
        for _ in 0..count.min(self.grid.columns) {
            self.cursor.column = self.tabs.after(self.cursor.column);
        }
    }

    pub(crate) fn tab_back(&mut self, count: usize) {
        for _ in 0..count.min(self.grid.columns) {
            self.go_to_column(self.tabs.before(self.cursor.column));
        }
    }

    pub(crate) fn go_to_column(&mut self, column: usize) {
        self.cursor.column = column.min(self.grid.columns - 1);
        self.cursor.pending_wrap = false;
    }

    /// Goes to a line, counted from the top margin in origin mode.
    pub(crate) fn go_to_line(&mut self, line: usize) {
        let lines = if self.cursor.origin {
            self.margins.clone()
        } else {
            0..self.grid.lines()
        };
        self.cursor.line = (lines.start + line).min(lines.end - 1);
        self.cursor.pending_wrap = false;
    }

    /// Up, as far as the top margin if the cursor is not above it.
    pub(crate) fn up(&mut self, count: usize) {
        let top = if self.cursor.line >= self.margins.start {
            self.margins.start
        } else {
            0
        };
        self.cursor.line = self.cursor.line.saturating_sub(count).max(top);
        self.cursor.pending_wrap = false;
    }

    /// Down, as far as the bottom margin if the cursor is not below it.
    pub(crate) fn down(&mut self, count: usize) {
        let end = if self.cursor.line < self.margins.end {
            self.margins.end
        } else {
            self.grid.lines()
        };
        self.cursor.line = (self.cursor.line + count).min(end - 1);
        self.cursor.pending_wrap = false;
    }

    /// Erases columns of the cursor's line.
    pub(crate) fn erase(&mut self, columns: Range<usize>) {
        let line = self.cursor.line;
        self.grid.fill(
            line..line + 1,
            columns,
            Cell::erased(self.cursor.style.background),
        );
    }

    pub(crate) fn erase_lines(&mut self, lines: Range<usize>) {
        let columns = 0..self.grid.columns;
        self.grid
            .fill(lines, columns, Cell::erased(self.cursor.style.background));
    }

    pub(crate) fn insert_cells(&mut self, count: usize) {
        let Cursor {
            line,
            column,
            style,
            ..
        } = self.cursor;
        self.grid
            .insert_cells(line, column, count, style.background);
        self.cursor.pending_wrap = false;
    }

    pub(crate) fn delete_cells(&mut self, count: usize) {
        let Cursor {
            line,
            column,
            style,
            ..
        } = self.cursor;
        self.grid
            .delete_cells(line, column, count, style.background);
        self.cursor.pending_wrap = false;
    }

    pub(crate) fn insert_lines(&mut self, count: usize) {
        if self.margins.contains(&self.cursor.line) {
            let Cursor { line, style, .. } = self.cursor;
            self.grid
                .insert_lines(line, self.margins.end, count, style.background);
            self.carriage_return();
        }
    }

    pub(crate) fn delete_lines(&mut self, count: usize) {
        if self.margins.contains(&self.cursor.line) {
            let Cursor { line, style, .. } = self.cursor;
            self.grid
                .delete_lines(line, self.margins.end, count, style.background);
            self.carriage_return();
        }
    }

    /// DECSTBM: the lines that scroll, if there are two of them.
    pub(crate) fn set_margins(&mut self, lines: Range<usize>) {
        if lines.start + 1 < lines.end && lines.end <= self.grid.lines() {
            self.margins = lines;
            self.go_to_line(0);
            self.go_to_column(0);
        }
    }

    /// DECALN: a screen full of E.
    pub(crate) fn fill_with_e(&mut self) {
        let (lines, columns) = (self.grid.lines(), self.grid.columns);
        self.margins = 0..lines;
        self.grid.fill(
            0..lines,
            0..columns,
            Cell {
                character: 'E',
                ..Cell::BLANK
            },
        );
        self.cursor.origin = false;
        self.go_to_line(0);
        self.go_to_column(0);
    }

    pub(crate) fn save_cursor(&mut self) {
        self.saved = self.cursor;
    }

    pub(crate) fn restore_cursor(&mut self) {
        self.cursor = self.saved;
        self.cursor.clamp(self.grid.lines(), self.grid.columns);
    }

    pub(crate) fn show_alternate(&mut self, alternate: bool) {
        if self.modes.alternate_screen != alternate {
            self.modes.alternate_screen = alternate;
            self.hidden.follow(&self.grid);
            std::mem::swap(&mut self.grid, &mut self.hidden);
            std::mem::swap(&mut self.saved, &mut self.hidden_saved);
        }
    }

    pub(crate) fn set_title(&mut self, parts: &[&[u8]]) {
        self.title.clear();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.title.push(';');
            }
            for chunk in part.utf8_chunks() {
                self.title.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    self.title.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
    }

    pub(crate) fn reply(&mut self, bytes: &[u8]) {
        if self.replies.len() + bytes.len() <= REPLIES_MAX {
            self.replies.extend_from_slice(bytes);
        }
    }

    /// DECSTR: modes, margins, saved cursor and style as they were at first; the text stays.
    pub(crate) fn soft_reset(&mut self) {
        let Modes {
            alternate_screen, ..
        } = self.modes;
        self.modes = Modes {
            alternate_screen,
            ..Modes::default()
        };
        self.margins = 0..self.grid.lines();
        let Cursor {
            line,
            column,
            pending_wrap,
            ..
        } = self.cursor;
        self.cursor = Cursor {
            line,
            column,
            pending_wrap,
            ..Cursor::default()
        };
        self.saved = Cursor::default();
    }

    /// RIS: everything as it was at first, replies that wait aside.
    pub(crate) fn reset(&mut self) {
        self.show_alternate(false);
        self.soft_reset();
        self.hidden_saved = Cursor::default();
        self.cursor = Cursor::default();
        self.tabs = TabStops::new(self.grid.columns);
        self.title.clear();
        self.last = None;
        let lines = 0..self.grid.lines();
        self.grid
            .delete_lines(0, lines.end, lines.end, Color::Default);
        self.hidden
            .delete_lines(0, lines.end, lines.end, Color::Default);
        self.grid.clear_history();
    }

    pub(crate) fn validate(&self) {
        self.grid.validate();
        self.hidden.validate();
        self.validate_cursor();
        let lines = self.grid.lines();
        assert!(self.margins.end <= lines, "margins outside");
        assert!(
            self.margins.len() > 1 || self.margins == (0..lines),
            "margins of one line"
        );
    }

    /// Checks the part that takes constant time.
    pub(crate) fn validate_cursor(&self) {
        let (lines, columns) = (self.grid.lines(), self.grid.columns);
        assert_eq!(
            (self.hidden.lines(), self.hidden.columns),
            (lines, columns),
            "two sizes"
        );
        assert!(
            self.cursor.line < lines && self.cursor.column < columns,
            "the cursor is outside"
        );
        assert!(
            !self.cursor.pending_wrap || self.cursor.column + 1 == columns,
            "a wrap in the middle"
        );
    }
}

/// Equal if the same is shown, and the same bytes would have the same effect.
impl PartialEq for Screen {
    fn eq(&self, other: &Self) -> bool {
        let state = |screen: &Self| {
            (
                screen.cursor,
                screen.saved,
                screen.hidden_saved,
                screen.last,
                screen.margins.clone(),
            )
        };
        self.grid == other.grid
            && self.hidden == other.hidden
            && state(self) == state(other)
            && self.modes == other.modes
            && self.tabs == other.tabs
            && self.title == other.title
            && self.replies == other.replies
    }
}

impl Eq for Screen {}
