//! Finds the argument that a site's author wrote beside it.

use assay_evidence::SiteKind;

use super::lexer::{Comment, CommentKind, Kind};
use super::source::Source;
use super::syntax::RawSite;

/// The text of a site's `SAFETY` comment or `# Safety` section.
pub(crate) fn argument(source: &Source, site: &RawSite) -> Option<String> {
    match site.kind {
        SiteKind::Block => block(source, site),
        SiteKind::Function | SiteKind::Trait => section(source, site.from)
            .or_else(|| above(source, site.from))
            .or_else(|| trait_contract(site)),
        // clippy's `unnecessary_safety_comment` lets it stand within the block alone.
        SiteKind::ExternBlock => above(source, site.from)
            .or_else(|| section(source, site.from))
            .or_else(|| within(source, site.head))
            .or_else(|| trailing(source, site.to)),
        _ => above(source, site.from)
            .or_else(|| section(source, site.from))
            .or_else(|| trailing(source, site.to)),
    }
}

/// An unsafe method of a trait's impl is bound by the contract that the trait states.
fn trait_contract(site: &RawSite) -> Option<String> {
    let head = site
        .impl_head
        .as_ref()
        .filter(|_| site.kind == SiteKind::Function)?;
    let name = head.trait_name.as_ref()?;
    Some(format!("the contract of the trait `{name}`"))
}

fn block(source: &Source, site: &RawSite) -> Option<String> {
    let open = site.body?;
    above(source, site.keyword)
        .or_else(|| within(source, open))
        .or_else(|| above_statement(source, site.keyword))
        .or_else(|| trailing(source, site.to))
}

/// Comments directly before token `at`, attributes between them passed over.
fn above(source: &Source, at: usize) -> Option<String> {
    let mut first = at;
    loop {
        if let Some(text) = claim(source, comments_before(source, first)) {
            return Some(text);
        }
        // Attributes: `#` `[` ... `]`.
        let open = first
            .checked_sub(1)
            .and_then(|close| source.group_start(close))?;
        if !source.is_open(open, b'[') || open == 0 || !source.is_punct(open - 1, b'#') {
            return None;
        }
        first = open - 1;
    }
}

/// Comments at the start of the group that opens at `open`.
fn within(source: &Source, open: usize) -> Option<String> {
    claim(source, comments_before(source, open + 1))
}

/// Comments before the line, then before the statement, then before the statements around it up to the enclosing
/// function's body.
fn above_statement(source: &Source, keyword: usize) -> Option<String> {
    let line = source.line_start(source.line_index(source.start(keyword)));
    let mut at = keyword;
    let part = |at: usize| {
        matches!(
            source.kind(at),
            Some(Kind::Open(b'{') | Kind::Close(b'}') | Kind::Punct(b';'))
        )
    };
    while at > 0 && source.start(at - 1) >= line && !part(at - 1) {
        at -= 1;
    }
    if at != keyword
        && let Some(text) = above(source, at)
    {
        return Some(text);
    }
    let mut at = keyword;
    while at > 0 {
        let before = at - 1;
        let ends_here = match source.kind(before) {
            Some(Kind::Punct(b';')) => true,
            Some(Kind::Punct(b',')) => false,
            Some(Kind::Open(b'{')) => true,
            // `unsafe { a } + unsafe { b }` and `if c { .. } else { .. }` go on over the brace.
            Some(Kind::Close(b'}')) => starts_statement(source, at),
            _ => false,
        };
        if ends_here {
            return above(source, at);
        }
        if is_arm(source, at)
            && let Some(text) = above(source, at)
        {
            return Some(text);
        }
        at = source.group_start(before).unwrap_or(before);
    }
    above(source, 0)
}

/// Whether a token begins a statement when it follows a closing brace.
fn starts_statement(source: &Source, at: usize) -> bool {
    match source.kind(at) {
        Some(Kind::Ident) => !matches!(source.word(at), "else" | "as"),
        Some(Kind::Punct(byte)) => byte == b'#' || byte == b'*' || byte == b'&',
        _ => false,
    }
}

/// Whether the token follows a match arm's `=>`.
fn is_arm(source: &Source, at: usize) -> bool {
    at >= 2 && source.is_joint(at - 2, b'=', b'>')
}

/// A comment on the line on which token `to - 1` ends.
fn trailing(source: &Source, to: usize) -> Option<String> {
    let line = source.line_index(source.end(to.checked_sub(1)?));
    let first = source
        .comments()
        .partition_point(|comment| (comment.next_token as usize) < to);
    let comments = source.comments()[first..].iter();
    let same_line: Vec<Comment> = comments
        .take_while(|comment| source.line_index(comment.start) == line)
        .copied()
        .collect();
    claim(source, &same_line)
}

/// The comments between token `at` and the one before it.
fn comments_before(source: &Source, at: usize) -> &[Comment] {
    let all = source.comments();
    let from = all.partition_point(|comment| (comment.next_token as usize) < at);
    let to = all.partition_point(|comment| (comment.next_token as usize) <= at);
    &all[from..to]
}

/// What plain comments say behind the marker.
fn claim(source: &Source, comments: &[Comment]) -> Option<String> {
    let mut said: Option<Vec<String>> = None;
    let mut last_line = 0;
    for comment in comments
        .iter()
        .filter(|comment| comment.kind == CommentKind::Plain)
    {
        let line = source.line_index(comment.start);
        let text = body(&source.text[comment.start as usize..comment.end as usize]);
        if let Some(at) = marker(&text) {
            said.get_or_insert_default()
                .push(text[at..].trim().to_owned());
        } else if let Some(lines) = said.as_mut() {
            // A blank line ends the argument.
            if line > last_line + 1 {
                break;
            }
            lines.push(text);
        }
        last_line = source.line_index(comment.end);
    }
    joined(said?)
}

/// Position just past the marker, where a comment opens with it.
fn marker(text: &str) -> Option<usize> {
    let head: String = text
        .chars()
        .take(24)
        .collect::<String>()
        .to_ascii_lowercase();
    let at = head.find("safety")?;
    let is_start = text[..at].chars().all(|c| !c.is_alphanumeric());
    let rest = &text[at + "safety".len()..];
    let colon = rest.find(':').filter(|colon| *colon <= 16);
    match colon {
        Some(colon) if is_start => Some(at + "safety".len() + colon + 1),
        _ => None,
    }
}

/// The `# Safety` section of the documentation before token `at`.
fn section(source: &Source, at: usize) -> Option<String> {
    let mut first = at;
    while let Some(open) = first
        .checked_sub(1)
        .and_then(|close| source.group_start(close))
    {
        if !source.is_open(open, b'[') || open == 0 || !source.is_punct(open - 1, b'#') {
            break;
        }
        first = open - 1;
    }
    let all = source.comments();
    let from = all.partition_point(|comment| (comment.next_token as usize) < first);
    let to = all.partition_point(|comment| (comment.next_token as usize) <= at);
    let mut lines: Vec<(u32, String)> = Vec::new();
    for comment in all[from..to]
        .iter()
        .filter(|comment| comment.kind == CommentKind::OuterDoc)
    {
        let text = &source.text[comment.start as usize..comment.end as usize];
        lines.extend(body_lines(text).map(|line| (comment.start, line)));
    }
    lines.extend(doc_attributes(source, first, at));
    lines.sort_by_key(|(start, _)| *start);
    let mut said: Option<Vec<String>> = None;
    for (_, line) in lines {
        let heading = line.trim_start_matches('#');
        let is_heading = heading.len() < line.len() && heading.starts_with(' ');
        if is_heading && heading.trim().to_ascii_lowercase().starts_with("safety") {
            said = Some(Vec::new());
        } else if is_heading && said.is_some() {
            break;
        } else if let Some(lines) = said.as_mut() {
            lines.push(line);
        }
    }
    joined(said?)
}

/// Lines of `#[doc = "..."]` attributes among tokens `from..to`.
fn doc_attributes(source: &Source, from: usize, to: usize) -> Vec<(u32, String)> {
    let mut lines = Vec::new();
    for at in from..to.saturating_sub(2) {
        let is_doc = source.is_open(at, b'[')
            && source.is_word(at + 1, "doc")
            && source.is_punct(at + 2, b'=');
        if is_doc && let Some(text) = super::header::string_value(source.word(at + 3)) {
            lines.extend(
                text.lines()
                    .map(|line| (source.start(at), line.trim().to_owned())),
            );
        }
    }
    lines
}

/// A comment without its markers, in one line.
fn body(comment: &str) -> String {
    body_lines(comment)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn body_lines(comment: &str) -> impl Iterator<Item = String> + '_ {
    let inner = match comment.strip_prefix("/*") {
        Some(rest) => rest.strip_suffix("*/").unwrap_or(rest),
        None => comment,
    };
    inner.lines().map(|line| {
        let line = line.trim();
        line.trim_start_matches(['/', '!'])
            .trim_start_matches("* ")
            .trim_start_matches('*')
            .trim()
            .to_owned()
    })
}

fn joined(lines: Vec<String>) -> Option<String> {
    let text = lines.join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::syntax::scan;
    use super::*;

    fn arguments(text: &str) -> Vec<Option<String>> {
        let source = Source::new(String::new(), text.to_owned()).expect("lexes");
        scan(&source, &[])
            .sites
            .iter()
            .map(|site| argument(&source, site))
            .collect()
    }

    fn only(text: &str) -> Option<String> {
        let mut all = arguments(text);
        assert_eq!(all.len(), 1, "one site in {text}");
        all.remove(0)
    }

    #[test]
    fn the_comment_may_stand_above_the_block_its_statement_or_its_line() {
        for text in [
            "fn f() {\n// SAFETY: a reason\nunsafe { g() } }",
            "fn f() {\n// SAFETY: a reason\nlet x = unsafe { g() }; }",
            "fn f() {\n// SAFETY: a reason\nlet x = h(\n  1,\n  unsafe { g() },\n); }",
            "fn f() { unsafe { // SAFETY: a reason\n g() } }",
            "fn f() { unsafe {\n // SAFETY: a reason\n g() } }",
            "fn f() { x(/* SAFETY: a reason */ unsafe { g() }) }",
            "fn f() { unsafe { g() } // SAFETY: a reason\n }",
            "fn f() { match x {\n // Safety: a reason\n A => unsafe { g() }, } }",
            "fn f() {\n// SAFETY: a reason\n#[allow(x)]\nunsafe { g() } }",
        ] {
            assert_eq!(only(text).as_deref(), Some("a reason"), "{text}");
        }
    }

    #[test]
    fn a_comment_on_something_else_is_no_argument() {
        for text in [
            "fn f() {\n// SAFETY: for h\nlet y = 1;\nunsafe { g() } }",
            "// SAFETY: for the function\nfn f() { unsafe { g() } }",
            "fn f() {\n// this is about safety in general\nunsafe { g() } }",
            "fn f() { unsafe { g() } }\n// SAFETY: later",
        ] {
            assert_eq!(only(text), None, "{text}");
        }
    }

    #[test]
    fn the_reason_of_a_foreign_block_stands_above_it_or_begins_it() {
        for text in [
            "// SAFETY: a reason\nunsafe extern \"C\" { fn f(); }",
            "unsafe extern \"C\" {\n// SAFETY: a reason\nfn f(); }",
        ] {
            assert_eq!(arguments(text)[0].as_deref(), Some("a reason"), "{text}");
        }
        let later = "unsafe extern \"C\" {\nfn f();\n// SAFETY: of g\nfn g(); }";
        assert_eq!(arguments(later)[0], None);
    }

    #[test]
    fn an_argument_runs_over_lines_until_a_blank_one() {
        let text =
            "fn f() {\n// Other.\n// SAFETY:\n// - one\n// - two\n\n// Not this.\nunsafe { g() } }";
        assert_eq!(only(text).as_deref(), Some("- one\n- two"));
    }

    #[test]
    fn functions_and_traits_state_it_in_their_documentation() {
        let text = "/// Does.\n///\n/// # Safety\n///\n/// `p` is valid.\n///\n/// # Panics\n/// No.\n#[inline]\npub unsafe fn f() {}";
        assert_eq!(only(text).as_deref(), Some("`p` is valid."));
        let text = "#[doc = \"# Safety\"]\n#[doc = \"Be careful.\"]\nunsafe trait T {}";
        assert_eq!(only(text).as_deref(), Some("Be careful."));
        assert_eq!(
            only("/// # Safety of things\n/// x\nunsafe trait T {}").as_deref(),
            Some("x")
        );
    }

    #[test]
    fn a_block_in_an_unsafe_function_needs_its_own() {
        let all = arguments("/// # Safety\n/// Valid.\nunsafe fn f() { unsafe { g() } }");
        assert_eq!(all, [Some("Valid.".to_owned()), None]);
    }

    #[test]
    fn methods_of_a_trait_are_bound_by_its_contract() {
        let all = arguments(
            "// SAFETY: fine\nunsafe impl GlobalAlloc for A { unsafe fn alloc(&self) {} }",
        );
        assert_eq!(
            all,
            [
                Some("fine".to_owned()),
                Some("the contract of the trait `GlobalAlloc`".to_owned())
            ]
        );
    }
}
