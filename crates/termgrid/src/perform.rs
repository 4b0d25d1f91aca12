//! What the parser has found, as calls of the screen.

use vte::{Params, Perform};

use crate::cursor::{Charset, Cursor, CursorShape};
use crate::modes::{Modes, MouseTracking};
use crate::screen::Screen;
use crate::sgr;

/// Hands what the parser finds to a screen, and knows when the parser is in its ground state for sure.
pub(crate) struct Performer<'a> {
    pub(crate) screen: &'a mut Screen,
    /// Whether a character that was cut off by the end of the bytes is awaited: then the parser is to stop after it.
    pub(crate) in_character: bool,
    /// A sequence has ended with its final byte, or the awaited character is there.
    pub(crate) ground: bool,
}

impl Perform for Performer<'_> {
    fn print(&mut self, character: char) {
        self.ground = self.in_character;
        self.screen.print(character);
    }

    fn execute(&mut self, byte: u8) {
        self.screen.execute(byte);
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignore: bool, action: char) {
        self.ground = true;
        match (ignore, intermediates) {
            (false, []) => self.screen.csi(params, action),
            (false, b"?") => self.screen.csi_private(params, action),
            (false, _) => self.screen.csi_other(params, intermediates, action),
            (true, _) => {}
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], ignore: bool, byte: u8) {
        self.ground = true;
        if !ignore {
            self.screen.escape(intermediates, byte);
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], bell_terminated: bool) {
        self.ground = bell_terminated;
        if let [b"0" | b"2", title @ ..] = params {
            self.screen.set_title(title);
        }
    }

    fn terminated(&self) -> bool {
        self.ground
    }
}

impl Screen {
    #[inline]
    pub(crate) fn execute(&mut self, byte: u8) {
        match byte {
            0x08 => self.backspace(),
            0x09 => self.tab(1),
            0x0a..=0x0c => {
                self.cursor.pending_wrap &= !self.modes.line_feed_returns;
                self.line_feed();
                if self.modes.line_feed_returns {
                    self.carriage_return();
                }
            }
            0x0d => self.carriage_return(),
            0x0e => self.cursor.shift = 1,
            0x0f => self.cursor.shift = 0,
            _ => {}
        }
    }

    /// A control sequence without a prefix; each parameter has its subparameters behind it.
    #[inline]
    pub(crate) fn csi<P>(&mut self, params: &P, action: char)
    where
        for<'a> &'a P: IntoIterator<Item = &'a [u16]>,
    {
        if action == 'm' {
            return sgr::apply(&mut self.cursor.style, params.into_iter());
        }
        let mut values = params.into_iter().map(|param| usize::from(param[0]));
        let mut next = || values.next().unwrap_or(0);
        // Most counts are 1 if they are left out, and 0 means the same.
        let (first, second) = (next(), next());
        let count = first.max(1);
        match action {
            'H' | 'f' => {
                self.go_to_line(count - 1);
                self.go_to_column(second.max(1) - 1);
            }
            'A' => self.up(count),
            'B' | 'e' => self.down(count),
            'C' | 'a' => self.go_to_column(self.cursor.column + count),
            'D' => self.go_to_column(self.cursor.column.saturating_sub(count)),
            'E' => {
                self.down(count);
                self.carriage_return();
            }
            'F' => {
                self.up(count);
                self.carriage_return();
            }
            'G' | '`' => self.go_to_column(count - 1),
            'd' => self.go_to_line(count - 1),
            'J' => self.erase_display(first),
            'K' => self.erase_line(first),
            'X' => self.erase(self.cursor.column..self.cursor.column + count),
            '@' => self.insert_cells(count),
            'P' => self.delete_cells(count),
            'L' => self.insert_lines(count),
            'M' => self.delete_lines(count),
            'S' => self.scroll_up(count),
            'T' => self.scroll_down(count),
            'r' => {
                let bottom = if second == 0 {
                    self.grid.lines()
                } else {
                    second.min(self.grid.lines())
                };
                self.set_margins(count - 1..bottom);
            }
            _ => self.csi_rare(params.into_iter(), action, first),
        }
    }

    fn csi_rare<'a>(
        &mut self,
        params: impl Iterator<Item = &'a [u16]>,
        action: char,
        first: usize,
    ) {
        let count = first.max(1);
        match action {
            'I' => self.tab(count),
            'Z' => self.tab_back(count),
            'b' => {
                if let Some(character) = self.last {
                    for _ in 0..count {
                        self.print(character);
                    }
                }
            }
            'c' if first == 0 => self.reply(b"\x1b[?6c"),
            'g' if first == 0 => self.tabs.set(self.cursor.column, false),
            'g' if first == 3 => self.tabs.clear(),
            'h' | 'l' => {
                for param in params {
                    self.set_mode(param[0], action == 'h');
                }
            }
            'n' if first == 5 => self.reply(b"\x1b[0n"),
            'n' if first == 6 => self.report_cursor(""),
            's' => self.save_cursor(),
            'u' => self.restore_cursor(),
            _ => {}
        }
    }

    fn csi_private(&mut self, params: &Params, action: char) {
        for param in params {
            match (action, param[0]) {
                ('h' | 'l', mode) => self.set_private_mode(mode, action == 'h'),
                // Selective erasing: no cell is protected, so it is erasing.
                ('J', what) => self.erase_display(usize::from(what)),
                ('K', what) => self.erase_line(usize::from(what)),
                ('n', 6) => self.report_cursor("?"),
                _ => {}
            }
        }
    }

    fn csi_other(&mut self, params: &Params, intermediates: &[u8], action: char) {
        let first = params.iter().next().map_or(0, |param| param[0]);
        match (intermediates, action) {
            (b"!", 'p') => self.soft_reset(),
            (b">", 'c') if first == 0 => self.reply(b"\x1b[>0;0;0c"),
            (b"$", 'p') => self.report_mode("", first, self.mode(first)),
            (b"?$", 'p') => {
                let state = self.private_mode(first);
                self.report_mode("?", first, state);
            }
            (b" ", 'q') => {
                self.modes.cursor_blinks = matches!(first, 0 | 1 | 3 | 5);
                self.modes.cursor_shape = match first {
                    3 | 4 => CursorShape::Underline,
                    5 | 6 => CursorShape::Bar,
                    _ => CursorShape::Block,
                };
            }
            _ => {}
        }
    }

    fn escape(&mut self, intermediates: &[u8], byte: u8) {
        match (intermediates, byte) {
            ([], b'7') => self.save_cursor(),
            ([], b'8') => self.restore_cursor(),
            ([], b'D') => self.line_feed(),
            ([], b'E') => {
                self.line_feed();
                self.carriage_return();
            }
            ([], b'H') => self.tabs.set(self.cursor.column, true),
            ([], b'M') => self.reverse_line_feed(),
            ([], b'Z') => self.reply(b"\x1b[?6c"),
            ([], b'c') => self.reset(),
            ([], b'=') => self.modes.application_keypad = true,
            ([], b'>') => self.modes.application_keypad = false,
            (b"#", b'8') => self.fill_with_e(),
            (b"(", set) => self.designate(0, set),
            (b")", set) => self.designate(1, set),
            _ => {}
        }
    }

    fn designate(&mut self, index: usize, set: u8) {
        match set {
            b'0' => self.cursor.charsets[index] = Charset::LineDrawing,
            b'B' => self.cursor.charsets[index] = Charset::Ascii,
            _ => {}
        }
    }

    fn erase_display(&mut self, what: usize) {
        let Cursor { line, column, .. } = self.cursor;
        let lines = self.grid.lines();
        match what {
            0 => {
                self.erase(column..self.grid.columns);
                self.erase_lines(line + 1..lines);
            }
            1 => {
                self.erase_lines(0..line);
                self.erase(0..column + 1);
            }
            2 => self.erase_lines(0..lines),
            3 => self.grid.clear_history(),
            _ => {}
        }
    }

    fn erase_line(&mut self, what: usize) {
        let (column, columns) = (self.cursor.column, self.grid.columns);
        match what {
            // The cursor is behind the last column. Programs that end each line so would lose a character, as in xterm.
            0 if self.cursor.pending_wrap => {}
            0 => self.erase(column..columns),
            1 => self.erase(0..column + 1),
            2 => self.erase(0..columns),
            _ => {}
        }
    }

    fn set_mode(&mut self, mode: u16, on: bool) {
        match mode {
            4 => self.modes.insert = on,
            20 => self.modes.line_feed_returns = on,
            _ => {}
        }
    }

    fn mode(&self, mode: u16) -> Option<bool> {
        match mode {
            4 => Some(self.modes.insert),
            20 => Some(self.modes.line_feed_returns),
            _ => None,
        }
    }

    fn set_private_mode(&mut self, mode: u16, on: bool) {
        match mode {
            6 => {
                self.cursor.origin = on;
                self.go_to_line(0);
                self.go_to_column(0);
            }
            9 => self.track_mouse(MouseTracking::Press, on),
            1000 => self.track_mouse(MouseTracking::Click, on),
            1002 => self.track_mouse(MouseTracking::Drag, on),
            1003 => self.track_mouse(MouseTracking::Motion, on),
            47 => self.show_alternate(on),
            1047 => {
                if !on && self.modes.alternate_screen {
                    self.erase_lines(0..self.grid.lines());
                }
                self.show_alternate(on);
            }
            1048 if on => self.save_cursor(),
            1048 => self.restore_cursor(),
            1049 => self.switch_with_cursor(on),
            _ => {
                if let Some(flag) = flag(&mut self.modes, mode) {
                    *flag = on;
                }
            }
        }
    }

    fn private_mode(&mut self, mode: u16) -> Option<bool> {
        let modes = &self.modes;
        match mode {
            6 => Some(self.cursor.origin),
            9 => Some(modes.mouse == MouseTracking::Press),
            1000 => Some(modes.mouse == MouseTracking::Click),
            1002 => Some(modes.mouse == MouseTracking::Drag),
            1003 => Some(modes.mouse == MouseTracking::Motion),
            47 | 1047 | 1049 => Some(modes.alternate_screen),
            _ => flag(&mut self.modes, mode).map(|flag| *flag),
        }
    }

    fn track_mouse(&mut self, tracking: MouseTracking, on: bool) {
        self.modes.mouse = if on { tracking } else { MouseTracking::Off };
    }

    /// 1049: the cursor is saved before the alternate screen comes, blank, and restored after it has gone.
    fn switch_with_cursor(&mut self, alternate: bool) {
        if alternate && !self.modes.alternate_screen {
            self.save_cursor();
            self.show_alternate(true);
            self.erase_lines(0..self.grid.lines());
        } else if !alternate && self.modes.alternate_screen {
            self.show_alternate(false);
            self.restore_cursor();
        }
    }

    fn report_cursor(&mut self, prefix: &str) {
        let top = if self.cursor.origin {
            self.margins.start
        } else {
            0
        };
        let line = self.cursor.line.saturating_sub(top) + 1;
        self.reply(format!("\x1b[{prefix}{line};{}R", self.cursor.column + 1).as_bytes());
    }

    fn report_mode(&mut self, prefix: &str, mode: u16, state: Option<bool>) {
        let state = match state {
            Some(true) => 1,
            Some(false) => 2,
            None => 0,
        };
        self.reply(format!("\x1b[{prefix}{mode};{state}$y").as_bytes());
    }
}

/// The private modes that are flags and nothing else.
fn flag(modes: &mut Modes, mode: u16) -> Option<&mut bool> {
    match mode {
        1 => Some(&mut modes.application_cursor_keys),
        5 => Some(&mut modes.reverse_video),
        7 => Some(&mut modes.autowrap),
        12 => Some(&mut modes.cursor_blinks),
        25 => Some(&mut modes.cursor_visible),
        1004 => Some(&mut modes.focus_events),
        1005 => Some(&mut modes.mouse_utf8),
        1006 => Some(&mut modes.mouse_sgr),
        1007 => Some(&mut modes.alternate_scroll),
        2004 => Some(&mut modes.bracketed_paste),
        2026 => Some(&mut modes.synchronized_output),
        _ => None,
    }
}
