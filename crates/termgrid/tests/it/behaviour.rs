//! What control functions do, one test each.

use crate::support::{shown, terminal, texts};
use termgrid::{Attributes, Color, MouseTracking, Style, Terminal, Underline};

fn style_after(bytes: &str) -> Style {
    let mut terminal = terminal(1, 10, 0);
    terminal.process(bytes.as_bytes());
    terminal.cursor().style
}

fn cursor_after(bytes: &str) -> (usize, usize) {
    let mut terminal = terminal(6, 20, 0);
    terminal.process(bytes.as_bytes());
    (terminal.cursor().line, terminal.cursor().column)
}

fn replies(bytes: &str) -> String {
    let mut terminal = terminal(6, 20, 0);
    terminal.process(bytes.as_bytes());
    String::from_utf8_lossy(terminal.replies()).into_owned()
}

#[test]
fn text_wraps_when_the_next_character_comes_and_not_before() {
    assert_eq!(cursor_after("12345678901234567890"), (0, 19));
    assert_eq!(cursor_after("12345678901234567890x"), (1, 1));
    assert_eq!(shown(2, 4, "1234\r\n5"), ["1234", "5"]);
}

#[test]
fn without_autowrap_the_last_column_is_overwritten() {
    assert_eq!(shown(2, 4, "\x1b[?7l123456789"), ["1239", ""]);
}

#[test]
fn a_line_feed_at_the_bottom_scrolls_into_the_scrollback() {
    let mut terminal = terminal(2, 10, 2);
    terminal.process(b"1\r\n2\r\n3\r\n4\r\n5");
    assert_eq!(texts(terminal.grid()), ["4", "5"]);
    let view: Vec<_> = terminal.grid().view(9).map(|row| row.text()).collect();
    assert_eq!(view, ["2", "3"]);
}

#[test]
fn the_scrollback_is_forgotten_on_demand() {
    let mut terminal = terminal(2, 10, 5);
    terminal.process(b"1\r\n2\r\n3\x1b[3J");
    assert_eq!(terminal.grid().history(), 0);
    assert_eq!(texts(terminal.grid()), ["2", "3"]);
}

#[test]
fn backspace_carriage_return_and_tab_move_the_cursor() {
    assert_eq!(cursor_after("abc\x08"), (0, 2));
    assert_eq!(cursor_after("abc\r"), (0, 0));
    assert_eq!(cursor_after("abc\t"), (0, 8));
    assert_eq!(cursor_after("abc\t\t\t\t"), (0, 19));
}

#[test]
fn tab_stops_are_set_cleared_and_gone_back_to() {
    assert_eq!(cursor_after("\x1b[1;4H\x1bH\r\t"), (0, 3));
    assert_eq!(cursor_after("\x1b[3g\t"), (0, 19));
    assert_eq!(cursor_after("\x1b[1;9H\x1b[g\r\t"), (0, 16));
    assert_eq!(cursor_after("\x1b[1;18H\x1b[2Z"), (0, 8));
    assert_eq!(cursor_after("\x1b[2I"), (0, 16));
}

#[test]
fn cursor_movement_stops_at_the_edges() {
    assert_eq!(cursor_after("\x1b[3;5H"), (2, 4));
    assert_eq!(cursor_after("\x1b[99;99H"), (5, 19));
    assert_eq!(cursor_after("\x1b[65540G"), (0, 19));
    assert_eq!(cursor_after("\x1b[3;5H\x1b[2A\x1b[3C"), (0, 7));
    assert_eq!(cursor_after("\x1b[3;5H\x1b[9B\x1b[9D"), (5, 0));
    assert_eq!(cursor_after("\x1b[3;5H\x1b[E"), (3, 0));
    assert_eq!(cursor_after("\x1b[3;5H\x1b[F"), (1, 0));
    assert_eq!(cursor_after("\x1b[3;5H\x1b[7G\x1b[2d"), (1, 6));
}

#[test]
fn margins_hold_scrolling_and_vertical_movement() {
    assert_eq!(
        shown(4, 5, "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\nx"),
        ["1", "3", "x", "4"]
    );
    assert_eq!(
        shown(4, 5, "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2;1H\x1bMx"),
        ["1", "x", "2", "4"]
    );
    assert_eq!(cursor_after("\x1b[2;4r\x1b[3;1H\x1b[9A"), (1, 0));
    assert_eq!(cursor_after("\x1b[2;4r\x1b[3;1H\x1b[9B"), (3, 0));
}

#[test]
fn margins_of_one_line_are_refused() {
    assert_eq!(shown(3, 5, "1\r\n2\x1b[2;2rx"), ["1", "2x", ""]);
}

#[test]
fn lines_that_leave_margins_at_the_top_go_into_the_scrollback() {
    let mut terminal = terminal(3, 5, 9);
    terminal.process(b"1\r\n2\r\n3\x1b[1;2r\x1b[2;1H\n");
    assert_eq!(texts(terminal.grid()), ["2", "", "3"]);
    assert_eq!(terminal.grid().history(), 1);
}

#[test]
fn origin_mode_counts_from_the_top_margin() {
    assert_eq!(cursor_after("\x1b[2;4r\x1b[?6h\x1b[1;3H"), (1, 2));
    assert_eq!(cursor_after("\x1b[2;4r\x1b[?6h\x1b[9;3H"), (3, 2));
}

#[test]
fn insert_mode_moves_what_is_right_of_it() {
    assert_eq!(shown(1, 6, "abcd\r\x1b[4hxy\x1b[4lz"), ["xyzbcd"]);
    assert_eq!(shown(1, 5, "abcd\r\x1b[4h\u{6f22}"), ["\u{6f22}abc"]);
}

#[test]
fn display_and_line_are_erased_in_parts() {
    let text = "aaa\r\nbbb\r\nccc\x1b[2;2H";
    assert_eq!(shown(3, 3, &format!("{text}\x1b[J")), ["aaa", "b", ""]);
    assert_eq!(shown(3, 3, &format!("{text}\x1b[1J")), ["", "  b", "ccc"]);
    assert_eq!(shown(3, 3, &format!("{text}\x1b[2J")), ["", "", ""]);
    assert_eq!(shown(3, 3, &format!("{text}\x1b[K")), ["aaa", "b", "ccc"]);
    assert_eq!(
        shown(3, 3, &format!("{text}\x1b[1K")),
        ["aaa", "  b", "ccc"]
    );
    assert_eq!(shown(3, 3, &format!("{text}\x1b[2K")), ["aaa", "", "ccc"]);
    assert_eq!(
        shown(3, 3, &format!("{text}\x1b[1X")),
        ["aaa", "b b", "ccc"]
    );
}

#[test]
fn a_full_line_keeps_its_last_character_when_its_end_is_erased() {
    assert_eq!(shown(2, 4, "1234\x1b[Kx"), ["1234", "x"]);
    assert_eq!(shown(2, 4, "1234\x1b[Jx"), ["123", "x"]);
}

#[test]
fn what_is_erased_gets_the_background_of_the_pen() {
    let mut terminal = terminal(2, 4, 0);
    terminal.process(b"\x1b[41;1mx\x1b[K\n");
    let erased = terminal.grid().cell(0, 3);
    assert_eq!(
        (erased.background, erased.attributes),
        (Color::Indexed(1), Attributes::NONE)
    );
    terminal.process(b"\n");
    assert_eq!(terminal.grid().cell(1, 0).background, Color::Indexed(1));
}

#[test]
fn cells_and_lines_are_inserted_and_deleted() {
    assert_eq!(shown(1, 6, "abcdef\x1b[1;3H\x1b[2@"), ["ab  cd"]);
    assert_eq!(shown(1, 6, "abcdef\x1b[1;3H\x1b[2P"), ["abef"]);
    assert_eq!(shown(3, 3, "1\r\n2\r\n3\x1b[2;3H\x1b[Lx"), ["1", "x", "2"]);
    assert_eq!(shown(3, 3, "1\r\n2\r\n3\x1b[2;3H\x1b[Mx"), ["1", "x", ""]);
    assert_eq!(shown(3, 3, "1\r\n2\r\n3\x1b[S"), ["2", "3", ""]);
    assert_eq!(shown(3, 3, "1\r\n2\r\n3\x1b[T"), ["", "1", "2"]);
}

#[test]
fn half_of_a_wide_character_is_a_space() {
    assert_eq!(shown(1, 6, "\u{6f22}\u{5b57}\x1b[1;2Hx"), [" x\u{5b57}"]);
    assert_eq!(shown(1, 6, "\u{6f22}\u{5b57}\rx"), ["x \u{5b57}"]);
    assert_eq!(
        shown(1, 6, "\u{6f22}\u{5b57}\x1b[1;2H\x1b[P"),
        [" \u{5b57}"]
    );
}

#[test]
fn a_wide_character_that_does_not_fit_goes_to_the_next_line() {
    assert_eq!(shown(2, 4, "abc\u{6f22}"), ["abc", "\u{6f22}"]);
    assert_eq!(shown(2, 4, "\x1b[?7labc\u{6f22}"), ["abc", ""]);
}

#[test]
fn combining_characters_join_the_character_before() {
    let mut terminal = terminal(1, 4, 0);
    terminal.process("e\u{301}\u{302}\u{6f22}\u{303}".as_bytes());
    let row = terminal.grid().row(0);
    assert!(row.combining(0).eq(['\u{301}', '\u{302}']));
    assert!(row.combining(1).eq(['\u{303}']));
    terminal.process(b"\rx");
    assert_eq!(terminal.grid().row(0).combining(0).count(), 0);
}

#[test]
fn a_combining_character_leaves_the_wide_character_under_the_cursor_whole() {
    assert_eq!(
        shown(1, 6, "\u{6f22}\u{5b57}\x1b[1;2H\u{301}\u{e9}"),
        [" \u{e9}\u{5b57}"]
    );
    assert_eq!(
        shown(1, 6, "\u{6f22}\u{5b57}\x1b[1;2H\u{301}"),
        ["\u{6f22}\u{301}\u{5b57}"]
    );
}

#[test]
fn the_last_character_is_repeated() {
    assert_eq!(shown(1, 8, "ab\x1b[3b"), ["abbbb"]);
    assert_eq!(shown(1, 8, "\x1b[3b"), [""]);
}

#[test]
fn line_drawing_is_a_character_set() {
    assert_eq!(
        shown(1, 8, "\x1b(0lqk\x1b(Bq"),
        ["\u{250c}\u{2500}\u{2510}q"]
    );
    assert_eq!(shown(1, 8, "\x1b)0\x0eq\x0fq"), ["\u{2500}q"]);
}

#[test]
fn the_cursor_is_saved_with_style_and_character_set() {
    let mut terminal = terminal(3, 8, 0);
    terminal.process(b"\x1b[2;3H\x1b[31m\x1b(0\x1b7\x1b[H\x1b[m\x1b(B\x1b8q");
    let cell = terminal.grid().cell(1, 2);
    assert_eq!(
        (cell.character, cell.foreground),
        ('\u{2500}', Color::Indexed(1))
    );
}

#[test]
fn the_alternate_screen_is_blank_and_leaves_the_other_alone() {
    let mut terminal = terminal(2, 8, 5);
    terminal.process(b"main\x1b[?1049h");
    assert_eq!(texts(terminal.grid()), ["", ""]);
    terminal.process(b"\x1b[2;1Hother\n\n\n");
    assert_eq!(terminal.grid().history(), 0);
    terminal.process(b"\x1b[?1049lx");
    assert_eq!(texts(terminal.grid()), ["mainx", ""]);
}

#[test]
fn colours_are_those_of_16_of_256_and_of_rgb() {
    assert_eq!(style_after("\x1b[31;42m").foreground, Color::Indexed(1));
    assert_eq!(style_after("\x1b[31;42m").background, Color::Indexed(2));
    assert_eq!(style_after("\x1b[97;100m").foreground, Color::Indexed(15));
    assert_eq!(style_after("\x1b[97;100m").background, Color::Indexed(8));
    assert_eq!(style_after("\x1b[38;5;77m").foreground, Color::Indexed(77));
    assert_eq!(style_after("\x1b[48:5:77m").background, Color::Indexed(77));
    assert_eq!(
        style_after("\x1b[38;2;1;2;3m").foreground,
        Color::Rgb(1, 2, 3)
    );
    assert_eq!(
        style_after("\x1b[38:2::1:2:3m").foreground,
        Color::Rgb(1, 2, 3)
    );
    assert_eq!(
        style_after("\x1b[38:2:1:2:3m").foreground,
        Color::Rgb(1, 2, 3)
    );
    assert_eq!(
        style_after("\x1b[31m\x1b[38;5;999m").foreground,
        Color::Indexed(1)
    );
    assert_eq!(style_after("\x1b[31;42m\x1b[39;49m"), Style::default());
}

#[test]
fn attributes_are_set_and_reset_one_by_one() {
    let all = [
        (1, 22, Attributes::BOLD),
        (2, 22, Attributes::DIM),
        (3, 23, Attributes::ITALIC),
        (5, 25, Attributes::BLINK),
        (7, 27, Attributes::INVERSE),
        (8, 28, Attributes::HIDDEN),
        (9, 29, Attributes::STRIKE),
    ];
    for (set, reset, attribute) in all {
        assert_eq!(style_after(&format!("\x1b[{set}m")).attributes, attribute);
        assert_eq!(
            style_after(&format!("\x1b[{set};{reset}m")).attributes,
            Attributes::NONE
        );
    }
    assert_eq!(style_after("\x1b[1;3;4m\x1b[m"), Style::default());
}

#[test]
fn underlines_have_styles_and_their_colour_is_taken_for_nothing_else() {
    assert_eq!(
        style_after("\x1b[4m").attributes.underline(),
        Underline::Single
    );
    assert_eq!(
        style_after("\x1b[21m").attributes.underline(),
        Underline::Double
    );
    assert_eq!(
        style_after("\x1b[4:3m").attributes.underline(),
        Underline::Curly
    );
    assert_eq!(
        style_after("\x1b[4:0m").attributes.underline(),
        Underline::None
    );
    assert_eq!(style_after("\x1b[58;5;1m"), Style::default());
    assert_eq!(style_after("\x1b[58;2;1;3;4m"), Style::default());
}

#[test]
fn status_and_attributes_are_reported() {
    assert_eq!(replies("\x1b[5n"), "\x1b[0n");
    assert_eq!(replies("\x1b[2;3H\x1b[6n"), "\x1b[2;3R");
    assert_eq!(replies("\x1b[c"), "\x1b[?6c");
    assert_eq!(replies("\x1b[>c"), "\x1b[>0;0;0c");
    assert_eq!(
        replies("\x1b[?25$p\x1b[?1000$p\x1b[?777$p"),
        "\x1b[?25;1$y\x1b[?1000;2$y\x1b[?777;0$y"
    );
}

#[test]
fn modes_for_keyboard_and_mouse_are_state() {
    let mut terminal = terminal(2, 8, 0);
    terminal.process(b"\x1b[?1h\x1b=\x1b[?1003h\x1b[?1006h\x1b[?2004h\x1b[?25l");
    let modes = terminal.modes();
    assert!(
        modes.application_cursor_keys
            && modes.application_keypad
            && modes.bracketed_paste
            && modes.mouse_sgr
    );
    assert!(!modes.cursor_visible);
    assert_eq!(modes.mouse, MouseTracking::Motion);
    terminal.process(b"\x1b[?1003l\x1b[!p");
    assert_eq!(
        terminal.modes(),
        Terminal::new(termgrid::Size::new(2, 8).unwrap(), 0).modes()
    );
}

#[test]
fn a_reset_gives_a_new_terminal() {
    let mut used = terminal(3, 8, 4);
    used.process(b"\x1b]2;t\x07\x1b[31m1\r\n2\r\n3\r\n4\x1b[?1049h5\x1b[2;3r\x1b[?6h\x1b[3g\x1bc");
    assert_eq!(used.snapshot(), terminal(3, 8, 4).snapshot());
}

#[test]
fn what_is_not_utf_8_is_shown_as_replacement() {
    let mut terminal = terminal(1, 8, 0);
    terminal.process(b"a\xffb\xe6\xbcc\xc3");
    terminal.process(b"\xa9");
    assert_eq!(terminal.grid().row(0).text(), "a\u{fffd}b\u{fffd}c\u{e9}");
}

#[test]
fn sequences_that_are_unknown_or_broken_off_show_nothing() {
    assert_eq!(
        shown(1, 8, "a\x1b[1;2;3yb\x1b[?1<2zc\x1b[1\x18d\x1bPq#0\x1b\\e"),
        ["abcde"]
    );
}

#[test]
fn a_character_cut_off_after_an_ignored_sequence_swallows_nothing() {
    let mut terminal = terminal(1, 8, 0);
    terminal.process(b"\x1b[?1;2<x\xc3");
    terminal.process(b"\xa9a\xcc\x81b");
    assert_eq!(terminal.grid().row(0).text(), "\u{e9}a\u{301}b");
}
