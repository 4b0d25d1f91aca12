//! What programs switch on and off, and where tabs stop.

use crate::cursor::CursorShape;

/// The modes of a terminal. Those that concern the keyboard, the mouse and pasting are state for who sends input.
///
/// ```
/// use termgrid::{MouseTracking, Size, Terminal};
///
/// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
/// terminal.process(b"\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?25l");
/// let modes = terminal.modes();
/// assert!(modes.bracketed_paste && modes.mouse_sgr && !modes.cursor_visible);
/// assert_eq!(modes.mouse, MouseTracking::Drag);
/// # Ok::<(), termgrid::SizeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Modes {
    /// DECAWM, 7: text goes on in the next line.
    pub autowrap: bool,
    /// IRM, 4: text moves what stands right of it.
    pub insert: bool,
    /// LNM, 20: a line feed returns the carriage too.
    pub line_feed_returns: bool,
    /// DECTCEM, 25.
    pub cursor_visible: bool,
    /// DECSCUSR, and 12.
    pub cursor_blinks: bool,
    /// DECSCUSR.
    pub cursor_shape: CursorShape,
    /// 47, 1047, 1049: the screen without scrollback is shown.
    pub alternate_screen: bool,
    /// DECCKM, 1.
    pub application_cursor_keys: bool,
    /// DECKPAM.
    pub application_keypad: bool,
    /// DECSCNM, 5: foreground and background are exchanged.
    pub reverse_video: bool,
    /// 2004.
    pub bracketed_paste: bool,
    /// 1004: focus gained and lost is to be told.
    pub focus_events: bool,
    /// 9, 1000, 1002, 1003: what the mouse does that is to be told.
    pub mouse: MouseTracking,
    /// 1005: coordinates as UTF-8.
    pub mouse_utf8: bool,
    /// 1006: coordinates as decimal numbers.
    pub mouse_sgr: bool,
    /// 1007: the wheel sends cursor keys on the alternate screen.
    pub alternate_scroll: bool,
    /// 2026: a renderer should wait until the mode is reset.
    pub synchronized_output: bool,
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            autowrap: true,
            insert: false,
            line_feed_returns: false,
            cursor_visible: true,
            cursor_blinks: false,
            cursor_shape: CursorShape::Block,
            alternate_screen: false,
            application_cursor_keys: false,
            application_keypad: false,
            reverse_video: false,
            bracketed_paste: false,
            focus_events: false,
            mouse: MouseTracking::Off,
            mouse_utf8: false,
            mouse_sgr: false,
            alternate_scroll: true,
            synchronized_output: false,
        }
    }
}

/// What the mouse does that a program wants to know.
///
/// ```
/// assert_eq!(termgrid::MouseTracking::default(), termgrid::MouseTracking::Off);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MouseTracking {
    /// Nothing.
    #[default]
    Off,
    /// 9: buttons pressed.
    Press,
    /// 1000: buttons pressed and released.
    Click,
    /// 1002: the same, and motion while a button is down.
    Drag,
    /// 1003: any motion.
    Motion,
}

/// Where tabs stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TabStops(Vec<bool>);

impl TabStops {
    const EVERY: usize = 8;

    pub(crate) fn new(columns: usize) -> Self {
        let mut stops = Self(Vec::new());
        stops.resize(columns);
        stops
    }

    pub(crate) fn resize(&mut self, columns: usize) {
        let old = self.0.len();
        self.0.truncate(columns);
        self.0
            .extend((old..columns).map(|column| column % Self::EVERY == 0));
    }

    pub(crate) fn set(&mut self, column: usize, stop: bool) {
        self.0[column] = stop;
    }

    pub(crate) fn clear(&mut self) {
        self.0.fill(false);
    }

    /// The next stop, or the last column.
    pub(crate) fn after(&self, column: usize) -> usize {
        let next = self.0.iter().skip(column + 1).position(|stop| *stop);
        next.map_or(self.0.len() - 1, |skipped| column + 1 + skipped)
    }

    /// The stop before, or the first column.
    pub(crate) fn before(&self, column: usize) -> usize {
        self.0[..column].iter().rposition(|stop| *stop).unwrap_or(0)
    }
}
