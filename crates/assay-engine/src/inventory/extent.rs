//! Where things begin and end: an item with its modifiers, a statement, a match arm, a field.

use super::header::head_end;
use super::lexer::Kind;
use super::source::Source;

/// Index just past the next `;` outside groups.
pub(crate) fn semicolon_end(source: &Source, from: usize, end: usize) -> usize {
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
pub(crate) fn path_start(source: &Source, at: usize) -> usize {
    let mut from = at;
    while from >= 2 && source.is_joint(from - 2, b':', b':') {
        from -= 2;
        if from > 0 && source.is_ident(from - 1) {
            from -= 1;
        }
    }
    from
}

/// Index just past the `>` that closes the `<` at `from`, if it stands before `end`.
pub(crate) fn angle_end(source: &Source, from: usize, end: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = from;
    while at < end {
        if source.is_joint(at, b'-', b'>') {
            at += 2;
            continue;
        }
        if source.is_punct(at, b'<') {
            depth += 1;
        } else if source.is_punct(at, b'>') {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at + 1);
            }
        }
        at = source.group_end(at).map_or(at + 1, |close| close + 1);
    }
    None
}

/// The token after the thing that starts at `at`: an item, a statement, an arm, a field.
pub(crate) fn extent(source: &Source, at: usize, end: usize) -> usize {
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
    let (mut at, mut ended) = match block_like_end(source, from, end) {
        Some(stop) => (stop, !goes_on_behind(source, stop)),
        None => (from, false),
    };
    while at < end && !ended {
        if source.is_punct(at, b';') || source.is_punct(at, b',') {
            return at + 1;
        }
        if source.is_joint(at, b'=', b'>')
            && let Some(stop) = block_like_end(source, at + 2, end)
        {
            at = stop;
            ended = !goes_on_behind(source, stop);
            continue;
        }
        let Some(close) = source.group_end(at) else {
            at += 1;
            continue;
        };
        let after = close + 1;
        let goes_on = goes_on_behind(source, after)
            || is_part_of_head(source, at)
            || source.is_punct(after, b'=')
            || source.is_punct(after, b'|')
            || matches!(source.word(after), "else" | "in")
            || (source.is_word(after, "if") && !is_macro_call(source, at));
        ended = source.is_open(at, b'{') && !goes_on;
        at = after;
    }
    (at + usize::from(source.is_punct(at, b','))).min(end)
}

/// Whether a method call, a field or `?` follows a block.
fn goes_on_behind(source: &Source, after: usize) -> bool {
    let is_dot = source.is_punct(after, b'.') && !source.is_joint(after, b'.', b'.');
    is_dot || source.is_punct(after, b'?')
}

/// Whether the brace at `open` belongs to an expression in the head of another.
fn is_part_of_head(source: &Source, open: usize) -> bool {
    let word = open.checked_sub(1).map_or("", |before| source.word(before));
    matches!(word, "unsafe" | "const" | "loop" | "move" | "async" | "try")
}

/// Whether the delimiter at `open` holds the arguments of a macro.
fn is_macro_call(source: &Source, open: usize) -> bool {
    open > 0 && source.is_punct(open - 1, b'!')
}

/// The token after an expression that ends a statement or an arm by its own brace: a block, `if`, `match`, a loop.
fn block_like_end(source: &Source, from: usize, end: usize) -> Option<usize> {
    let mut at = from;
    if matches!(source.kind(at), Some(Kind::Lifetime)) && source.is_punct(at + 1, b':') {
        at += 2;
    }
    at += usize::from(matches!(
        source.word(at),
        "unsafe" | "const" | "loop" | "try"
    ));
    if source.is_open(at, b'{') {
        return source.group_end(at).map(|close| (close + 1).min(end));
    }
    if !matches!(source.word(at), "if" | "match" | "while" | "for") {
        return None;
    }
    let mut after = body_end(source, at, end);
    while source.is_word(after, "else") && after < end {
        after = match source.group_end(after + 1) {
            Some(close) => close + 1,
            None => body_end(source, after + 1, end),
        };
    }
    Some(after.min(end))
}

/// The token after the body of the `if`, `match`, `while` or `for` at `keyword`.
fn body_end(source: &Source, keyword: usize, end: usize) -> usize {
    let mut at = keyword + 1;
    while at < end {
        let Some(close) = source.group_end(at) else {
            at = match source.word(at) {
                "if" | "match" => block_like_end(source, at, end).unwrap_or(end),
                _ => at + 1,
            };
            continue;
        };
        let after = close + 1;
        let in_head = is_part_of_head(source, at)
            || is_macro_call(source, at)
            || source.is_punct(after, b'=')
            || source.is_word(after, "in");
        if source.is_open(at, b'{') && !in_head {
            return after;
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
            ("{ block } if x { }", "if x{}"),
            ("unsafe { f() } if x { }", "if x{}"),
            ("unsafe { f() }.g()?; rest", "rest"),
            ("if x { } if y { }", "if y{}"),
            ("if unsafe { f() } { } else if y { } else { } rest", "rest"),
            ("if let A { b } = c && d { } if y { }", "if y{}"),
            ("for A { b, .. } in c { } rest", "rest"),
            ("if a(b) { } { block }", "{block}"),
            ("if m! { a } { } rest", "rest"),
            ("if match a { _ => true } { } rest", "rest"),
            ("while unsafe { *p } != 0 { } rest", "rest"),
            ("'a: loop { break 'a } if y { }", "if y{}"),
            ("match x { A => 1 } *y = 1;", "*y=1;"),
            (
                "A { b } | C { b } if unsafe { *b } && d => { 1 } B => 2,",
                "B=>2,",
            ),
            ("A => if b { 1 } else { 2 } B => 2,", "B=>2,"),
            ("A => unsafe { f() }.g(), B => 2,", "B=>2,"),
            ("x = match y { _ => 1 }; rest", ";rest"),
            ("call! { a } if x { }", "if x{}"),
        ];
        for (text, rest) in cases {
            assert_eq!(reaches(text), rest, "{text}");
        }
    }
}
