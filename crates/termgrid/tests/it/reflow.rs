//! Other sizes.

use crate::support::{lines, terminal, texts};
use proptest::prelude::*;
use termgrid::Size;

proptest! {
    #[test]
    fn there_and_back_keeps_the_text(
        text in prop::collection::vec("[a-z \u{e9}\u{6f22}\u{5b57}\u{301}]{0,30}", 1..12),
        old in (1usize..8, 2usize..14), new in (1usize..8, 2usize..14)
    ) {
        // Spaces at the end of a line are not text, unless the cursor is behind them.
        let (last, others) = text.split_last().unwrap();
        let text: Vec<_> = others.iter().map(|line| line.trim_end()).chain([&**last]).collect();
        let mut terminal = terminal(old.0, old.1, 1000);
        terminal.process(text.join("\r\n").as_bytes());
        let expected = lines(terminal.grid());
        let shown = terminal.snapshot().into_owned();
        terminal.resize(Size::new(new.0, new.1).unwrap());
        terminal.validate();
        prop_assert_eq!(&lines(terminal.grid()), &expected);
        terminal.resize(Size::new(old.0, old.1).unwrap());
        prop_assert_eq!(&lines(terminal.grid()), &expected);
        prop_assert_eq!(terminal.cursor().line, shown.cursor().line);
        prop_assert_eq!(terminal.cursor().column, shown.cursor().column);
    }
}

#[test]
fn a_wrapped_line_becomes_one_again() {
    let mut terminal = terminal(3, 4, 10);
    terminal.process(b"abcdefghij\r\nk");
    assert_eq!(texts(terminal.grid()), ["efgh", "ij", "k"]);
    terminal.resize(Size::new(3, 12).unwrap());
    assert_eq!(texts(terminal.grid()), ["abcdefghij", "k", ""]);
    assert_eq!(terminal.grid().history(), 0);
}

#[test]
fn the_cursor_stays_with_its_character() {
    let mut terminal = terminal(4, 10, 10);
    terminal.process(b"abcdefgh\x1b[1;7H");
    terminal.resize(Size::new(4, 5).unwrap());
    assert_eq!((terminal.cursor().line, terminal.cursor().column), (1, 1));
}

#[test]
fn a_wide_character_does_not_straddle_the_new_edge() {
    let mut terminal = terminal(3, 4, 10);
    terminal.process("ab\u{6f22}".as_bytes());
    terminal.resize(Size::new(3, 3).unwrap());
    assert_eq!(texts(terminal.grid()), ["ab", "\u{6f22}", ""]);
    terminal.resize(Size::new(3, 4).unwrap());
    assert_eq!(texts(terminal.grid()), ["ab\u{6f22}", "", ""]);
}

#[test]
fn the_alternate_screen_is_cut_and_the_other_one_wraps_behind_it() {
    let mut terminal = terminal(3, 6, 10);
    terminal.process(b"abcdef\x1b[?1049h\x1b[Hvwxyz");
    terminal.resize(Size::new(3, 3).unwrap());
    assert_eq!(texts(terminal.grid()), ["vwx", "", ""]);
    terminal.process(b"\x1b[?1049l");
    assert_eq!(texts(terminal.grid()), ["abc", "def", ""]);
}

#[test]
fn fewer_lines_take_blank_ones_first() {
    let mut terminal = terminal(5, 6, 10);
    terminal.process(b"a\r\nb");
    terminal.resize(Size::new(2, 6).unwrap());
    assert_eq!(texts(terminal.grid()), ["a", "b"]);
    terminal.resize(Size::new(1, 6).unwrap());
    assert_eq!(texts(terminal.grid()), ["b"]);
    assert_eq!(terminal.grid().history(), 1);
}
