//! Rules on the text of any file: length, characters, banned words.

use super::Violation;

/// Past this many lines a file holds a second concept.
const LINES_MAX: usize = 800;

/// Words that may not land, and what to do instead. Split so that this file does not break its own rule.
const BANNED: &[(&str, &str)] = &[
    (
        concat!("TO", "DO"),
        "finish it, or say in the note what is left",
    ),
    (
        concat!("FIX", "ME"),
        "fix it, or say in the note what is left",
    ),
    (concat!("XX", "X:"), "say what is wrong in words"),
    (concat!("/wo", "rk/"), "name no path of one machine"),
    (concat!("/ro", "ot/"), "name no path of one machine"),
    (concat!("assert!(tr", "ue"), "assert something"),
];

pub(super) fn check(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX && path.ends_with(".rs") {
        violations.push(Violation::new(
            path,
            0,
            format!("{lines} lines: look for the second concept, {LINES_MAX} is the limit"),
        ));
    }
    let fixture = path.starts_with("testdata/") || path.contains("/testdata/");
    for (index, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            violations.push(Violation::new(path, index + 1, "trailing white space"));
        }
        if let Some(odd) = line.chars().find(|c| is_ornament(*c)) {
            let message = format!("`{odd}` is an ornament: write a word");
            violations.push(Violation::new(path, index + 1, message));
        }
        // A fixture may hold what its behaviour is about.
        let banned = BANNED
            .iter()
            .filter(|(word, _)| !fixture && line.contains(word));
        for (word, instead) in banned {
            let message = format!("`{word}` may not land: {instead}");
            violations.push(Violation::new(path, index + 1, message));
        }
    }
    violations
}

/// Check marks, emoji and dingbats.
fn is_ornament(c: char) -> bool {
    matches!(u32::from(c), 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x1F000..=0x1FAFF)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_long_file_is_refused() {
        let long = "line\n".repeat(801);
        assert_eq!(check("crates/a/src/lib.rs", &long).len(), 1);
        assert_eq!(check("crates/a/src/lib.rs", &long[5..]), vec![]);
    }

    #[test]
    fn banned_words_and_ornaments_are_refused() {
        let text = concat!("// TO", "DO\n\u{2705}\n");
        let lines: Vec<usize> = check("a.rs", text).iter().map(|v| v.line).collect();
        assert_eq!(lines, [1, 2]);
    }

    #[test]
    fn trailing_white_space_is_refused() {
        assert_eq!(check("a.md", "text \n").len(), 1);
    }
}
