//! alacritty_terminal, with the parser that it brings.

use super::Contender;
use crate::shown::{Line, Place, Shown};
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index;
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::{self, NamedColor, Processor};
use termgrid::{Attributes, Color, Underline};

pub fn make(lines: usize, columns: usize, scrollback: usize) -> Box<dyn Contender> {
    let config = Config {
        scrolling_history: scrollback,
        ..Config::default()
    };
    Box::new(Alacritty {
        term: Term::new(config, &Size(lines, columns), VoidListener),
        parser: Processor::new(),
    })
}

/// It has no blinking.
pub fn leave_out(shown: &mut Shown) {
    let lines = shown.history.iter_mut().chain(&mut shown.lines);
    for place in lines.flat_map(|it| &mut it.places) {
        place.attributes.remove(Attributes::BLINK);
    }
}

struct Alacritty {
    term: Term<VoidListener>,
    parser: Processor,
}

/// Lines and columns.
struct Size(usize, usize);

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.0
    }

    fn screen_lines(&self) -> usize {
        self.0
    }

    fn columns(&self) -> usize {
        self.1
    }
}

impl Contender for Alacritty {
    fn process(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.term, bytes);
    }

    fn resize(&mut self, lines: usize, columns: usize) {
        self.term.resize(Size(lines, columns));
    }

    fn shown(&self) -> Shown {
        let grid = self.term.grid();
        let number = |count: usize| i32::try_from(count).expect("screens are small");
        let (history, lines) = (number(grid.history_size()), number(grid.screen_lines()));
        let line = |number: i32| {
            let row = &grid[index::Line(number)];
            let cells: Vec<&Cell> = (0..grid.columns())
                .map(|it| &row[index::Column(it)])
                .collect();
            let last = cells.last().expect("there are columns");
            Line {
                wrapped: last.flags.contains(Flags::WRAPLINE),
                places: cells.into_iter().map(place).collect(),
            }
        };
        let at = grid.cursor.point;
        Shown {
            cursor: (
                usize::try_from(at.line.0).expect("it is on the screen"),
                at.column.0,
            ),
            pending_wrap: grid.cursor.input_needs_wrap,
            lines: (0..lines).map(line).collect(),
            history: (-history..0).map(line).collect(),
        }
    }
}

fn place(cell: &Cell) -> Place {
    let text = if cell.flags.contains(Flags::WIDE_CHAR_SPACER) {
        String::new()
    } else {
        // A tab is kept in the cell that it began in.
        let character = if cell.c == '\t' { ' ' } else { cell.c };
        let marks = cell.zerowidth().unwrap_or_default();
        [&[character], marks].concat().into_iter().collect()
    };
    Place {
        text,
        foreground: color(cell.fg),
        background: color(cell.bg),
        attributes: attributes(cell.flags),
    }
}

fn color(color: ansi::Color) -> Color {
    match color {
        ansi::Color::Named(NamedColor::Foreground | NamedColor::Background) => Color::Default,
        // Those that are not of the 16 are no colours of cells.
        ansi::Color::Named(name) => Color::Indexed(u8::try_from(name as usize).unwrap_or(255)),
        ansi::Color::Indexed(index) => Color::Indexed(index),
        ansi::Color::Spec(rgb) => Color::Rgb(rgb.r, rgb.g, rgb.b),
    }
}

fn attributes(flags: Flags) -> Attributes {
    let mut attributes = Attributes::NONE;
    for (flag, attribute) in [
        (Flags::BOLD, Attributes::BOLD),
        (Flags::DIM, Attributes::DIM),
        (Flags::ITALIC, Attributes::ITALIC),
        (Flags::INVERSE, Attributes::INVERSE),
        (Flags::HIDDEN, Attributes::HIDDEN),
        (Flags::STRIKEOUT, Attributes::STRIKE),
    ] {
        if flags.contains(flag) {
            attributes.insert(attribute);
        }
    }
    for (flag, underline) in [
        (Flags::UNDERLINE, Underline::Single),
        (Flags::DOUBLE_UNDERLINE, Underline::Double),
        (Flags::UNDERCURL, Underline::Curly),
        (Flags::DOTTED_UNDERLINE, Underline::Dotted),
        (Flags::DASHED_UNDERLINE, Underline::Dashed),
    ] {
        if flags.contains(flag) {
            attributes.set_underline(underline);
        }
    }
    attributes
}
