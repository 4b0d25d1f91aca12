//! Random operations on a grid, beside a grid that does them in the simplest way.

use std::ops::Range;

use proptest::prelude::*;
use termgrid::{Cell, Color, Grid, Size, Style, Width};

const LINES: usize = 4;
const COLUMNS: usize = 7;

#[derive(Clone, Debug)]
enum Op {
    Set(usize, usize, char, Style),
    Combine(usize, usize, char),
    Fill(Range<usize>, Range<usize>, Cell),
    Clear(Range<usize>, Range<usize>),
    Copy(Range<usize>, Range<usize>, usize, usize),
    ScrollUp(Range<usize>, usize, Color),
    ScrollDown(Range<usize>, usize, Color),
    InsertLines(usize, usize, usize, Color),
    DeleteLines(usize, usize, usize, Color),
    InsertCells(usize, usize, usize, Color),
    DeleteCells(usize, usize, usize, Color),
    ClearHistory,
}

fn op() -> impl Strategy<Value = Op> {
    let color = || prop_oneof![2 => Just(Color::Default), 1 => Just(Color::Indexed(4)), 1 => Just(Color::Rgb(1, 2, 3))];
    let style = move || {
        (color(), color()).prop_map(|(foreground, background)| Style {
            foreground,
            background,
            ..Style::default()
        })
    };
    let character = || {
        prop::sample::select(vec![
            'a',
            'b',
            ' ',
            '\u{e9}',
            '\u{6f22}',
            '\u{5b57}',
            '\u{1f600}',
        ])
    };
    let range = |end: usize| (0..end + 2, 0..end + 2).prop_map(|(a, b)| a.min(b)..a.max(b));
    let at = || (0..LINES, 0..COLUMNS);
    prop_oneof![
        8 => (at(), character(), style()).prop_map(|((line, column), c, style)| Op::Set(line, column, c, style)),
        3 => at().prop_map(|(line, column)| Op::Combine(line, column, '\u{301}')),
        1 => (range(LINES), range(COLUMNS), style())
            .prop_map(|(lines, columns, style)| Op::Fill(lines, columns, Cell::new('#', style))),
        1 => (range(LINES), range(COLUMNS)).prop_map(|(lines, columns)| Op::Clear(lines, columns)),
        2 => (range(LINES), range(COLUMNS), at())
            .prop_map(|(lines, columns, (line, column))| Op::Copy(lines, columns, line, column)),
        2 => (range(LINES), 0..6usize, color()).prop_map(|(lines, count, color)| Op::ScrollUp(lines, count, color)),
        1 => (range(LINES), 0..6usize, color()).prop_map(|(lines, count, color)| Op::ScrollDown(lines, count, color)),
        1 => (0..LINES, 0..6usize, 0..6usize, color()).prop_map(|(a, b, count, color)| Op::InsertLines(a, b, count, color)),
        1 => (0..LINES, 0..6usize, 0..6usize, color()).prop_map(|(a, b, count, color)| Op::DeleteLines(a, b, count, color)),
        2 => (at(), 0..9usize, color()).prop_map(|((line, column), n, color)| Op::InsertCells(line, column, n, color)),
        2 => (at(), 0..9usize, color()).prop_map(|((line, column), n, color)| Op::DeleteCells(line, column, n, color)),
        1 => Just(Op::ClearHistory),
    ]
}

/// A cell that knows which other half belongs to it.
#[derive(Clone, Debug)]
struct Place {
    cell: Cell,
    combining: String,
    character: usize,
}

impl Place {
    fn erased(background: Color) -> Self {
        Self {
            cell: Cell::erased(background),
            combining: String::new(),
            character: 0,
        }
    }
}

struct Model {
    screen: Vec<Vec<Place>>,
    history: Vec<Vec<Place>>,
    limit: usize,
}

impl Model {
    fn new(limit: usize) -> Self {
        Self {
            screen: vec![row(Color::Default); LINES],
            history: Vec::new(),
            limit,
        }
    }

    fn apply(&mut self, op: &Op) {
        match op.clone() {
            Op::Set(line, column, character, style) => self.set(line, column, character, style),
            Op::Combine(line, column, mark) => {
                let left =
                    column - usize::from(self.screen[line][column].cell.width == Width::Spacer);
                let combining = &mut self.screen[line][left].combining;
                if combining.chars().count() < 16 {
                    combining.push(mark);
                }
            }
            Op::Fill(lines, columns, cell) => self.fill(lines, columns, cell),
            Op::Clear(lines, columns) => self.fill(lines, columns, Cell::BLANK),
            Op::Copy(lines, columns, line, column) => {
                let source = self.screen.clone();
                for (from, to) in (lines.start..lines.end.min(LINES)).zip(line..LINES) {
                    for (left, right) in
                        (columns.start..columns.end.min(COLUMNS)).zip(column..COLUMNS)
                    {
                        self.screen[to][right] = source[from][left].clone();
                        // Halves belong together if both were copied, or none.
                        self.screen[to][right].character += COLUMNS;
                    }
                }
            }
            Op::ScrollUp(lines, count, color) => {
                let end = lines.end.min(LINES);
                for _ in 0..count.min(end.saturating_sub(lines.start)) {
                    let gone = self.screen.remove(lines.start);
                    self.screen.insert(end - 1, row(color));
                    if lines.start == 0 {
                        self.history.push(gone);
                    }
                }
                let over = self.history.len().saturating_sub(self.limit);
                self.history.drain(..over);
            }
            Op::ScrollDown(lines, count, color) => {
                self.insert_lines(lines.start, lines.end, count, color);
            }
            Op::InsertLines(line, bottom, count, color) => {
                self.insert_lines(line, bottom, count, color);
            }
            Op::DeleteLines(line, bottom, count, color) => {
                let bottom = bottom.min(LINES);
                for _ in 0..count.min(bottom.saturating_sub(line)) {
                    self.screen.remove(line);
                    self.screen.insert(bottom - 1, row(color));
                }
            }
            Op::InsertCells(line, column, count, color) => {
                for _ in 0..count.min(COLUMNS - column) {
                    self.screen[line].insert(column, Place::erased(color));
                    self.screen[line].pop();
                }
            }
            Op::DeleteCells(line, column, count, color) => {
                for _ in 0..count.min(COLUMNS - column) {
                    self.screen[line].remove(column);
                    self.screen[line].push(Place::erased(color));
                }
            }
            Op::ClearHistory => self.history.clear(),
        }
        self.screen.iter_mut().for_each(|row| mend(row));
    }

    fn set(&mut self, line: usize, column: usize, character: char, style: Style) {
        let wide = character > '\u{1000}';
        if wide && column + 1 == COLUMNS {
            return;
        }
        let cell = Cell::new(character, style);
        let place = |cell| Place {
            cell,
            combining: String::new(),
            character: 2 * COLUMNS,
        };
        if wide {
            self.screen[line][column] = place(Cell {
                width: Width::Wide,
                ..cell
            });
            self.screen[line][column + 1] = place(Cell {
                width: Width::Spacer,
                character: ' ',
                ..cell
            });
        } else {
            self.screen[line][column] = place(cell);
        }
    }

    fn fill(&mut self, lines: Range<usize>, columns: Range<usize>, cell: Cell) {
        for line in lines.start..lines.end.min(LINES) {
            for column in columns.start..columns.end.min(COLUMNS) {
                self.screen[line][column] = Place {
                    cell,
                    combining: String::new(),
                    character: 0,
                };
            }
        }
    }

    fn insert_lines(&mut self, line: usize, bottom: usize, count: usize, color: Color) {
        let bottom = bottom.min(LINES);
        for _ in 0..count.min(bottom.saturating_sub(line)) {
            self.screen.remove(bottom - 1);
            self.screen.insert(line, row(color));
        }
    }

    fn assert_equals(&self, grid: &Grid) {
        assert_eq!(grid.history(), self.history.len());
        let oldest = (1..=grid.history())
            .rev()
            .filter_map(|back| grid.view(back).next());
        let oldest: Vec<_> = oldest.zip(&self.history).collect();
        assert_eq!(oldest.len(), self.history.len());
        let screen = self
            .screen
            .iter()
            .enumerate()
            .map(|(line, row)| (grid.row(line), row));
        for (row, expected) in oldest.into_iter().chain(screen) {
            for (column, place) in expected.iter().enumerate() {
                assert_eq!(row.cell(column), place.cell, "column {column}");
                assert_eq!(
                    row.combining(column).collect::<String>(),
                    place.combining,
                    "column {column}"
                );
            }
        }
    }
}

fn row(background: Color) -> Vec<Place> {
    vec![Place::erased(background); COLUMNS]
}

/// Makes spaces of halves without their other halves, and numbers the pairs.
fn mend(row: &mut [Place]) {
    let pairs: Vec<bool> = row
        .windows(2)
        .map(|pair| {
            pair[0].cell.width == Width::Wide
                && pair[1].cell.width == Width::Spacer
                && pair[0].character == pair[1].character
        })
        .collect();
    for (column, place) in row.iter_mut().enumerate() {
        let whole = match place.cell.width {
            Width::Wide => pairs.get(column) == Some(&true),
            Width::Spacer => column > 0 && pairs[column - 1],
            Width::Narrow | Width::Pad => true,
        };
        if !whole {
            *place = Place {
                cell: Cell {
                    character: ' ',
                    width: Width::Narrow,
                    ..place.cell
                },
                combining: String::new(),
                character: 0,
            };
        }
        place.character = column - usize::from(place.cell.width == Width::Spacer);
    }
}

fn apply(grid: &mut Grid, op: &Op) {
    match op.clone() {
        Op::Set(line, column, character, style) => _ = grid.set(line, column, character, style),
        Op::Combine(line, column, mark) => grid.combine(line, column, mark),
        Op::Fill(lines, columns, cell) => grid.fill(lines, columns, cell),
        Op::Clear(lines, columns) => grid.clear(lines, columns),
        Op::Copy(lines, columns, line, column) => grid.copy(lines, columns, line, column),
        Op::ScrollUp(lines, count, color) => grid.scroll_up(lines, count, color),
        Op::ScrollDown(lines, count, color) => grid.scroll_down(lines, count, color),
        Op::InsertLines(line, bottom, count, color) => {
            grid.insert_lines(line, bottom, count, color);
        }
        Op::DeleteLines(line, bottom, count, color) => {
            grid.delete_lines(line, bottom, count, color);
        }
        Op::InsertCells(line, column, count, color) => {
            grid.insert_cells(line, column, count, color);
        }
        Op::DeleteCells(line, column, count, color) => {
            grid.delete_cells(line, column, count, color);
        }
        Op::ClearHistory => grid.clear_history(),
    }
}

proptest! {
    #[test]
    fn a_grid_does_what_the_simplest_grid_does(ops in prop::collection::vec(op(), 1..60), limit in 0usize..5) {
        let (mut grid, mut model) = (Grid::new(Size::new(LINES, COLUMNS).unwrap(), limit), Model::new(limit));
        for op in &ops {
            apply(&mut grid, op);
            model.apply(op);
            grid.validate();
            model.assert_equals(&grid);
        }
    }
}
