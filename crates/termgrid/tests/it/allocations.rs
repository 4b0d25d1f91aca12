//! What the steady state costs in memory.

use crate::support::terminal;
use adversary::alloc::Scripted;
use adversary::countdown::run_counted;
use termgrid::Stamp;

#[global_allocator]
static HEAP: Scripted = Scripted::system();

const OUTPUT: &str = "plain text that is longer than a line, so that it wraps\r\n\x1b[1;38;5;200mcolour\x1b[48;2;1;2;3m \
    \x1b[0m \u{6f22}\u{5b57} e\u{301} \u{e9}\x1b[2;4r\x1b[2;1H\x1bM\x1b[r\x1b[3;7H\x1b[2K\x1b[2P\x1b[3@\x1b[L\x1b[M\x1b[J\x1b[?1049h\
    alternate\x1b[?1049l\x1b]2;title\x07\x1b[S\x1b[T\x1b7\x1b8\n\n\n";

#[test]
fn output_allocates_nothing_once_all_rows_have_been_written() {
    let mut terminal = terminal(6, 20, 10);
    let mut seen = Stamp::default();
    let mut feed = || {
        for _ in 0..100 {
            terminal.process(OUTPUT.as_bytes());
            let frame = terminal.frame(seen);
            let cells: usize = frame.rows().map(|changed| changed.columns.len()).sum();
            assert!(cells > 0);
            seen = frame.stamp();
        }
    };
    assert!(run_counted(&mut feed).allocations > 0, "nothing is counted");
    assert_eq!(run_counted(&mut feed).allocations, 0);
}

#[test]
fn a_borrowed_snapshot_copies_nothing() {
    let mut terminal = terminal(6, 20, 10);
    terminal.process(OUTPUT.as_bytes());
    assert_eq!(
        run_counted(|| terminal.snapshot().grid().row(0).cells().len()).allocations,
        0
    );
    assert!(run_counted(|| drop(terminal.snapshot().into_owned())).allocations > 0);
}

#[test]
fn a_title_without_end_is_bounded() {
    let mut terminal = terminal(2, 20, 0);
    terminal.process(b"\x1b]2;");
    for _ in 0..1000 {
        terminal.process(&[b'x'; 1000]);
    }
    terminal.process(b"\x07");
    assert!((1..=1024).contains(&terminal.title().len()));
}

#[test]
fn replies_that_nobody_takes_are_bounded() {
    let mut terminal = terminal(2, 20, 0);
    terminal.process(&b"\x1b[5n".repeat(100_000));
    assert!(terminal.replies().len() <= 1 << 16);
}
