//! Text of the audited crate and of its tools, made inert for each output.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Replaces characters that act instead of showing, one for one: control characters, and the
/// invisible and direction-changing ones that can make a source line read as what it is not.
/// Line feeds and tabs stay.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| shown(c) == c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(shown).collect())
}

/// As [`visible`], on one line.
pub(super) fn one_line(text: &str) -> String {
    let flat = |c| {
        if c == '\n' || c == '\t' {
            ' '
        } else {
            shown(c)
        }
    };
    text.trim_end().chars().map(flat).collect()
}

fn shown(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => '\u{fffd}',
        _ => c,
    }
}

/// Text for HTML content and quoted attributes.
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Text for Markdown, on one line: nothing in it is markup, a link or a mention.
pub(super) fn markdown(text: &str) -> String {
    const MARKUP: &str = "\\`*_[]<>&|#~$@!";
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let text = one_line(text);
    for (at, c) in text.char_indices() {
        // `www.` and `https://` would become links by themselves.
        let links = match c {
            '.' => text[..at]
                .chars()
                .rev()
                .take(3)
                .all(|c| c.eq_ignore_ascii_case(&'w')),
            ':' => text[at..].starts_with("://"),
            _ => false,
        };
        if links || MARKUP.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A code span for Markdown, in a table too.
pub(super) fn markdown_code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let pad = if text.is_empty() || text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A fenced block for Markdown.
pub(super) fn markdown_block(language: &str, text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat(longest_run(&text, '`').max(2) + 1);
    format!(
        "{fence}{language}\n{}\n{fence}\n",
        text.trim_end_matches('\n')
    )
}

fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A path as a URI reference: relative, or with the scheme `file`. Nothing in it can be a scheme,
/// a host, a query or a fragment.
pub(super) fn uri(path: &str) -> String {
    let mut out = String::new();
    let path = match path.strip_prefix('/') {
        Some(rest) => {
            out.push_str("file:///");
            rest.trim_start_matches('/')
        }
        None => path,
    };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => write!(out, "%{byte:02X}").expect("writing to a String does not fail"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{html, markdown, markdown_block, markdown_code, one_line, uri, visible};

    #[test]
    fn control_and_direction_characters_are_shown_and_not_sent() {
        assert_eq!(visible("a\u{1b}[31mb\r\n\tc"), "a␛[31mb␍\n\tc");
        assert_eq!(visible("\u{202e}x\u{9b}"), "\u{fffd}x\u{fffd}");
        assert_eq!(one_line("a\nb\tc\n"), "a b c");
    }

    #[test]
    fn html_gets_no_markup() {
        assert_eq!(
            html("<a href='\"&\u{7}'>"),
            "&lt;a href=&#39;&quot;&amp;␇&#39;&gt;"
        );
    }

    #[test]
    fn markdown_gets_no_markup() {
        assert_eq!(
            markdown("a|b *c* <i> [x](y) @me"),
            r"a\|b \*c\* \<i\> \[x\](y) \@me"
        );
        assert_eq!(markdown("https://x a: b WWW.y"), r"https\://x a: b WWW\.y");
        assert_eq!(markdown_code("a`b|c"), r"``a`b\|c``");
        assert_eq!(markdown_code("`"), "`` ` ``");
        assert_eq!(
            markdown_block("rust", "```\nx\n"),
            "````rust\n```\nx\n````\n"
        );
    }

    #[test]
    fn a_path_becomes_no_other_uri() {
        assert_eq!(uri("src/a b.rs"), "src/a%20b.rs");
        assert_eq!(uri("javascript:alert(1)"), "javascript%3Aalert%281%29");
        assert_eq!(uri("//host/x?q#f"), "file:///host/x%3Fq%23f");
        assert_eq!(uri("/usr/lib/ü"), "file:///usr/lib/%C3%BC");
    }
}
