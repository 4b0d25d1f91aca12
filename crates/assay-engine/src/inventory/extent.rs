//! Where things begin and end: an item with its modifiers, a statement, a match arm, a field.

use super::header::head_end;
use super::lexer::Kind;
use super::source::Source;

/// Index just past the next `;` outside groups.
pub(super) fn semicolon_end(source: &Source, from: usize, end: usize) -> usize {
    let mut at = from;
    while at < end {
        if source.is_punct(at, b';') {
            return at + 1;
        }
        at = source.group_end(at).map_or(at + 1, |close| close + 1);
    }
    end
}

/// The first token of an item whose keyword stands at `keyword`: `pub(crate) const unsafe fn` starts at `pub`.
pub(super) fn modifiers_start(source: &Source, keyword: usize) -> usize {
    let mut from = keyword;
    while from > 0 {
        let before = from - 1;
        if matches!(
            source.word(before),
            "pub" | "const" | "async" | "default" | "safe"
        ) {
            from = before;
        } else if before > 0 && source.is_ident(before) && source.is_punct(before - 1, b'$') {
            from = before - 1;
        } else if let Some(open) = source.group_start(before)
            && open > 0
            && source.is_word(open - 1, "pub")
        {
            from = open - 1;
        } else {
            break;
        }
    }
    from
}

/// The first token of a path whose last segment stands at `at`.
pub(super) fn path_start(source: &Source, at: usize) -> usize {
    let mut from = at;
    while from >= 2 && source.is_joint(from - 2, b':', b':') {
        from -= 2;
        if from > 0 && source.is_ident(from - 1) {
            from -= 1;
        }
    }
    from
}

/// The token after the thing that starts at `at`: an item, a statement, an arm, a field.
pub(super) fn extent(source: &Source, at: usize, end: usize) -> usize {
    const ITEMS: [&str; 16] = [
        "pub",
        "fn",
        "unsafe",
        "async",
        "extern",
        "impl",
        "trait",
        "mod",
        "struct",
        "enum",
        "union",
        "macro_rules",
        "default",
        "auto",
        "macro",
        "const",
    ];
    const TO_SEMICOLON: [&str; 4] = ["let", "static", "type", "use"];
    if matches!(source.kind(at), Some(Kind::Open(b'{'))) {
        return expression_end(source, at, end);
    }
    let mut word = at;
    if source.is_word(at, "pub") {
        word = source.group_end(at + 1).map_or(at + 1, |close| close + 1);
    }
    let is_value = source.is_word(word, "const") && !is_function_modifier(source, word);
    if is_value || TO_SEMICOLON.contains(&source.word(word)) {
        return semicolon_end(source, at, end);
    }
    let is_block = source.is_word(word, "unsafe") && source.is_open(word + 1, b'{');
    if ITEMS.contains(&source.word(word)) && !is_block {
        let stop = head_end(source, word, end);
        return source
            .group_end(stop)
            .map_or(stop + 1, |close| close + 1)
            .min(end);
    }
    expression_end(source, at, end)
}

fn is_function_modifier(source: &Source, at: usize) -> bool {
    matches!(source.word(at + 1), "fn" | "unsafe" | "async" | "extern")
        || source.is_open(at + 1, b'{')
}

/// The token after an expression statement, a match arm, a field or a parameter.
fn expression_end(source: &Source, from: usize, end: usize) -> usize {
    let mut at = from;
    while at < end {
        if source.is_punct(at, b';') || source.is_punct(at, b',') {
            return at + 1;
        }
        let Some(close) = source.group_end(at) else {
            at += 1;
            continue;
        };
        let after = close + 1;
        let goes_on = source.is_word(after, "else")
            || source.is_punct(after, b'.')
            || source.is_punct(after, b'?')
            || source.is_punct(after, b'=')
            || source.is_word(after, "if");
        if source.is_open(at, b'{') && !goes_on {
            return (after + usize::from(source.is_punct(after, b','))).min(end);
        }
        at = after;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaches(text: &str) -> String {
        let source = Source::new(String::new(), text.to_owned()).expect("lexes");
        let end = extent(&source, 0, source.len());
        source.compact(end, source.len())
    }

    #[test]
    fn an_attribute_reaches_to_the_end_of_its_item_or_statement() {
        let cases = [
            ("pub const fn f() -> [u8; 2] { [1; 2] } rest", "rest"),
            ("const X: Foo = Foo { a: 1 }; rest", "rest"),
            ("let x = if a { 1 } else { 2 }; rest", "rest"),
            ("unsafe { f() } rest", "rest"),
            ("if a { 1 } else { 2 } rest", "rest"),
            ("A => { 1 } B => 2,", "B=>2,"),
            ("A => f(1, 2), B => 2,", "B=>2,"),
            ("field: u8, other: u8", "other:u8"),
            ("impl<T> Foo<{ 1 }> for T { } rest", "rest"),
            ("{ block } rest", "rest"),
        ];
        for (text, rest) in cases {
            assert_eq!(reaches(text), rest, "{text}");
        }
    }
}
