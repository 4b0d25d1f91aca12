//! Streams of output, and what a screen shows.

use proptest::prelude::*;
use termgrid::{Cell, Grid, Row, Size, Terminal, Width};

pub(crate) fn terminal(lines: usize, columns: usize, scrollback: usize) -> Terminal {
    match Size::new(lines, columns) {
        Ok(size) => Terminal::new(size, scrollback),
        Err(error) => panic!("{error}"),
    }
}

/// What a terminal of that size shows after some bytes, line by line.
pub(crate) fn shown(lines: usize, columns: usize, bytes: &str) -> Vec<String> {
    let mut terminal = terminal(lines, columns, 0);
    terminal.process(bytes.as_bytes());
    terminal.validate();
    texts(terminal.grid())
}

pub(crate) fn texts(grid: &Grid) -> Vec<String> {
    (0..grid.lines())
        .map(|line| grid.row(line).text())
        .collect()
}

/// A row as a renderer keeps it.
pub(crate) fn cells(row: &Row, columns: usize) -> Vec<(Cell, String)> {
    (0..columns)
        .map(|column| (row.cell(column), row.combining(column).collect()))
        .collect()
}

/// The lines of scrollback and screen, whatever rows they are wrapped into, without blank ones at the end.
pub(crate) fn lines(grid: &Grid) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    let history = (1..=grid.history())
        .rev()
        .filter_map(|back| grid.view(back).next());
    for row in history.chain((0..grid.lines()).map(|line| grid.row(line))) {
        let stored = row.cells().len();
        let columns = if row.is_wrapped() {
            grid.columns()
        } else {
            stored
        };
        for column in 0..columns {
            let cell = row.cell(column);
            if matches!(cell.width, Width::Narrow | Width::Wide) {
                line.push(cell.character);
                line.extend(row.combining(column));
            }
        }
        if !row.is_wrapped() {
            line.truncate(line.trim_end_matches(' ').len());
            lines.push(std::mem::take(&mut line));
        }
    }
    lines.push(line);
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// A piece of output: text, control characters, sequences with any parameters, any bytes.
pub(crate) fn piece() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![4 => 0u16..12, 1 => any::<u16>()];
    let numbers = prop::collection::vec(number, 0..4).prop_map(|numbers| {
        numbers
            .iter()
            .map(u16::to_string)
            .collect::<Vec<_>>()
            .join(";")
    });
    let csi = (
        numbers,
        prop::sample::select(b"@ABCDEFGHIJKLMPSTXZ`abdefghlmnrsu".to_vec()),
    )
        .prop_map(|(numbers, last)| format!("\x1b[{numbers}{}", char::from(last)).into_bytes());
    let modes = prop::sample::select(vec![1u16, 5, 6, 7, 25, 47, 1000, 1047, 1048, 1049, 2004]);
    let private = (modes, any::<bool>())
        .prop_map(|(mode, on)| format!("\x1b[?{mode}{}", if on { 'h' } else { 'l' }).into_bytes());
    let fixed = prop::sample::select(vec![
        "\r\n",
        "\n",
        "\r",
        "\x08",
        "\t",
        "\x0e",
        "\x0f",
        "\x1b7",
        "\x1b8",
        "\x1bD",
        "\x1bE",
        "\x1bH",
        "\x1bM",
        "\x1b#8",
        "\x1b(0",
        "\x1b(B",
        "\x1b)0",
        "\x1b[4h",
        "\x1b[4l",
        "\x1b[20h",
        "\x1b[20l",
        "\x1b[2;4r",
        "\x1b[r",
        "\x1b[31;44m",
        "\x1b[m",
        "\x1b[38;2;1;2;3m",
        "\x1b]2;title\x07",
        "\x1b]0;x\x1b\\",
        "\x1bP1$q\x1b\\",
        "\x1b[1;2",
        "\x1b[?1;2<x",
        "\x18",
        "\x7f",
    ]);
    prop_oneof![
        6 => "[ -~]{1,20}".prop_map(String::into_bytes),
        4 => "[a\u{e9}\u{6f22}\u{5b57}\u{301}\u{1f600}\u{200d}]{1,6}".prop_map(String::into_bytes),
        4 => csi,
        2 => private,
        4 => fixed.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..8),
    ]
}

pub(crate) fn stream() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(piece(), 1..40)
}
