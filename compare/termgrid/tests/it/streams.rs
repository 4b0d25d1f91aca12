//! Bytes that programs write, each for one thing that a terminal does; and where a rival does another.

use crate::same::Pair;
use compare_termgrid::RIVALS;

/// Streams with their names, for a screen of 6 lines and 20 columns.
const STREAMS: &[(&str, &str)] = &[
    ("plain text", "hello, world\r\nsecond line\r\n\r\nfourth"),
    (
        "text wraps when the next character comes",
        "12345678901234567890\r\n12345678901234567890x",
    ),
    (
        "long text wraps and scrolls",
        "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz",
    ),
    (
        "lines scroll out",
        "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n10",
    ),
    ("line feeds keep the column", "a\nb\nc\nd\ne\nf\ng\nh"),
    (
        "a line feed behind the last column",
        "12345678901234567890\nx",
    ),
    ("vertical tabs and form feeds are line feeds", "a\x0bb\x0cc"),
    ("backspace", "abc\x08\x08x\x08\x08\x08\x08\x08y"),
    (
        "backspace behind the last column",
        "12345678901234567890\x08x",
    ),
    ("carriage return", "abcdef\rxy"),
    ("tabs", "\ta\tb\r\nabcdefgh\ti\r\n\t\t\t\tz"),
    (
        "a tab behind the last column, and nothing after it",
        "12345678901234567890\t",
    ),
    ("a tab back without stops", "\x1b[3g\x1b[1;5H\x1b[Zx"),
    ("a tab behind the last column", "12345678901234567890\tx"),
    (
        "tab stops are set",
        "\x1b[1;4H\x1bH\x1b[1;7H\x1bH\r\ta\tb\tc",
    ),
    (
        "tab stops are cleared",
        "\x1b[1;9H\x1b[g\r\ta\r\n\x1b[3g\tb",
    ),
    ("tabs forward and back", "\x1b[2Ia\x1b[Zb\x1b[2Zc"),
    (
        "tabs back from behind the last column",
        "12345678901234567890\x1b[Zx",
    ),
    (
        "without wrapping",
        "\x1b[?7labcdefghijklmnopqrstuvwxyz\x1b[?7h\r\nx",
    ),
    (
        "wrapping comes back behind the last column",
        "\x1b[?7labcdefghijklmnopqrstuvwxyz\x1b[?7hxy",
    ),
    (
        "cursor to line and column",
        "\x1b[3;5Hx\x1b[Hy\x1b[99;99Hz\x1b[;3Ha\x1b[4Hb\x1b[0;0fc",
    ),
    (
        "cursor up, down, forward, back",
        "\x1b[3;5H\x1b[Aa\x1b[2Bb\x1b[3Cc\x1b[4Dd\x1b[99Ae\x1b[99Bf\x1b[99Dg\x1b[99Ch",
    ),
    (
        "cursor moves from behind the last column",
        "12345678901234567890\x1b[Ax\r12345678901234567890\x1b[Bx\r12345678901234567890\x1b[Cx",
    ),
    (
        "cursor back from behind the last column",
        "12345678901234567890\x1b[Dx",
    ),
    (
        "next and previous line",
        "\x1b[3;5H\x1b[Ea\x1b[2Fb\x1b[99Ec\x1b[99Fd",
    ),
    (
        "cursor to column and to line",
        "\x1b[7Ga\x1b[3db\x1b[5`c\x1b[99Gd\x1b[99de",
    ),
    ("relative positions", "\x1b[3aa\x1b[2eb"),
    (
        "index, next line, reverse index",
        "\x1b[2;3Ha\x1bDb\x1bEc\x1bMd\x1bM\x1bM\x1bMe",
    ),
    (
        "reverse index at the top scrolls",
        "1\r\n2\r\n3\x1b[H\x1bMx",
    ),
    ("index at the bottom scrolls", "\x1b[6;1Hx\x1bDy"),
    (
        "margins scroll",
        "1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;4r\x1b[4;1H\n\nx",
    ),
    (
        "margins at the top scroll into the history",
        "1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[1;4r\x1b[4;1H\n\nx",
    ),
    (
        "margins at the bottom scroll",
        "1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[3;6r\x1b[6;1H\n\nx",
    ),
    (
        "margins scroll backwards",
        "1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;4r\x1b[2;1H\x1bM\x1bMx",
    ),
    (
        "text wraps at the bottom margin",
        "\x1b[2;3r\x1b[3;1H12345678901234567890abc",
    ),
    (
        "text below the margins does not scroll",
        "\x1b[2;3r\x1b[6;1Hx\n\ny\r\n12345678901234567890z",
    ),
    (
        "margins stop the cursor",
        "\x1b[2;4r\x1b[3;1H\x1b[9Aa\x1b[3;5H\x1b[9Bb",
    ),
    (
        "the cursor moves freely outside of the margins",
        "\x1b[3;4r\x1b[2;1H\x1b[9Aa\x1b[5;1H\x1b[9Bb",
    ),
    (
        "margins stop a cursor that comes from outside",
        "\x1b[3;4r\x1b[1;1H\x1b[9Ba\x1b[6;5H\x1b[9Ab",
    ),
    (
        "a reverse index above the margins",
        "\x1b[2;4r1\r\n2\x1b[H\x1bMx",
    ),
    ("margins are reset", "\x1b[2;4r\x1b[rx\x1b[6;1H\ny"),
    ("margins of one line are refused", "\x1b[5;5H\x1b[2;2rx"),
    (
        "margins in the wrong order are refused",
        "\x1b[5;5H\x1b[4;2rx",
    ),
    (
        "margins beyond the screen end with it",
        "\x1b[2;99r\x1b[6;1Hx\n\ny",
    ),
    (
        "origin mode counts from the margin",
        "\x1b[2;4r\x1b[?6ha\x1b[2;3Hb\x1b[9;9Hc",
    ),
    ("origin mode and lines", "\x1b[2;4r\x1b[?6h\x1b[2da\x1b[9db"),
    ("origin mode and columns", "\x1b[2;4r\x1b[?6h\x1b[5Ga"),
    ("origin mode ends", "\x1b[2;4r\x1b[?6ha\x1b[?6l\x1b[1;5Hb"),
    ("origin mode ends at home", "\x1b[2;4r\x1b[?6ha\x1b[?6lb"),
    ("scroll up", "1\r\n2\r\n3\r\n4\x1b[2Sx"),
    ("scroll down", "1\r\n2\r\n3\r\n4\x1b[2Tx"),
    (
        "scroll in margins",
        "1\r\n2\r\n3\r\n4\r\n5\x1b[2;4r\x1b[S\x1b[T\x1b[99Sx",
    ),
    (
        "scroll by more than the screen",
        "1\r\n2\r\n3\r\n4\x1b[99Sx\x1b[99Ty",
    ),
    ("insert lines", "1\r\n2\r\n3\r\n4\x1b[2;1H\x1b[2Lx"),
    ("delete lines", "1\r\n2\r\n3\r\n4\x1b[2;1H\x1b[2Mx"),
    (
        "inserted and deleted lines return the carriage",
        "1\r\n2\r\n3\x1b[2;5H\x1b[Lx\x1b[3;5H\x1b[My",
    ),
    (
        "insert lines in margins",
        "1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;4r\x1b[3;1H\x1b[9Lx",
    ),
    (
        "delete lines in margins",
        "1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;4r\x1b[3;1H\x1b[9Mx",
    ),
    (
        "insert and delete lines outside of the margins",
        "1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;4r\x1b[5;1H\x1b[L\x1b[Mx",
    ),
    ("delete the first line", "1\r\n2\r\n3\x1b[H\x1b[Mx"),
    (
        "insert cells",
        "abcdefghijklmnopqrst\x1b[1;3H\x1b[3@x\x1b[2;1Hab\x1b[2;1H\x1b[99@y",
    ),
    (
        "delete cells",
        "abcdefghijklmnopqrst\x1b[1;3H\x1b[3Px\x1b[2;1Hab\x1b[2;1H\x1b[20Py",
    ),
    (
        "delete more cells than there are",
        "abcdefghijklmnopqrst\x1b[1;15H\x1b[9Px",
    ),
    (
        "insert cells behind the last column",
        "12345678901234567890\x1b[@x",
    ),
    (
        "delete cells behind the last column",
        "12345678901234567890\x1b[Px",
    ),
    ("erase cells", "abcdefghij\x1b[1;3H\x1b[3Xx\x1b[99X"),
    (
        "erase cells behind the last column",
        "12345678901234567890\x1b[Xx",
    ),
    (
        "insert mode",
        "abcdefghijklmnopqrst\x1b[1;3H\x1b[4hxy\x1b[4lz",
    ),
    (
        "insert mode in the last column",
        "abcdefghijklmnopqrst\x1b[1;20H\x1b[4hxyz",
    ),
    ("new line mode", "ab\x1b[20hc\nd\x1b[20l\ne"),
    (
        "erase to the end of the line",
        "abcdef\x1b[1;3H\x1b[Kx\r\nabc\x1b[0K",
    ),
    (
        "erase to the end behind the last column",
        "12345678901234567890\x1b[Kx",
    ),
    ("erase to the begin of the line", "abcdef\x1b[1;3H\x1b[1Kx"),
    ("erase the line", "abcdef\x1b[1;3H\x1b[2Kx"),
    (
        "erase to the end of the screen",
        "1\r\n2222\r\n3\x1b[2;3H\x1b[Jx",
    ),
    (
        "erase to the end of the screen behind the last column",
        "1\r\n12345678901234567890\x1b[Jx",
    ),
    (
        "erase to the begin of the screen",
        "1\r\n2\r\n3333\r\n4\x1b[3;3H\x1b[1Jx",
    ),
    (
        "erase to the begin of the screen from its second line",
        "1\r\n2222\r\n3\x1b[2;3H\x1b[1Jx",
    ),
    ("erase the screen", "1\r\n2\r\n3\x1b[2Jx"),
    (
        "erase the scrollback",
        "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\x1b[3Jx",
    ),
    (
        "what is erased has the background",
        "\x1b[41;1;4mabc\x1b[K\r\n\x1b[44mx\x1b[2;9H\x1b[1K\x1b[42m\x1b[5;1H\x1b[J",
    ),
    (
        "what scrolls in has the background",
        "\x1b[41m\x1b[6;1Hx\n\n\x1b[42m\x1b[L\x1b[1;1H\x1bM",
    ),
    (
        "what is inserted has the background",
        "abcdef\x1b[1;3H\x1b[41m\x1b[2@\x1b[2P\x1b[3X",
    ),
    ("the last character is repeated", "ab\x1b[3b\r\nx\x1b[30by"),
    (
        "colours of 16",
        "\x1b[31ma\x1b[42mb\x1b[97mc\x1b[104md\x1b[39me\x1b[49mf",
    ),
    (
        "colours of 256",
        "\x1b[38;5;200ma\x1b[48;5;17mb\x1b[38;5;3mc\x1b[38:5:99md",
    ),
    (
        "colours of RGB",
        "\x1b[38;2;1;2;3ma\x1b[48;2;4;5;6mb\x1b[38:2::7:8:9mc",
    ),
    (
        "colours with subparameters and without a space",
        "\x1b[38:2:7:8:9mc",
    ),
    (
        "several parameters",
        "\x1b[1;3;4;31;48;5;9;7ma\x1b[;1mb\x1b[0;0;2mc",
    ),
    ("bold and dim", "\x1b[1ma\x1b[2mb\x1b[22mc\x1b[md"),
    ("italic, inverse", "\x1b[3ma\x1b[7mb\x1b[23mc\x1b[27md"),
    ("hidden, struck", "\x1b[8ma\x1b[9mb\x1b[28mc\x1b[29md"),
    ("blinking", "\x1b[5ma\x1b[25mb"),
    ("underlines", "\x1b[4ma\x1b[24mb\x1b[4:1mc\x1b[4:0md"),
    (
        "styles of underlines",
        "\x1b[4:2ma\x1b[4:3mb\x1b[4:4mc\x1b[4:5md\x1b[4me",
    ),
    ("a second underline", "\x1b[1;21ma"),
    (
        "colours of underlines",
        "\x1b[4;58;5;3ma\x1b[58;2;1;2;3mb\x1b[58:2::1:2:3mc\x1b[59md",
    ),
    (
        "wide characters",
        "a\u{6f22}\u{5b57}b\u{3042}\r\n\u{ac00}\u{ff21}",
    ),
    ("wide characters wrap", "1234567890123456789\u{6f22}x"),
    (
        "wide characters wrap, and the column before is blank",
        "\x1b[1;20Hx\x1b[1;1H1234567890123456789\u{6f22}",
    ),
    (
        "wide characters wrap with a style",
        "\x1b[4;41m1234567890123456789\u{6f22}",
    ),
    (
        "wide characters without wrapping",
        "\x1b[?7l1234567890123456789\u{6f22}x",
    ),
    (
        "wide characters fill the line",
        "123456789012345678\u{6f22}\u{5b57}",
    ),
    (
        "a wide character's left half is overwritten",
        "\u{6f22}\u{5b57}\x1b[1;1Hx",
    ),
    (
        "a wide character's right half is overwritten",
        "\u{6f22}\u{5b57}\x1b[1;2Hx",
    ),
    (
        "a wide character over the halves of two",
        "\u{6f22}\u{5b57}x\x1b[1;2H\u{3042}",
    ),
    (
        "a wide character's half is erased",
        "\u{6f22}\u{5b57}x\x1b[1;2H\x1b[Ky\r\n\u{6f22}\u{5b57}\x1b[2;3H\x1b[1K",
    ),
    (
        "a wide character's half is deleted",
        "\u{6f22}\u{5b57}x\x1b[1;2H\x1b[P",
    ),
    (
        "a wide character's half is moved",
        "\u{6f22}\u{5b57}x\x1b[1;2H\x1b[@",
    ),
    (
        "a wide character in insert mode",
        "abcdef\x1b[1;3H\x1b[4h\u{6f22}x",
    ),
    ("a wide character is repeated", "\u{6f22}\x1b[3b"),
    ("combining characters", "e\u{301}a\u{308}\u{302}x"),
    (
        "combining characters behind the last column",
        "1234567890123456789e\u{301}x",
    ),
    ("combining characters on wide ones", "\u{6f22}\u{301}x"),
    (
        "combining characters are overwritten",
        "e\u{301}f\x1b[1;1Hx",
    ),
    (
        "combining characters move with their cells",
        "ae\u{301}f\x1b[1;1H\x1b[2@x",
    ),
    ("a combining character before everything", "\u{301}x"),
    ("characters of no width", "a\u{200b}b\u{ad}c"),
    ("characters beyond the first plane", "\u{1f600}x\u{20000}y"),
    ("the replacement character", "a\u{fffd}b"),
    ("line drawing", "\x1b(0lqqk\r\nx  x\r\nmqqj\x1b(B\r\nq"),
    (
        "all of line drawing",
        "\x1b(0_`abcdefghijklmno\r\npqrstuvwxyz{|}~\x1b(B",
    ),
    ("line drawing by shifts", "\x1b)0\x0eqx\x0fqx"),
    (
        "cursor is saved and restored",
        "\x1b[2;3H\x1b[31m\x1b7\x1b[5;5H\x1b[mx\x1b8y",
    ),
    (
        "cursor is restored without having been saved",
        "\x1b[2;3H\x1b[31mx\x1b8y",
    ),
    (
        "cursor is saved behind the last column",
        "12345678901234567890\x1b7\x1b[Hx\x1b8y",
    ),
    ("cursor is saved by CSI", "\x1b[2;3H\x1b[s\x1b[Hx\x1b[uy"),
    (
        "character sets are saved with the cursor",
        "\x1b(0\x1b7\x1b(Bq\x1b8q",
    ),
    ("the alternate screen", "main\x1b[?1049hother\r\nscreen"),
    (
        "back from the alternate screen",
        "main\x1b[?1049hother\x1b[5;5H\x1b[31mscreen\x1b[?1049lx",
    ),
    (
        "the alternate screen has no history",
        "\x1b[?1049h1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8",
    ),
    (
        "the alternate screen is blank each time",
        "\x1b[?1049hone\x1b[?1049l\x1b[?1049htwo",
    ),
    (
        "the alternate screen begins with the background",
        "\x1b[41m\x1b[?1049hx",
    ),
    (
        "the alternate screen twice",
        "a\x1b[?1049hb\x1b[?1049hc\x1b[?1049ld\x1b[?1049le",
    ),
    (
        "a cursor of its own is saved on the alternate screen",
        "\x1b[3;3H\x1b7\x1b[?1049h\x1b[5;5H\x1b7\x1b[Hx\x1b8y\x1b[?1049l",
    ),
    ("a screen of E", "\x1b[2;4r\x1b[3;3H\x1b#8\x1b[r\x1b[2;2Hx"),
    ("a screen of E puts the cursor home", "\x1b[3;3H\x1b#8x"),
    (
        "reset",
        "\x1b[31mabc\x1b[2;4r\x1b[?6h\x1b[4h\x1b[3g\x1b(0\x1b[?7l\x1bcxq\ty",
    ),
    (
        "reset on the alternate screen",
        "main\x1b[?1049hother\x1bcx",
    ),
    (
        "titles and other strings show nothing",
        "a\x1b]0;title\x07b\x1b]2;title\x1b\\c\x1bP1$qm\x1b\\d\x1b_x\x1b\\e\x1b^y\x1b\\f",
    ),
    (
        "unknown sequences show nothing",
        "a\x1b[1;2;3yb\x1b[?9999hc\x1b[>1;2wd\x1b(Ae\x1b%Gf",
    ),
    (
        "broken sequences show nothing",
        "a\x1b[1;2\x18b\x1b[3\x1b[1mc\x1b\x1b[4md",
    ),
    (
        "controls within sequences are done",
        "abc\x1b[\r2Cx\x1b[1\nGy",
    ),
    (
        "many parameters",
        "\x1b[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;31mx",
    ),
    (
        "an editor begins",
        "\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b=\x1b[H\x1b[2J\x1b[?25l\x1b[1;6r\x1b[34m~\x1b[m\r\n\x1b[34m~\x1b[m\x1b[6;1H\x1b[7m file \x1b[27m\x1b[K\x1b[H\x1b[?25h",
    ),
    (
        "an editor scrolls a line in",
        "\x1b[H1\r\n2\r\n3\r\n4\r\n5\x1b[1;5r\x1b[H\x1b[L\x1b[1;6r\x1b[H0\x1b[6;1H\x1b[K",
    ),
    (
        "a progress bar",
        " 10%\r[#   ] 20%\x1b[K\r[##  ] 50%\x1b[K\r\x1b[2K\x1b[1Gdone\r\n",
    ),
    (
        "a list in colours",
        "\x1b[0m\x1b[01;34mbin\x1b[0m  \x1b[01;32mrun.sh\x1b[0m  \x1b[40;33;01mnull\x1b[0m\x1b[K\r\n\x1b[m\x1b[K$ ",
    ),
    (
        "a shell edits its line",
        "$ echo hello\x1b[5D\x1b[4h\x08\x1b[4l\x08\x1b[P\x1b[1@w\x1b[C\x1b[K\r\n",
    ),
];

/// Where a rival shows something else: its name, the stream, the reason.
const DIFFERENCES: &str = include_str!("../../differences.txt");

fn differences() -> Vec<[&'static str; 3]> {
    let lines = DIFFERENCES.lines().filter(|it| !it.starts_with('#'));
    let entry = |line: &'static str| {
        let mut parts = line.splitn(3, ": ");
        [(); 3].map(|()| parts.next().expect("a rival, a stream, a reason"))
    };
    lines.map(entry).collect()
}

#[test]
fn documented_streams_look_the_same_but_for_what_is_listed() {
    let listed = differences();
    let mut wrong = Vec::new();
    for rival in &RIVALS {
        for (name, bytes) in STREAMS {
            let mut pair = Pair::new(rival);
            pair.process(bytes.as_bytes());
            let is_listed = listed.iter().any(|it| it[..2] == [rival.name, name]);
            match pair.difference() {
                Some(difference) if !is_listed => {
                    wrong.push(format!("{}: {name}: {difference}", rival.name));
                }
                None if is_listed => {
                    wrong.push(format!("{}: {name}: listed, and no difference", rival.name));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_listed_names_a_rival_and_a_stream() {
    for [rival, stream, reason] in differences() {
        assert!(RIVALS.iter().any(|it| it.name == rival), "{rival}");
        assert!(STREAMS.iter().any(|it| it.0 == stream), "{stream}");
        assert!(!reason.is_empty());
    }
}

#[test]
fn streams_cut_anywhere_look_the_same_as_whole() {
    for (name, bytes) in STREAMS {
        let mut pair = Pair::new(&RIVALS[0]);
        let [whole, _] = {
            pair.process(bytes.as_bytes());
            pair.shown()
        };
        let mut pair = Pair::new(&RIVALS[0]);
        bytes.bytes().for_each(|byte| pair.process(&[byte]));
        assert_eq!(pair.shown()[0].difference(&whole), None, "{name}");
    }
}
