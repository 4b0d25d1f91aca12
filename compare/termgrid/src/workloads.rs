//! What programs write, about a MiB of each kind.

use std::fmt::Write as _;

pub const LINES: usize = 24;
pub const COLUMNS: usize = 80;
/// What alacritty keeps if nobody says otherwise.
pub const SCROLLBACK: usize = 10_000;

const BYTES: usize = 1 << 20;

/// A part of it, by its number.
pub type Make = fn(usize) -> String;

pub const WORKLOADS: [(&str, Make); 4] = [
    ("plain", plain),
    ("dense", dense),
    ("unicode", unicode),
    ("cursor", cursor),
];

/// The bytes of a workload.
pub fn bytes(make: Make) -> Vec<u8> {
    let mut text = String::with_capacity(BYTES + (1 << 10));
    for number in 0.. {
        if text.len() >= BYTES {
            break;
        }
        text += &make(number);
    }
    text.into_bytes()
}

/// A line of a log, 30 to 110 characters long.
fn plain(number: usize) -> String {
    let words = "request served from cache in 12 ms after a look at the index, nothing else was to be done here now ";
    let length = 20 + number * 37 % 80;
    format!("{number:>8} {}\r\n", &words[..length])
}

/// Each cell with colours and attributes of its own, as in vtebench's dense_cells.
fn dense(number: usize) -> String {
    let mut text = String::from("\x1b[H");
    let letter = char::from(b'A' + (number % 26) as u8);
    for cell in 0..LINES * COLUMNS {
        let (line, column) = (cell / COLUMNS, cell % COLUMNS);
        let (front, back) = (
            (line + column + number) % 156 + 100,
            255 - (line * column + number) % 156,
        );
        _ = write!(text, "\x1b[38;5;{front};48;5;{back};1;3;4m{letter}");
    }
    text
}

/// Lines in several scripts: of one column and of two, with combining characters, and beyond the first plane.
fn unicode(number: usize) -> String {
    let lines = [
        "\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442}, \u{43c}\u{438}\u{440}! \u{42d}\u{442}\u{43e} \u{441}\u{442}\u{440}\u{43e}\u{43a}\u{430} \u{442}\u{435}\u{43a}\u{441}\u{442}\u{430}",
        "\u{6f22}\u{5b57}\u{3068}\u{304b}\u{306a}\u{306e}\u{6587}\u{7ae0}\u{3001}\u{4e8c}\u{6841}\u{306e}\u{6587}\u{5b57}\u{3002}\u{7aef}\u{672b}\u{306e}\u{753b}\u{9762}",
        "\u{39a}\u{3b1}\u{3bb}\u{3b7}\u{3bc}\u{3ad}\u{3c1}\u{3b1} \u{3ba}\u{3cc}\u{3c3}\u{3bc}\u{3b5}, na\u{ef}ve caf\u{e9} \u{2014} \u{201c}quoted\u{201d}",
        "e\u{301}a\u{308}o\u{302} combined, \u{1f600}\u{1f680} beyond, \u{2500}\u{2500}\u{253c}\u{2500}\u{2500} drawn",
        "\u{ac00}\u{b098}\u{b2e4}\u{b77c} \u{b9c8}\u{bc14}\u{c0ac} \u{c544}\u{c790}\u{cc28}",
    ];
    format!("{}\r\n", lines[number % lines.len()])
}

/// A character here and one there, as in vtebench's cursor_motion.
fn cursor(number: usize) -> String {
    let (line, column) = (number * 7 % LINES, number * 13 % COLUMNS);
    let letter = char::from(b'a' + (number % 26) as u8);
    format!("\x1b[{};{}H{letter}", line + 1, column + 1)
}
