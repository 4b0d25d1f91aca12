//! Any bytes, in any pieces.

use crate::support::{stream, terminal};
use proptest::prelude::*;
use termgrid::Size;

proptest! {
    #[test]
    fn no_output_breaks_an_invariant(pieces in stream(), columns in 2usize..12, scrollback in 0usize..4) {
        let mut terminal = terminal(5, columns, scrollback);
        for piece in &pieces {
            terminal.process(piece);
            terminal.validate();
        }
    }

    #[test]
    fn no_output_and_no_change_of_size_break_an_invariant(
        pieces in stream(), sizes in prop::collection::vec((1usize..8, 2usize..12), 1..6)
    ) {
        let mut terminal = terminal(5, 9, 3);
        for (index, piece) in pieces.iter().enumerate() {
            terminal.process(piece);
            let (lines, columns) = sizes[index % sizes.len()];
            terminal.resize(Size::new(lines, columns).unwrap());
            terminal.validate();
        }
    }

    #[test]
    fn random_bytes_break_no_invariant(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut terminal = terminal(4, 7, 2);
        terminal.process(&bytes);
        terminal.validate();
    }

    #[test]
    fn output_means_the_same_wherever_it_is_cut(pieces in stream(), cuts in prop::collection::vec(1usize..9, 1..8)) {
        let bytes = pieces.concat();
        let mut whole = terminal(5, 9, 3);
        whole.process(&bytes);
        let mut cut = terminal(5, 9, 3);
        let (mut rest, mut cuts) = (&bytes[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
            cut.process(now);
            rest = later;
        }
        let mut single = terminal(5, 9, 3);
        bytes.iter().for_each(|byte| single.process(&[*byte]));
        prop_assert_eq!(whole.snapshot(), cut.snapshot());
        prop_assert_eq!(whole.snapshot(), single.snapshot());
    }

    #[test]
    fn a_snapshot_that_is_restored_gives_an_equal_terminal(before in stream(), after in stream()) {
        let mut terminal = terminal(5, 9, 3);
        terminal.process(&before.concat());
        terminal.process(b"\x18"); // No sequence is open.
        terminal.process(b"\x1b\\");
        let kept = terminal.snapshot().into_owned();
        prop_assert_eq!(&kept, &terminal.snapshot());
        terminal.process(&after.concat());
        let once = terminal.snapshot().into_owned();
        terminal.restore(&kept);
        terminal.validate();
        prop_assert_eq!(&kept, &terminal.snapshot());
        terminal.process(&after.concat());
        prop_assert_eq!(once, terminal.snapshot());
    }
}

#[test]
fn much_text_and_much_that_is_none_is_the_same_in_one_piece_and_byte_by_byte() {
    let text = "\u{6f22}\u{e9}\u{1f600}a".repeat(3000).into_bytes();
    let cut_off: Vec<u8> = b"\xe6\xbc\xf0\x9f\x98a\xff".repeat(3000);
    for bytes in [text, cut_off] {
        let mut whole = terminal(5, 9, 3);
        whole.process(&bytes);
        let mut pieces = terminal(5, 9, 3);
        bytes.iter().for_each(|byte| pieces.process(&[*byte]));
        assert_eq!(whole.snapshot(), pieces.snapshot());
    }
}
