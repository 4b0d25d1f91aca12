//! Random streams of what two terminals both do, the same way by what differences.txt says; each family leaves out what
//! would meet a difference.

use crate::same::{COLUMNS, LINES, Pair};
use compare_termgrid::shown::Shown;
use compare_termgrid::{RIVALS, Rival};
use proptest::prelude::*;

type Pieces = BoxedStrategy<String>;

const STYLES: [&str; 19] = [
    "\x1b[m",
    "\x1b[1m",
    "\x1b[2m",
    "\x1b[3m",
    "\x1b[7m",
    "\x1b[8m",
    "\x1b[9m",
    "\x1b[4m",
    "\x1b[4:3m",
    "\x1b[4:5m",
    "\x1b[22;23m",
    "\x1b[24;27;28;29m",
    "\x1b[31m",
    "\x1b[44m",
    "\x1b[95;103m",
    "\x1b[38;5;123;1m",
    "\x1b[48;2;1;2;3m",
    "\x1b[39m",
    "\x1b[49m",
];

/// Without what vt100 does not have, or has one of at a time.
const STYLES_OF_VT100: [&str; 13] = [
    "\x1b[m",
    "\x1b[1m",
    "\x1b[3m",
    "\x1b[7m",
    "\x1b[4m",
    "\x1b[22;23m",
    "\x1b[24;27m",
    "\x1b[31m",
    "\x1b[44m",
    "\x1b[95;103m",
    "\x1b[38;5;123;1m",
    "\x1b[48;2;1;2;3m",
    "\x1b[39;49m",
];

fn one_of(pieces: &'static [&'static str]) -> Pieces {
    prop::sample::select(pieces).prop_map(str::to_owned).boxed()
}

fn text() -> Pieces {
    "[ -~]{1,30}".boxed()
}

fn marked() -> Pieces {
    "[a-z][\u{301}\u{308}]{1,3}".boxed()
}

fn wide() -> Pieces {
    "\x1b\\[m[a\u{6f22}\u{5b57}\u{ac00}]{1,12}".boxed()
}

/// The cursor somewhere, with no wrap pending.
fn place() -> impl Strategy<Value = (usize, usize)> {
    (1..=LINES, 1..=COLUMNS)
}

fn at(line: usize, column: usize) -> String {
    format!("\x1b[{line};{column}H")
}

fn go() -> Pieces {
    place().prop_map(|(line, column)| at(line, column)).boxed()
}

/// A function with a count, from somewhere.
fn counted(functions: &'static str) -> Pieces {
    let function = prop::sample::select(functions.chars().collect::<Vec<_>>());
    (place(), function, 0..9usize)
        .prop_map(|((line, column), function, count)| {
            // alacritty_terminal takes no more cells out than there are.
            let count = if function == 'P' {
                count.min(COLUMNS + 1 - column)
            } else {
                count
            };
            format!("{}\x1b[{count}{function}", at(line, column))
        })
        .boxed()
}

/// Inserted or deleted lines, and the carriage returned.
fn lines() -> Pieces {
    (place(), "[LM]", 0..9usize)
        .prop_map(|((line, column), function, count)| {
            format!("{}\x1b[{count}{function}\r", at(line, column))
        })
        .boxed()
}

/// Erased from or to the cursor; alacritty_terminal leaves something in the second line.
fn erased() -> Pieces {
    let what = one_of(&["\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[1J"]);
    (place(), what)
        .prop_filter("the second line", |((line, _), what)| {
            *line != 2 || what != "\x1b[1J"
        })
        .prop_map(|((line, column), what)| at(line, column) + &what)
        .boxed()
}

fn margins() -> Pieces {
    (1..LINES, 0..LINES)
        .prop_map(|(top, more)| format!("\x1b[{top};{}r\x1b[H", (top + 1 + more).min(LINES)))
        .boxed()
}

/// Everything with characters of one column, but margins and the history.
fn narrow() -> Pieces {
    prop_oneof![
        4 => text(),
        1 => marked(),
        3 => one_of(&STYLES),
        3 => go(),
        3 => counted("@PXABCDEFGd`aeSTI"),
        2 => lines(),
        2 => erased(),
        3 => one_of(&["\r", "\n", "\r\n", "\r\t", "\x08", "\x1bD", "\x1bE", "\x1bM", "\x1b[2J", "\x1b[K"]),
        2 => one_of(&["\x1b[4h", "\x1b[4l", "\x1b[?7l", "\x1b[?7h", "\x1b(0", "\x1b(B", "\x1bH", "\x1b[g", "\x1b[3g"]),
        1 => one_of(&["\x1b7", "\x1b8", "\x1b[?1049h", "\x1b[?1049l", "\x1b#8\x1b[H", "x\x1b[5b"]),
    ]
    .boxed()
}

/// Characters of two columns are overwritten, moved by lines and scrolled, not cut.
fn with_wide() -> Pieces {
    prop_oneof![
        3 => text(),
        4 => wide(),
        1 => Just("\u{6f22}\u{301}".to_owned()).prop_map(|it| "\x1b[m".to_owned() + &it),
        1 => one_of(&STYLES),
        3 => go(),
        1 => lines(),
        3 => one_of(&["\r", "\n", "\r\n", "\r\t", "\x08", "\x1bM", "\x1b[2J", "\x1b[2K", "\x1b[S", "\x1b[T"]),
        1 => one_of(&["\x1b[?7l", "\x1b[?7h", "\x1b7", "\x1b8", "\x1b[?1049h", "\x1b[?1049l"]),
    ]
    .boxed()
}

/// Margins and origin mode, without the moves that alacritty_terminal lets through.
fn within_margins() -> Pieces {
    prop_oneof![
        3 => text(),
        1 => marked(),
        2 => one_of(&STYLES),
        3 => go(),
        3 => margins(),
        1 => one_of(&["\x1b[r", "\x1b[?6h", "\x1b[?6l\x1b[H", "\x1b)0\x0e", "\x0f"]),
        2 => counted("@PXSTd"),
        2 => lines(),
        3 => one_of(&["\r", "\n", "\r\n", "\x1bD", "\x1bM", "\x1b[2J", "\x1b[2K"]),
    ]
    .boxed()
}

/// What goes into the history.
fn scrolling() -> Pieces {
    prop_oneof![
        4 => text(),
        2 => one_of(&STYLES),
        2 => one_of(&["\r", "\n", "\r\n\r\n", "\x1bE", "\x1b[3S"]),
        1 => (1..LINES).prop_map(|end| format!("\x1b[1;{}r\x1b[{0};1H\n\n\x1b[r", end + 1)),
        1 => Just("\x1b[3J".to_owned()),
    ]
    .boxed()
}

/// What vt100 does, margins with moves and cut characters among it.
fn of_vt100() -> Pieces {
    let erased = (
        place(),
        one_of(&[
            "\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[1J", "\x1b[2J",
        ]),
    );
    // From above the margins down vt100 goes through them: there is nothing above, or nothing below.
    let margins = (2..=LINES, any::<bool>()).prop_map(|(line, is_bottom)| {
        let (top, bottom) = if is_bottom {
            (1, line)
        } else {
            (line - 1, LINES)
        };
        format!("\x1b[{top};{bottom}r\x1b[H")
    });
    prop_oneof![
        4 => text().prop_map(|text| format!("\r{text}")),
        2 => "[\u{6f22}\u{5b57}]{1,5}".prop_map(|text| format!("\r{text}")),
        1 => marked().prop_map(|text| format!("\r{text}")),
        3 => one_of(&STYLES_OF_VT100),
        3 => go(),
        3 => counted("XABCDEFG"),
        2 => lines(),
        2 => erased.prop_map(|((line, column), what)| at(line, column) + &what),
        2 => margins,
        1 => one_of(&["\x1b[?6h", "\x1b[?6l", "\x1b[r\x1b[H"]),
        2 => one_of(&["\r", "\r\n", "\r\t", "\x1b[r\x1b[2;3H\x1bM\x1bM", "\x1b[2S", "\x1b[2T"]),
    ]
    .boxed()
}

fn stream(piece: Pieces) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(piece, 1..40)
}

/// What is left out of what both show.
type LeftOut = fn(&mut Shown);

fn history(shown: &mut Shown) {
    shown.history.clear();
}

/// Which lines go on: vt100 forgets it of lines that scroll to the bottom, and where the last column is blank.
fn wraps(shown: &mut Shown) {
    shown.lines.iter_mut().for_each(|it| it.wrapped = false);
}

fn compare(rival: &Rival, pieces: &[String], left_out: LeftOut) -> Result<(), TestCaseError> {
    let mut pair = Pair::new(rival);
    for piece in pieces {
        pair.process(piece.as_bytes());
    }
    let mut both = pair.shown();
    both.iter_mut().for_each(left_out);
    let [own, its] = both;
    prop_assert_eq!(own.difference(&its), None);
    Ok(())
}

proptest! {
    #[test]
    fn narrow_text_is_the_same_in_alacritty_terminal(pieces in stream(narrow())) {
        compare(&RIVALS[0], &pieces, history)?;
    }

    #[test]
    fn wide_text_is_the_same_in_alacritty_terminal(pieces in stream(with_wide())) {
        compare(&RIVALS[0], &pieces, history)?;
    }

    #[test]
    fn margins_are_the_same_in_alacritty_terminal(pieces in stream(within_margins())) {
        compare(&RIVALS[0], &pieces, history)?;
    }

    #[test]
    fn the_history_is_the_same_in_alacritty_terminal(pieces in stream(scrolling())) {
        compare(&RIVALS[0], &pieces, |_| {})?;
    }

    #[test]
    fn output_is_the_same_in_vt100(pieces in stream(of_vt100())) {
        compare(&RIVALS[1], &pieces, wraps)?;
    }
}
