//! In a terminal.

use crate::screen::Screen;
use rustix::process::{Pid, Signal, kill_process};
use termgrid::Modes;

/// The terminal is as it was before the program began.
fn assert_restored(screen: &Screen) {
    assert!(!screen.is_raw());
    assert_eq!(*screen.terminal.modes(), Modes::default());
    assert_eq!(screen.text().trim(), "");
}

#[test]
fn what_the_command_writes_is_shown_and_what_is_typed_reaches_it() {
    let mut screen = Screen::start(&[
        "--",
        "sh",
        "-c",
        "echo hello; read x; echo \"<$x>\"; read y; exit 3",
    ]);
    screen.wait_for("hello");
    assert!(screen.terminal.modes().alternate_screen);
    screen.type_in("typed\r");
    screen.wait_for("<typed>");
    screen.type_in("\r");
    assert_eq!(screen.wait(), Some(3));
}

#[test]
fn colours_wide_characters_and_modes_pass_through() {
    let script = r#"printf '\033[?1h\033[?2004h\033[5 q\033]2;name\007\033[2;3H\033[1;38;2;1;2;3mbold\033[m \346\274\242x'; read x"#;
    let mut screen = Screen::start(&["--", "sh", "-c", script]);
    screen.wait_for("bold \u{6f22}x");
    let cell = screen.terminal.grid().cell(1, 2);
    assert_eq!(cell.foreground, termgrid::Color::Rgb(1, 2, 3));
    assert!(cell.attributes.contains(termgrid::Attributes::BOLD));
    screen.wait_for("x");
    let modes = screen.terminal.modes();
    assert!(modes.application_cursor_keys && modes.bracketed_paste && modes.cursor_blinks);
    assert_eq!(screen.terminal.title(), "name");
    assert_eq!(
        (
            screen.terminal.cursor().line,
            screen.terminal.cursor().column
        ),
        (1, 10)
    );
    screen.type_in("\r");
    assert_eq!(screen.wait(), Some(0));
}

#[test]
fn the_terminal_is_restored_when_the_command_ends() {
    let mut screen = Screen::start(&["--", "sh", "-c", "printf '\\033[?1000h\\033[?25l'; exit 0"]);
    assert_eq!(screen.wait(), Some(0));
    assert_restored(&screen);
}

#[test]
fn the_terminal_is_restored_when_a_signal_ends_the_program() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let mut screen = Screen::start(&["--", "sh", "-c", "printf '\\033[?1000hready'; read x"]);
        screen.wait_for("ready");
        assert!(screen.is_raw());
        kill_process(Pid::from_child(&screen.program), signal).unwrap();
        assert_eq!(screen.wait(), Some(128 + signal.as_raw()));
        assert_restored(&screen);
    }
}

#[test]
fn the_terminal_is_restored_when_the_command_cannot_be_started() {
    let mut screen = Screen::start(&["--", "/no/such/command"]);
    assert_eq!(screen.wait(), Some(127));
    assert!(!screen.is_raw() && !screen.terminal.modes().alternate_screen);
    assert!(
        screen.text().contains("failed to start `/no/such/command`"),
        "{}",
        screen.text()
    );
}

#[test]
fn the_command_is_told_of_another_size() {
    let mut screen = Screen::start(&[
        "--",
        "sh",
        "-c",
        "trap 'stty size' WINCH; echo ready; while :; do read x; done",
    ]);
    screen.wait_for("ready");
    screen.resize(30, 100);
    screen.wait_for("30 100");
}

#[test]
fn a_storm_of_sizes_ends_with_the_last_one() {
    let script = "trap '' WINCH; i=0; while [ $i -lt 40 ]; do seq 1 500; i=$((i+1)); done; echo end; read x; stty size; read y";
    let mut screen = Screen::start(&["--", "sh", "-c", script]);
    screen.wait_for("1");
    for step in 0..300u16 {
        screen.resize(1 + step * 7 % 50, 2 + step * 13 % 150);
        screen.read();
    }
    screen.resize(20, 60);
    screen.wait_for("end");
    screen.type_in("\r");
    screen.wait_for("20 60");
    screen.terminal.validate();
    screen.type_in("\r");
    assert_eq!(screen.wait(), Some(0));
}
