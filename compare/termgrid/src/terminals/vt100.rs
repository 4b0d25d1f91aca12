//! vt100.

use super::Contender;
use crate::shown::{Line, Place, Shown};
use std::num::NonZeroU16;
use termgrid::{Attributes, Color, Underline};
use vt100::{Cell, Parser};

pub fn make(lines: usize, columns: usize, scrollback: usize) -> Box<dyn Contender> {
    Box::new(Parser::new(number(lines), number(columns), scrollback))
}

/// It has one kind of underline, none of the attributes below, and shows its scrollback in views alone. What it inserts has
/// no background, and what it erases keeps the pen's attributes: of blank places only the text counts.
pub fn leave_out(shown: &mut Shown) {
    shown.history.clear();
    for place in shown.lines.iter_mut().flat_map(|it| &mut it.places) {
        if place.text == " " || place.text.is_empty() {
            place.foreground = Color::Default;
            place.background = Color::Default;
            place.attributes = Attributes::NONE;
        }
        for unknown in [Attributes::BLINK, Attributes::HIDDEN, Attributes::STRIKE] {
            place.attributes.remove(unknown);
        }
        if place.attributes.underline() != Underline::None {
            place.attributes.set_underline(Underline::Single);
        }
    }
}

impl Contender for Parser {
    fn process(&mut self, bytes: &[u8]) {
        self.process(bytes);
    }

    fn resize(&mut self, lines: usize, columns: usize) {
        self.set_size(number(lines), number(columns));
    }

    fn shown(&self) -> Shown {
        let screen = self.screen();
        let (lines, columns) = screen.size();
        let (line, column) = screen.cursor_position();
        let last = columns.get() - 1;
        Shown {
            cursor: (line.into(), column.min(last).into()),
            pending_wrap: column > last,
            lines: (0..lines.get())
                .map(|line| Line {
                    places: (0..columns.get())
                        .filter_map(|column| screen.cell(line, column).map(place))
                        .collect(),
                    wrapped: screen.row_wrapped(line),
                })
                .collect(),
            history: Vec::new(),
        }
    }
}

fn number(count: usize) -> NonZeroU16 {
    let number = u16::try_from(count).ok().and_then(NonZeroU16::new);
    number.expect("a size that terminals have")
}

fn place(cell: &Cell) -> Place {
    let text = match cell.contents() {
        "" if !cell.is_wide_continuation() => " ",
        text => text,
    };
    let mut attributes = Attributes::NONE;
    for (is_set, attribute) in [
        (cell.bold(), Attributes::BOLD),
        (cell.dim(), Attributes::DIM),
        (cell.italic(), Attributes::ITALIC),
        (cell.inverse(), Attributes::INVERSE),
    ] {
        if is_set {
            attributes.insert(attribute);
        }
    }
    if cell.underline() {
        attributes.set_underline(Underline::Single);
    }
    Place {
        text: text.to_owned(),
        foreground: color(cell.fgcolor()),
        background: color(cell.bgcolor()),
        attributes,
    }
}

fn color(color: vt100::Color) -> Color {
    match color {
        vt100::Color::Default => Color::Default,
        vt100::Color::Idx(index) => Color::Indexed(index),
        vt100::Color::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
    }
}
