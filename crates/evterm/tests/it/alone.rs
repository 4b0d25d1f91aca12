//! Without a terminal.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn evterm(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_evterm"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The page that a command leaves on a screen of 80x24.
fn page(command: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    let arguments = ["--size", "80x24", "--html", path.to_str().unwrap(), "--"];
    let output = evterm(&[&arguments, command].concat());
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    fs::read_to_string(path).unwrap()
}

fn size_of_picture(path: &Path) -> (u32, u32) {
    let file = std::io::BufReader::new(fs::File::open(path).unwrap());
    let reader = png::Decoder::new(file).read_info().unwrap();
    (reader.info().width, reader.info().height)
}

#[test]
fn the_last_lines_of_a_hundred_thousand_are_on_the_picture_and_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let [picture, html] = ["a.png", "a.html"].map(|name| folder.path().join(name));
    let files = [picture.to_str().unwrap(), html.to_str().unwrap()];
    let output = evterm(&[
        "--size",
        "80x24",
        "--screenshot",
        files[0],
        "--html",
        files[1],
        "--",
        "seq",
        "1",
        "100000",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
    assert_eq!(size_of_picture(&picture), (80 * 8, 24 * 16));
    let page = fs::read_to_string(html).unwrap();
    let lines: Vec<&str> = page
        .split_once("<pre>")
        .unwrap()
        .1
        .lines()
        .take(24)
        .collect();
    let expected: Vec<String> = (99_978..=100_000).map(|it: u32| it.to_string()).collect();
    assert_eq!(lines[..23], expected);
    assert_eq!(lines[23], "");
}

/// The spec asks for 100 MB: `EVTERM_MEGABYTES=100`.
#[test]
fn megabytes_of_output_are_taken_to_the_end() {
    let megabytes = std::env::var("EVTERM_MEGABYTES").unwrap_or("4".to_owned());
    let script = format!("yes 'a line of text' | head -c {megabytes}000000; echo; echo end");
    let page = page(&["sh", "-c", &script]);
    assert!(
        page.contains("a line of text\n") && page.contains("\nend\n"),
        "{page}"
    );
}

#[test]
fn the_screen_has_the_size_that_was_asked_for() {
    let page = page(&["sh", "-c", "stty size; echo $TERM; tty -s && echo terminal"]);
    assert!(
        page.contains("<pre>24 80\nxterm-256color\nterminal\n"),
        "{page}"
    );
}

#[test]
fn questions_of_the_command_are_answered() {
    let page = page(&[
        "sh",
        "-c",
        "stty raw -echo; printf 'ab\\033[6n'; timeout --foreground 20 dd bs=1 count=6 2>/dev/null | tr '\\033' e",
    ]);
    assert!(page.contains("abe[1;3R"), "{page}");
}

#[test]
fn what_a_command_leaves_running_does_not_keep_the_program() {
    let page = page(&["sh", "-c", "echo begun; sleep 100 & exit 0"]);
    assert!(page.contains("begun"), "{page}");
}

#[test]
fn a_signal_has_the_picture_written_while_the_command_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("now.png");
    let path = path.to_str().unwrap();
    let script = "kill -USR1 $PPID; i=0; while [ ! -s $0 ]; do i=$((i+1)); [ $i -gt 400 ] && exit 9; sleep 0.05; done";
    let output = evterm(&[
        "--size",
        "80x24",
        "--screenshot",
        path,
        "--",
        "sh",
        "-c",
        script,
        path,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    for (command, code) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)] {
        let output = evterm(&["--size", "80x24", "sh", "-c", command]);
        assert_eq!(output.status.code(), Some(code), "{command}");
    }
}

#[test]
fn a_command_that_cannot_be_started_is_told() {
    let output = evterm(&["--size", "80x24", "--", "/no/such/command"]);
    assert_eq!(output.status.code(), Some(127));
    assert!(
        told(&output).contains("failed to start `/no/such/command`"),
        "{}",
        told(&output)
    );
    assert!(told(&output).contains("give another command behind `--`, or another shell in SHELL"));
    let output = evterm(&["--size", "80x24", "--", "/"]);
    assert_eq!(output.status.code(), Some(126), "{}", told(&output));
}

#[test]
fn a_missing_shell_is_told() {
    let output = Command::new(env!("CARGO_BIN_EXE_evterm"))
        .args(["--size", "80x24"])
        .env("SHELL", "/no/such/shell")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(127));
    assert!(
        told(&output).contains("failed to start `/no/such/shell`"),
        "{}",
        told(&output)
    );
}

#[test]
fn without_a_terminal_and_a_size_it_says_what_to_do() {
    let output = evterm(&["--", "true"]);
    assert_eq!(output.status.code(), Some(125));
    assert!(told(&output).contains("not a terminal") && told(&output).contains("--size 80x24"));
}

#[test]
fn wrong_flags_are_refused_with_the_usage() {
    for arguments in [
        &["--no-such-flag"][..],
        &["--size", "80"],
        &["--size", "0x0"],
        &["--scrollback", "x"],
    ] {
        let output = evterm(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(told(&output).contains("--help"), "{}", told(&output));
    }
}

#[test]
fn a_picture_that_cannot_be_written_is_told() {
    let output = evterm(&[
        "--size",
        "80x24",
        "--screenshot",
        "/no/such/folder/a.png",
        "--",
        "true",
    ]);
    assert_eq!(output.status.code(), Some(125));
    assert!(
        told(&output).contains("failed to write /no/such/folder/a.png"),
        "{}",
        told(&output)
    );
}
