//! Other sizes: alacritty_terminal wraps lines anew as termgrid does. vt100 cuts them off.

use crate::same::Pair;
use compare_termgrid::RIVALS;
use proptest::prelude::*;

type Sizes = &'static [(usize, usize)];

const LONG: &str = "one two three four five six seven\r\nshort\r\n";

fn pair(bytes: &str, sizes: &[(usize, usize)]) -> Pair {
    let mut pair = Pair::new(&RIVALS[0]);
    pair.process(bytes.as_bytes());
    for (lines, columns) in sizes {
        pair.resize(*lines, *columns);
    }
    pair
}

#[test]
fn other_heights_look_the_same_as_in_alacritty_terminal() {
    let cases: [(&str, Sizes); 6] = [
        ("1\r\n2\r\n3\r\n4\r\n5\r\n6", &[(3, 20)]),
        ("1\r\n2\r\n3\r\n4\r\n5\r\n6", &[(3, 20), (6, 20)]),
        ("1\r\n2", &[(3, 20)]),
        ("1\r\n2\r\n3", &[(9, 20)]),
        ("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8", &[(9, 20)]),
        ("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8", &[(4, 20), (5, 20)]),
    ];
    for (bytes, sizes) in cases {
        assert_eq!(pair(bytes, sizes).difference(), None, "{bytes:?} {sizes:?}");
    }
}

/// Of a narrower screen alacritty_terminal keeps the blank lines below the cursor, and termgrid the lines above: what stands
/// in which line is compared where there are none, and the text everywhere.
#[test]
fn lines_wrap_anew_as_in_alacritty_terminal() {
    let full = format!("\r\n\r\n\r\n{LONG}");
    assert_eq!(pair(&full, &[(6, 10)]).difference(), None);
    let wide = "ab\u{6f22}\u{5b57}\u{6f22}\u{5b57}\u{6f22}\u{5b57}";
    let cases: [(&str, Sizes); 10] = [
        (LONG, &[(6, 10)]),
        (LONG, &[(6, 10), (6, 20)]),
        (LONG, &[(6, 40)]),
        (LONG, &[(6, 40), (6, 20)]),
        (wide, &[(6, 7)]),
        (wide, &[(6, 7), (6, 20)]),
        ("abcde\u{301}fghij", &[(6, 5)]),
        ("abcde\u{301}fghij", &[(6, 5), (6, 20)]),
        ("12345678901234567890\r\nx", &[(6, 10), (6, 20)]),
        ("12345678901234567890", &[(6, 10), (6, 40)]),
    ];
    for (bytes, sizes) in cases {
        let [own, its] = pair(bytes, sizes).shown();
        assert_eq!(own.text(), its.text(), "{bytes:?} {sizes:?}");
    }
}

#[test]
fn the_alternate_screen_is_cut_off_as_in_alacritty_terminal() {
    let bytes = "a main line that wraps here\r\nx\x1b[?1049h\x1b[Hother screen, as wide\r\ny";
    let mut pair = pair(bytes, &[(6, 10)]);
    assert_eq!(pair.difference(), None);
    pair.process(b"\x1b[?1049l");
    let [own, its] = pair.shown();
    assert_eq!(own.text(), its.text());
}

proptest! {
    #[test]
    fn no_text_is_lost_that_alacritty_terminal_keeps(
        text in prop::collection::vec("[a-z \u{e9}]{0,50}", 1..8),
        sizes in prop::collection::vec((2usize..9, 4usize..40), 1..4),
    ) {
        let text: Vec<_> = text.iter().map(|line| line.trim_end()).collect();
        let [own, its] = pair(&text.join("\r\n"), &sizes).shown();
        prop_assert_eq!(own.text(), its.text());
    }
}
