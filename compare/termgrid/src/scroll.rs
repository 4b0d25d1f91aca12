//! The screen moves up by a line: by the grids' own functions, and by copying cells.

use crate::Options;
use crate::workloads::{COLUMNS, LINES, SCROLLBACK};
use alacritty_terminal::grid::Grid as AlacrittyGrid;
use alacritty_terminal::index::Line;
use alacritty_terminal::term::cell::Cell as AlacrittyCell;
use compare_harness::{Samples, timed, turns};
use compare_termgrid::{ALACRITTY, OURS};
use std::hint::black_box;
use termgrid::{Cell, Color, Grid, Size, Style};

pub const WORKLOAD: &str = "scroll of one screen";
pub const NS: &str = "ns";
const TIMES: usize = 100_000;

/// Does it once.
type Work = Box<dyn FnMut()>;

type Make = fn() -> Work;

const CONTENDERS: [(&str, Make); 3] = [
    (OURS, ours),
    (ALACRITTY, alacritty),
    ("cells copied", copied),
];

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    for round in 0..options.rounds {
        let mut figures = [0.0; CONTENDERS.len()];
        for which in turns(CONTENDERS.len(), round) {
            let mut work = CONTENDERS[which].1();
            (0..SCROLLBACK * 2).for_each(|_| work());
            let (time, ()) = timed(|| (0..TIMES).for_each(|_| work()));
            figures[which] = time.as_nanos() as f64 / TIMES as f64;
        }
        for ((name, _), figure) in CONTENDERS.iter().zip(figures) {
            samples.add(WORKLOAD, NS, name, figure);
        }
    }
    Vec::new()
}

fn ours() -> Work {
    let size = Size::new(LINES, COLUMNS).expect("a size that terminals have");
    let mut grid = Grid::new(size, SCROLLBACK);
    grid.fill(0..LINES, 0..COLUMNS, Cell::new('x', Style::default()));
    Box::new(move || black_box(&mut grid).scroll_up(0..LINES, 1, Color::Default))
}

fn alacritty() -> Work {
    let mut grid = AlacrittyGrid::<AlacrittyCell>::new(LINES, COLUMNS, SCROLLBACK);
    let end = i32::try_from(LINES).expect("few lines");
    Box::new(move || black_box(&mut grid).scroll_up(&(Line(0)..Line(end)), 1))
}

fn copied() -> Work {
    let mut cells = vec![Cell::new('x', Style::default()); LINES * COLUMNS];
    Box::new(move || {
        let cells = black_box(&mut cells);
        cells.copy_within(COLUMNS.., 0);
        cells[(LINES - 1) * COLUMNS..].fill(Cell::BLANK);
    })
}
