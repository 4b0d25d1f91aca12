//! Columns of the source for columns of the instrumented text.
//!
//! Counters stand on lines of the source, so that tools report its lines; what stands behind a counter is further to
//! the right than in the source.

use std::collections::BTreeMap;

/// What was inserted where, for every file that was edited.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    /// By file and line: the first column of each insertion in the new text, and its width, from the left.
    lines: BTreeMap<String, BTreeMap<u32, Vec<(u32, u32)>>>,
}

impl Columns {
    /// Adds a file: its new text, and first byte and length of each insertion in it, in order.
    pub(super) fn add(&mut self, file: &str, text: &str, inserted: &[(usize, usize)]) {
        let lines = self.lines.entry(file.to_owned()).or_default();
        let (mut line, mut start) = (1, 0);
        for (at, length) in inserted {
            let between = text.get(start..*at).unwrap_or_default();
            for (end, _) in between.match_indices('\n') {
                line += 1;
                start = at - between.len() + end + 1;
            }
            let before = text.get(start..*at).unwrap_or_default();
            let insertion = text.get(*at..at + length).unwrap_or_default();
            let column = before.chars().count() as u32 + 1;
            let width = insertion.chars().count() as u32;
            lines.entry(line).or_default().push((column, width));
        }
    }

    /// The column in the source; a place inside an insertion is where it was made. Lines are the same.
    pub(crate) fn original(&self, file: &str, line: u32, column: u32) -> u32 {
        let insertions = self.lines.get(file).and_then(|lines| lines.get(&line));
        let left = insertions
            .into_iter()
            .flatten()
            .map(|(start, width)| column.saturating_sub(*start).min(*width));
        column - left.sum::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_behind_insertions_move_back_and_those_before_stay() {
        let text = "fn é() { +hit; unsafe { ++hit; g() } }\nfn h() {}\n\nunsafe { +; i() }";
        let insertions: Vec<(usize, usize)> = ["+hit; ", "++hit; ", "+; "]
            .iter()
            .map(|insertion| (text.find(insertion).expect("there"), insertion.len()))
            .collect();
        let mut columns = Columns::default();
        columns.add("src/lib.rs", text, &insertions);
        let source = "fn é() { unsafe { g() } }\nfn h() {}\n\nunsafe { i() }";
        let column = |text: &str, line: usize, word: &str| {
            let line = text.lines().nth(line - 1).expect("a line");
            line[..line.find(word).expect("there")].chars().count() as u32 + 1
        };
        for (line, word) in [
            (1, "fn"),
            (1, "{ "),
            (1, "unsafe"),
            (1, "g()"),
            (1, "} }"),
            (2, "h()"),
            (4, "i()"),
        ] {
            let moved = columns.original("src/lib.rs", line as u32, column(text, line, word));
            assert_eq!(moved, column(source, line, word), "{word}");
        }
        let inside = column(text, 1, "hit");
        assert_eq!(columns.original("src/lib.rs", 1, inside), 10);
        assert_eq!(columns.original("src/other.rs", 1, 30), 30);
    }
}
