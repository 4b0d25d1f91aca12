//! A terminal: bytes in, a screen out.

use std::fmt;

use vte::Parser;

use crate::csi::Plain;
use crate::cursor::Cursor;
use crate::dirty::{Frame, Stamp};
use crate::grid::Grid;
use crate::modes::Modes;
use crate::perform::Performer;
use crate::reflow;
use crate::screen::Screen;
use crate::size::Size;
use crate::snapshot::Snapshot;

/// A terminal that understands what programs write to one.
///
/// ```
/// use termgrid::{Size, Terminal};
///
/// let mut terminal = Terminal::new(Size::new(24, 80)?, 1000);
/// terminal.process(b"\x1b]2;title\x07\x1b[1mbold\x1b[0m\r\nplain \x1b[6n");
/// assert_eq!(terminal.grid().row(1).text(), "plain");
/// assert_eq!(terminal.title(), "title");
/// assert_eq!(terminal.replies(), b"\x1b[2;7R");
/// # Ok::<(), termgrid::SizeError>(())
/// ```
pub struct Terminal {
    screen: Screen,
    parser: Parser,
    phase: Phase,
}

/// Where in its input the parser is, as far as it is known from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Between sequences: what follows is text, a control character or the begin of a sequence.
    Ground,
    /// In a character whose rest is to come.
    Character,
    /// Somewhere else, or in the ground state after a sequence that nobody was told about.
    Sequence,
}

impl Terminal {
    /// A blank terminal that keeps up to `scrollback` rows that scroll out of it.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let terminal = Terminal::new(Size::new(24, 80)?, 1000);
    /// assert_eq!(terminal.grid().lines(), 24);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn new(size: Size, scrollback: usize) -> Self {
        Self {
            screen: Screen::new(size, scrollback),
            parser: Parser::new(),
            phase: Phase::Ground,
        }
    }

    /// Takes what a program has written. Sequences and characters may be cut off anywhere; the next call goes on with them.
    ///
    /// Any bytes will do: what is unknown is left out, what is not UTF-8 is shown as U+FFFD.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// terminal.process(b"x\x1b[");
    /// terminal.process(b"2Dy");
    /// assert_eq!(terminal.grid().row(0).text(), "y");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn process(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        // The parser may hold the begin of a character from the last call. Given more than the rest of it, vte 0.15 can
        // lose what follows: it gets single bytes as long as they may belong to it.
        let mut careful = self.phase == Phase::Sequence;
        while let Some(&first) = rest.first() {
            let taken = match self.phase {
                Phase::Ground => self.ground(first, rest),
                Phase::Character => self.parse(&rest[..1]),
                Phase::Sequence if careful => {
                    careful = !first.is_ascii();
                    self.parse(&rest[..1])
                }
                Phase::Sequence => self.parse(rest),
            };
            rest = &rest[taken..];
        }
        #[cfg(debug_assertions)]
        self.validate_cursor();
    }

    /// The grid that is shown.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// assert_eq!(terminal.grid().row(0).text(), "");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.screen.grid
    }

    /// The grid that is shown, to be changed without bytes.
    ///
    /// ```
    /// # use termgrid::{Cell, Size, Style, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// terminal.grid_mut().fill(0..1, 0..3, Cell::new('-', Style::default()));
    /// assert_eq!(terminal.grid().row(0).text(), "---");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn grid_mut(&mut self) -> &mut Grid {
        &mut self.screen.grid
    }

    /// Where the next character goes.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// terminal.process(b"abc");
    /// assert_eq!(terminal.cursor().column, 3);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.screen.cursor
    }

    /// What is switched on.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// assert!(terminal.modes().autowrap);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn modes(&self) -> &Modes {
        &self.screen.modes
    }

    /// The title, by OSC 0 or 2.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// terminal.process(b"\x1b]0;a;b\x1b\\");
    /// assert_eq!(terminal.title(), "a;b");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn title(&self) -> &str {
        &self.screen.title
    }

    /// What the terminal has to say to the program: to be written to its input, then [forgotten](Self::clear_replies). At
    /// most 64 KiB wait; more are dropped.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// terminal.process(b"\x1b[5n");
    /// assert_eq!(terminal.replies(), b"\x1b[0n");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn replies(&self) -> &[u8] {
        &self.screen.replies
    }

    /// Forgets the replies, after they have been written.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// terminal.process(b"\x1b[5n");
    /// terminal.clear_replies();
    /// assert!(terminal.replies().is_empty());
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn clear_replies(&mut self) {
        self.screen.replies.clear();
    }

    /// What changed since `since`; see [`Frame`].
    ///
    /// ```
    /// # use termgrid::{Size, Stamp, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// let seen = terminal.frame(Stamp::default()).stamp();
    /// terminal.process(b"\x1b[5;1Hx");
    /// let lines: Vec<_> = terminal.frame(seen).rows().map(|changed| changed.line).collect();
    /// assert_eq!(lines, [4]);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn frame(&mut self, since: Stamp) -> Frame<'_> {
        self.screen.grid.frame(since)
    }

    /// Changes the size. Lines that had been wrapped are wrapped anew, on the screen with the scrollback; on the alternate
    /// screen they are cut off. Margins become the whole screen. O(cells), allocates.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(3, 4)?, 0);
    /// terminal.process(b"123456");
    /// assert_eq!(terminal.grid().row(1).text(), "56");
    /// terminal.resize(Size::new(3, 6)?);
    /// assert_eq!(terminal.grid().row(0).text(), "123456");
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn resize(&mut self, size: Size) {
        reflow::resize(&mut self.screen, size);
    }

    /// What is shown and what the terminal knows, borrowed: nothing is copied.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// let blank = terminal.snapshot().into_owned();
    /// terminal.process(b"text");
    /// terminal.restore(&blank);
    /// assert_eq!(terminal.snapshot(), blank);
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot::of(&self.screen)
    }

    /// Becomes what a snapshot shows. A sequence or character that has begun is forgotten; every line counts as changed,
    /// and stamps stay valid.
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// let mut terminal = Terminal::new(Size::new(24, 80)?, 0);
    /// terminal.process(b"text");
    /// let mut other = Terminal::new(Size::new(2, 2)?, 0);
    /// other.restore(&terminal.snapshot());
    /// assert_eq!(other.grid(), terminal.grid());
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn restore(&mut self, snapshot: &Snapshot<'_>) {
        let mut screen = snapshot.screen().clone();
        screen.grid.follow(&self.screen.grid);
        *self = Self {
            screen,
            parser: Parser::new(),
            phase: Phase::Ground,
        };
    }

    /// Checks the invariants of grids, cursor and margins.
    ///
    /// # Panics
    ///
    /// If one does not hold, which is a fault of this crate. O(cells).
    ///
    /// ```
    /// # use termgrid::{Size, Terminal};
    /// Terminal::new(Size::new(24, 80)?, 0).validate();
    /// # Ok::<(), termgrid::SizeError>(())
    /// ```
    pub fn validate(&self) {
        self.screen.validate();
    }

    #[cfg(debug_assertions)]
    fn validate_cursor(&self) {
        self.screen.validate_cursor();
        self.screen
            .grid
            .row(self.screen.cursor.line)
            .validate(self.screen.grid.columns());
    }

    /// Takes a run of one kind, or begins a sequence.
    #[inline]
    fn ground(&mut self, first: u8, bytes: &[u8]) -> usize {
        match first {
            b' '..=b'~' => {
                let length = ascii_run(bytes);
                self.screen.print_ascii(&bytes[..length]);
                length
            }
            0x1b => self.sequence(bytes),
            0x00..=0x1f => {
                self.screen.execute(first);
                1
            }
            0x7f => 1,
            0x80.. => self.text(bytes),
        }
    }

    #[inline]
    fn sequence(&mut self, bytes: &[u8]) -> usize {
        if let Some(plain) = Plain::read(bytes) {
            self.screen.csi(&plain, plain.action);
            return plain.length;
        }
        self.phase = Phase::Sequence;
        self.parse(bytes)
    }

    /// Prints text that begins with a character beyond ASCII, as far as the next control character.
    fn text(&mut self, bytes: &[u8]) -> usize {
        let run = &bytes[..text_run(&bytes[..bytes.len().min(TEXT_MAX)])];
        let error = match str::from_utf8(run) {
            Ok(text) => {
                self.screen.print_str(text);
                return run.len();
            }
            Err(error) => error,
        };
        let valid = str::from_utf8(&run[..error.valid_up_to()]).unwrap_or_default();
        if !valid.is_empty() {
            self.screen.print_str(valid);
            return valid.len();
        }
        let Some(length) = error.error_len() else {
            // The rest of the character may come with the next bytes: the parser keeps what there is.
            self.phase = Phase::Character;
            return self.parse(run);
        };
        // The control characters C1 stand alone only where there is no UTF-8; nothing here uses them.
        if !(length == 1 && run[0] <= 0x9f) {
            self.screen.print(char::REPLACEMENT_CHARACTER);
        }
        length
    }

    /// Lets the parser take bytes until it is in its ground state for sure.
    #[inline]
    fn parse(&mut self, bytes: &[u8]) -> usize {
        let in_character = self.phase == Phase::Character;
        let mut performer = Performer {
            screen: &mut self.screen,
            in_character,
            ground: false,
        };
        let taken = self.parser.advance_until_terminated(&mut performer, bytes);
        if performer.ground {
            self.phase = Phase::Ground;
        }
        taken
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal")
            .field("screen", &self.screen)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}

/// The most text beyond ASCII that is looked at once: what is not UTF-8 has the rest looked at again.
const TEXT_MAX: usize = 1 << 12;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The length of the printable ASCII at the begin.
#[inline]
fn ascii_run(bytes: &[u8]) -> usize {
    // Per byte: below 0x20 borrows, 0x7f carries, and above the high bit is set already.
    run(
        bytes,
        |word| word.wrapping_sub(LOW * 0x20) | word.wrapping_add(LOW) | word,
        |byte| matches!(byte, b' '..=b'~'),
    )
}

/// The length of what is before the first control character of ASCII.
#[inline]
fn text_run(bytes: &[u8]) -> usize {
    let is_delete = |word: u64| {
        let other = word ^ (LOW * 0x7f);
        other.wrapping_sub(LOW) & !other
    };
    run(
        bytes,
        |word| word.wrapping_sub(LOW * 0x20) & !word | is_delete(word),
        |byte| byte >= 0x20 && byte != 0x7f,
    )
}

/// How many bytes are before the first that is not wanted: `other` sets the high bit of its place in a word, and may set
/// those of later bytes.
#[inline]
fn run(bytes: &[u8], other: impl Fn(u64) -> u64, wanted: impl Fn(u8) -> bool) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let found = other(u64::from_le_bytes(*word)) & HIGH;
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    words.len() * 8 + tail.iter().take_while(|byte| wanted(**byte)).count()
}
