//! A screen as the bytes that show it in another terminal: what changed, and no more.

use std::fmt::Write as _;
use std::ops::Range;

use termgrid::{
    Attributes, Cell, ChangedRow, Color, CursorShape, Modes, MouseTracking, Row, Stamp, Style,
    Terminal, Underline, Width,
};

/// What the other terminal shows and has switched on, so far.
#[derive(Debug, Default)]
pub(crate) struct Renderer {
    seen: Stamp,
    modes: Modes,
    title: String,
    /// Room that is used again for each frame.
    text: String,
}

type IsOn = fn(&Modes) -> bool;

/// Those that concern what is typed, or all of the screen, by their numbers.
const MODES: [(u16, IsOn); 7] = [
    (1, |modes| modes.application_cursor_keys),
    (5, |modes| modes.reverse_video),
    (1004, |modes| modes.focus_events),
    (1005, |modes| modes.mouse_utf8),
    (1006, |modes| modes.mouse_sgr),
    (1007, |modes| modes.alternate_scroll),
    (2004, |modes| modes.bracketed_paste),
];

impl Renderer {
    /// Appends what makes the other terminal show the screen.
    pub(crate) fn render(&mut self, terminal: &mut Terminal, bytes: &mut Vec<u8>) {
        self.text.clear();
        // Nothing is drawn before the end, in terminals that know how to wait.
        self.text.push_str("\x1b[?2026h\x1b[?25l\x1b[m");
        let frame = terminal.frame(self.seen);
        self.seen = frame.stamp();
        if frame.scrolled() > 0 {
            self.put(format_args!("\x1b[{}S", frame.scrolled()));
        }
        for changed in frame.rows() {
            self.row(&changed);
        }
        self.switch(terminal.modes());
        if self.title != terminal.title() {
            self.title.clear();
            self.title.push_str(terminal.title());
            // No title ends the sequence: the grid's parser takes control characters out.
            self.put(format_args!("\x1b]2;{}\x1b\\", terminal.title()));
        }
        let (cursor, modes) = (terminal.cursor(), terminal.modes());
        self.go_to(cursor.line, cursor.column);
        if modes.cursor_visible {
            self.text.push_str("\x1b[?25h");
        }
        self.text.push_str("\x1b[?2026l");
        bytes.extend_from_slice(self.text.as_bytes());
    }

    /// The other terminal may show anything.
    pub(crate) fn forget(&mut self) {
        self.seen = Stamp::default();
    }

    /// Appends what brings the other terminal back to what it was before.
    pub(crate) fn leave(&mut self, bytes: &mut Vec<u8>) {
        self.text.clear();
        self.switch(&Modes::default());
        self.text.push_str("\x1b[m\x1b[?25h\x1b[?1049l");
        bytes.extend_from_slice(self.text.as_bytes());
    }

    fn row(&mut self, changed: &ChangedRow<'_>) {
        let row = changed.row;
        let Range { start, end } = changed.columns;
        // Half a character is not shown.
        let start = start - usize::from(row.cell(start).width == Width::Spacer && start > 0);
        let text_end = written(row, end).max(start);
        self.go_to(changed.line, start);
        let mut style = Style::default();
        for column in start..text_end {
            let cell = row.cell(column);
            if cell.width == Width::Spacer {
                continue;
            }
            if cell.style() != style {
                style = cell.style();
                self.style(style);
            }
            self.text.push(cell.character);
            self.text.extend(row.combining(column));
        }
        if style != Style::default() {
            self.text.push_str("\x1b[m");
        }
        if text_end < end {
            // Nothing is behind it: the line is erased to its end.
            self.go_to(changed.line, text_end);
            self.text.push_str("\x1b[K");
        }
    }

    fn style(&mut self, style: Style) {
        self.text.push_str("\x1b[0");
        let codes = [
            (Attributes::BOLD, 1),
            (Attributes::DIM, 2),
            (Attributes::ITALIC, 3),
            (Attributes::BLINK, 5),
            (Attributes::INVERSE, 7),
            (Attributes::HIDDEN, 8),
            (Attributes::STRIKE, 9),
        ];
        for (attribute, code) in codes {
            if style.attributes.contains(attribute) {
                self.put(format_args!(";{code}"));
            }
        }
        self.text.push_str(match style.attributes.underline() {
            Underline::None => "",
            Underline::Single => ";4",
            Underline::Double => ";4:2",
            Underline::Curly => ";4:3",
            Underline::Dotted => ";4:4",
            Underline::Dashed => ";4:5",
        });
        self.color(38, style.foreground);
        self.color(48, style.background);
        self.text.push('m');
    }

    fn color(&mut self, code: u8, color: Color) {
        match color {
            Color::Default => {}
            // The terminal's own colours, by the codes that all terminals know.
            Color::Indexed(index @ 0..8) => self.put(format_args!(";{}", code - 8 + index)),
            Color::Indexed(index) => self.put(format_args!(";{code};5;{index}")),
            Color::Rgb(red, green, blue) => {
                self.put(format_args!(";{code};2;{red};{green};{blue}"));
            }
        }
    }

    /// Tells what has been switched on and off since the last time.
    fn switch(&mut self, modes: &Modes) {
        for (number, is_on) in MODES {
            if is_on(modes) != is_on(&self.modes) {
                self.put(format_args!("\x1b[?{number}{}", letter(is_on(modes))));
            }
        }
        if modes.application_keypad != self.modes.application_keypad {
            self.text.push_str(if modes.application_keypad {
                "\x1b="
            } else {
                "\x1b>"
            });
        }
        if modes.mouse != self.modes.mouse {
            for (mouse, is_on) in [(self.modes.mouse, false), (modes.mouse, true)] {
                if let Some(number) = number_of(mouse) {
                    self.put(format_args!("\x1b[?{number}{}", letter(is_on)));
                }
            }
        }
        let shape = (modes.cursor_shape, modes.cursor_blinks);
        if shape != (self.modes.cursor_shape, self.modes.cursor_blinks) {
            self.put(format_args!("\x1b[{} q", number_of_shape(shape)));
        }
        self.modes = modes.clone();
    }

    fn go_to(&mut self, line: usize, column: usize) {
        self.put(format_args!("\x1b[{};{}H", line + 1, column + 1));
    }

    fn put(&mut self, what: std::fmt::Arguments<'_>) {
        // A string takes everything.
        _ = self.text.write_fmt(what);
    }
}

/// Where the part of a row that is not blank ends, if everything right of `end` is blank; otherwise `end`.
fn written(row: &Row, end: usize) -> usize {
    let cells = row.cells();
    let is_blank = |cell: &&Cell| **cell == Cell::BLANK;
    if end < cells.len() {
        return end;
    }
    let blank = cells.iter().rev().take_while(is_blank).count();
    let marked = cells.len() - blank;
    // A blank that something combines with is written.
    let combined = (marked..cells.len()).rfind(|column| row.combining(*column).next().is_some());
    combined.map_or(marked, |column| column + 1)
}

fn letter(is_on: bool) -> char {
    if is_on { 'h' } else { 'l' }
}

fn number_of(mouse: MouseTracking) -> Option<u16> {
    match mouse {
        MouseTracking::Off => None,
        MouseTracking::Press => Some(9),
        MouseTracking::Click => Some(1000),
        MouseTracking::Drag => Some(1002),
        MouseTracking::Motion => Some(1003),
    }
}

/// By DECSCUSR; 0 is the terminal's own.
fn number_of_shape((shape, blinks): (CursorShape, bool)) -> u8 {
    let number = match shape {
        CursorShape::Block if !blinks => return 0,
        CursorShape::Block => 2,
        CursorShape::Underline => 4,
        CursorShape::Bar => 6,
    };
    number - u8::from(blinks)
}

#[cfg(test)]
mod tests {
    use super::Renderer;
    use proptest::prelude::*;
    use termgrid::{Size, Terminal};

    fn terminal(lines: usize, columns: usize) -> Terminal {
        Terminal::new(Size::new(lines, columns).unwrap(), 100)
    }

    /// Output with everything that a cell can be, over all of the screen, and scrolling.
    fn piece() -> impl Strategy<Value = String> {
        let fixed = prop::sample::select(vec![
            "\r\n",
            "\n\n\n",
            "\r",
            "\x1b[m",
            "\x1b[1;31m",
            "\x1b[44m",
            "\x1b[38;5;200;4:3m",
            "\x1b[48;2;1;2;3;9m",
            "\x1b[K",
            "\x1b[1K",
            "\x1b[2J",
            "\x1b[J",
            "\x1b[3@",
            "\x1b[3P",
            "\x1b[L",
            "\x1b[M",
            "\x1b[S",
            "\x1b[T",
            "\x1bM",
            "\x1b[2;4r",
            "\x1b[r",
            "\x1b[?1049h",
            "\x1b[?1049l",
            "\x1b[?25l",
            "\x1b[?25h",
            "\x1b[?1h",
            "\x1b[?1002h",
            "\x1b[?1002l",
            "\x1b=",
            "\x1b[4 q",
            "\x1b]2;title\x07",
        ]);
        let go =
            (1..8usize, 1..14usize).prop_map(|(line, column)| format!("\x1b[{line};{column}H"));
        prop_oneof![
            3 => "[ -~]{1,20}",
            2 => "[a\u{6f22}\u{5b57}\u{301}]{1,8}",
            3 => fixed.prop_map(str::to_owned),
            2 => go,
        ]
    }

    fn assert_same(own: &Terminal, shown: &Terminal) {
        for line in 0..own.grid().lines() {
            let rows = [own, shown].map(|it| it.grid().row(line));
            for column in 0..own.grid().columns() {
                let cells = rows.map(|row| {
                    let mut cell = row.cell(column);
                    // A column that a wide character did not fit into is blank; why it is, nobody sees.
                    if cell.width == termgrid::Width::Pad {
                        cell.width = termgrid::Width::Narrow;
                    }
                    (cell, row.combining(column).collect::<String>())
                });
                assert_eq!(cells[0], cells[1], "line {line}, column {column}");
            }
        }
        let cursors = [own, shown].map(|it| (it.cursor().line, it.cursor().column));
        assert_eq!(cursors[0], cursors[1]);
        assert_eq!(own.title(), shown.title());
        let modes = [own, shown].map(|it| {
            let modes = it.modes();
            let shape = (modes.cursor_shape, modes.cursor_visible);
            (
                modes.application_cursor_keys,
                modes.application_keypad,
                modes.mouse,
                shape,
            )
        });
        assert_eq!(modes[0], modes[1]);
    }

    proptest! {
        #[test]
        fn another_terminal_shows_the_same_after_each_frame(frames in prop::collection::vec(
            prop::collection::vec(piece(), 1..12), 1..12
        )) {
            let (mut own, mut shown) = (terminal(6, 12), terminal(6, 12));
            let mut renderer = Renderer::default();
            for pieces in frames {
                own.process(pieces.concat().as_bytes());
                let mut bytes = Vec::new();
                renderer.render(&mut own, &mut bytes);
                shown.process(&bytes);
                assert_same(&own, &shown);
            }
        }
    }

    #[test]
    fn a_frame_without_a_change_draws_nothing() {
        let mut own = terminal(6, 12);
        own.process(b"text");
        let (mut renderer, mut first, mut second) = (Renderer::default(), Vec::new(), Vec::new());
        renderer.render(&mut own, &mut first);
        renderer.render(&mut own, &mut second);
        assert!(String::from_utf8(first).unwrap().contains("text"));
        assert_eq!(
            String::from_utf8(second).unwrap(),
            "\x1b[?2026h\x1b[?25l\x1b[m\x1b[1;5H\x1b[?25h\x1b[?2026l"
        );
    }
}
