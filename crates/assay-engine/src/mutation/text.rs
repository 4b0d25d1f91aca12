//! Ranges of tokens as text in one line.

use crate::inventory::source::Source;

/// Tokens `from..to` in one line: as written, but for comments and line ends, which become one space.
pub(super) fn flat(source: &Source, from: usize, to: usize) -> String {
    replaced(source, from, to, &[])
}

/// The same, with ranges of tokens replaced; the ranges are in order and apart. An empty replacement takes
/// the tokens out.
pub(super) fn replaced(
    source: &Source,
    from: usize,
    to: usize,
    edits: &[(usize, usize, &str)],
) -> String {
    let mut out = String::new();
    let mut edits = edits.iter().peekable();
    let mut at = from;
    let mut end = None;
    while at < to.min(source.len()) {
        let gap = end.is_some_and(|end| end < source.start(at));
        if gap && !out.ends_with(' ') {
            out.push(' ');
        }
        match edits.peek() {
            Some((first, past, text)) if *first == at => {
                out.push_str(text);
                end = Some(source.end(past.saturating_sub(1)));
                at = *past;
                edits.next();
            }
            _ => {
                out.push_str(source.word(at));
                end = Some(source.end(at));
                at += 1;
            }
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new(String::new(), text.to_owned()).expect("lexes")
    }

    #[test]
    fn what_is_written_together_stays_together_and_comments_go() {
        let source = source("a & &b // why\n  ..= 1.0 /* x */ && <T>::f(- -c)");
        assert_eq!(
            flat(&source, 0, source.len()),
            "a & &b ..= 1.0 && <T>::f(- -c)"
        );
    }

    #[test]
    fn edits_replace_tokens_or_take_them_out() {
        let source = source("T: Send + 'a, U: Send");
        // T : Send + 'a , U : Send
        assert_eq!(
            replaced(&source, 0, source.len(), &[(2, 4, ""), (7, 9, "")]),
            "T: 'a, U"
        );
        assert_eq!(replaced(&source, 0, 3, &[(2, 3, "Sync")]), "T: Sync");
    }
}
