//! What renderers are told.

use crate::support::{cells, stream, terminal};
use proptest::prelude::*;
use termgrid::{Cell, Size, Stamp, Terminal};

/// Copies only what it is told to.
struct Renderer {
    shown: Vec<Vec<(Cell, String)>>,
    seen: Stamp,
}

impl Renderer {
    fn new(lines: usize, columns: usize) -> Self {
        let nothing = (
            Cell {
                character: '?',
                ..Cell::BLANK
            },
            String::new(),
        );
        Self {
            shown: vec![vec![nothing; columns]; lines],
            seen: Stamp::default(),
        }
    }

    fn render(&mut self, terminal: &mut Terminal) {
        let columns = terminal.grid().columns();
        let frame = terminal.frame(self.seen);
        self.shown.rotate_left(frame.scrolled());
        for changed in frame.rows() {
            let row = cells(changed.row, columns);
            self.shown[changed.line][changed.columns.clone()]
                .clone_from_slice(&row[changed.columns]);
        }
        self.seen = frame.stamp();
        let expected: Vec<_> = (0..terminal.grid().lines())
            .map(|line| cells(terminal.grid().row(line), columns))
            .collect();
        assert_eq!(self.shown, expected);
    }
}

proptest! {
    #[test]
    fn a_renderer_that_copies_what_is_marked_has_the_screen(pieces in stream(), scrollback in 0usize..4) {
        let mut terminal = terminal(5, 9, scrollback);
        let (mut each, mut seldom) = (Renderer::new(5, 9), Renderer::new(5, 9));
        for (index, piece) in pieces.iter().enumerate() {
            terminal.process(piece);
            each.render(&mut terminal);
            if index % 3 == 2 {
                seldom.render(&mut terminal);
            }
        }
    }

    #[test]
    fn the_same_holds_after_a_snapshot_is_restored(before in stream(), after in stream()) {
        let mut terminal = terminal(5, 9, 3);
        let kept = terminal.snapshot().into_owned();
        let mut renderer = Renderer::new(5, 9);
        for piece in before.iter().chain(&after) {
            terminal.process(piece);
        }
        renderer.render(&mut terminal);
        terminal.restore(&kept);
        renderer.render(&mut terminal);
    }
}

#[test]
fn a_character_marks_its_column_and_nothing_else() {
    let mut terminal = terminal(5, 20, 0);
    let seen = terminal.frame(Stamp::default()).stamp();
    terminal.process(b"\x1b[3;8Hx");
    let changed: Vec<_> = terminal
        .frame(seen)
        .rows()
        .map(|row| (row.line, row.columns))
        .collect();
    assert_eq!(changed, [(2, 7..8)]);
}

#[test]
fn a_screen_that_scrolls_marks_the_line_that_comes_in() {
    let mut terminal = terminal(5, 20, 0);
    terminal.process(b"\x1b[5;1H");
    let seen = terminal.frame(Stamp::default()).stamp();
    terminal.process(b"\n\n");
    let frame = terminal.frame(seen);
    assert_eq!(frame.scrolled(), 2);
    let changed: Vec<_> = frame.rows().map(|row| row.line).collect();
    assert_eq!(changed, [3, 4]);
}

#[test]
fn a_renderer_that_is_late_gets_whole_rows() {
    let mut terminal = terminal(5, 20, 0);
    let seen = terminal.frame(Stamp::default()).stamp();
    terminal.process(b"x");
    terminal.frame(seen);
    terminal.process(b"\x1b[1;9Hy");
    let changed: Vec<_> = terminal
        .frame(seen)
        .rows()
        .map(|row| (row.line, row.columns))
        .collect();
    assert_eq!(changed, [(0, 0..20)]);
}

#[test]
fn another_size_marks_everything() {
    let mut terminal = terminal(5, 20, 0);
    let seen = terminal.frame(Stamp::default()).stamp();
    terminal.resize(Size::new(4, 21).unwrap());
    let changed: Vec<_> = terminal.frame(seen).rows().map(|row| row.columns).collect();
    assert_eq!(changed, vec![0..21; 4]);
}
