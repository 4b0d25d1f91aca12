//! Rules on Rust tokens: where `unsafe` stands, and where atomics are named.

use proc_macro2::{TokenStream, TokenTree};

use super::{SourceText, Violation, split_crate};

/// Crates that ship no `raw/` and open a C boundary file by file.
const C_BOUNDARY_SUFFIX: &str = "-capi";

pub(super) fn check_file(path: &str, text: &str) -> Vec<Violation> {
    let Some((package, inner)) = split_crate(path) else {
        return Vec::new();
    };
    if !inner.starts_with("src/") {
        return Vec::new();
    }
    let Ok(tokens) = text.parse::<TokenStream>() else {
        return vec![Violation::new(path, 0, "not readable as Rust tokens")];
    };
    let mut words = Vec::new();
    collect_words(tokens, &mut words);
    let mut violations = Vec::new();
    if !is_unsafe_room(package, inner) {
        let found = words.iter().filter(|(word, _)| word == "unsafe");
        violations.extend(
            found.map(|(_, line)| Violation::new(path, *line, "`unsafe` stands outside src/raw/")),
        );
    }
    if inner != "src/sync.rs" {
        let found = words.iter().filter(|(word, _)| names_shared_memory(word));
        violations.extend(found.map(|(word, line)| {
            Violation::new(
                path,
                *line,
                format!("`{word}` is named outside src/sync.rs"),
            )
        }));
    }
    violations
}

/// Attributes that hide something, and what to write instead. Tokens, so that a string may hold them.
pub(super) fn check_attributes(path: &str, text: &str) -> Vec<Violation> {
    if path.contains("testdata/") {
        return Vec::new();
    }
    let mut violations = Vec::new();
    walk_attributes(text.parse().unwrap_or_default(), &mut |name, line| {
        let instead = match name {
            "allow" => "use `expect` with a reason",
            "ignore" => "run the test, or make it an xtask verb",
            _ => return,
        };
        let message = format!("the attribute `{name}` may not land: {instead}");
        violations.push(Violation::new(path, line, message));
    });
    violations
}

fn walk_attributes(tokens: TokenStream, found: &mut dyn FnMut(&str, usize)) {
    let mut hash = false;
    for token in tokens {
        match token {
            TokenTree::Punct(punct) => {
                hash = punct.as_char() == '#' || (hash && punct.as_char() == '!');
            }
            TokenTree::Group(group) => {
                if let (true, Some(TokenTree::Ident(name))) =
                    (hash, group.stream().into_iter().next())
                {
                    found(&name.to_string(), name.span().start().line);
                }
                walk_attributes(group.stream(), found);
                hash = false;
            }
            _ => hash = false,
        }
    }
}

/// The import path of atomics and the cell itself; everything else goes through `crate::sync`.
fn names_shared_memory(word: &str) -> bool {
    matches!(
        word,
        "core::sync::atomic"
            | "std::sync::atomic"
            | "loom::sync"
            | "core::cell::UnsafeCell"
            | "std::cell::UnsafeCell"
    )
}

fn is_unsafe_room(package: &str, inner: &str) -> bool {
    inner.starts_with("src/raw/") || inner == "src/raw.rs" || package.ends_with(C_BOUNDARY_SUFFIX)
}

/// Every crate root says what it allows.
pub(super) fn check_crates(files: &[SourceText]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files {
        let Some((package, inner)) = split_crate(&file.path) else {
            continue;
        };
        if inner == "Cargo.toml" && !inherits_lints(&file.text) {
            violations.push(Violation::new(
                &file.path,
                0,
                "`[lints] workspace = true` is missing",
            ));
        }
        if !matches!(inner, "src/lib.rs" | "src/main.rs") {
            continue;
        }
        let has_room = files.iter().any(|other| {
            split_crate(&other.path).is_some_and(|(p, i)| p == package && is_unsafe_room(p, i))
        });
        if !has_room && !file.text.contains("#![forbid(unsafe_code)]") {
            let message = "a crate without src/raw/ says `#![forbid(unsafe_code)]`";
            violations.push(Violation::new(&file.path, 0, message));
        }
    }
    violations
}

fn inherits_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().skip_while(|line| line.trim() != "[lints]");
    lines
        .nth(1)
        .is_some_and(|line| line.trim() == "workspace = true")
}

pub(super) fn unsafe_budget(files: &[SourceText]) -> Vec<(String, usize)> {
    let mut budget = std::collections::BTreeMap::new();
    for file in files {
        let Some((package, inner)) = split_crate(&file.path) else {
            continue;
        };
        if !inner.starts_with("src/") || !file.path.ends_with(".rs") {
            continue;
        }
        let mut words = Vec::new();
        collect_words(file.text.parse().unwrap_or_default(), &mut words);
        let count = words.iter().filter(|(word, _)| word == "unsafe").count();
        if count > 0 {
            *budget.entry(package.to_owned()).or_insert(0) += count;
        }
    }
    budget.into_iter().collect()
}

/// Identifiers with their lines, and every `a::b::c` prefix of a path as one word.
fn collect_words(tokens: TokenStream, words: &mut Vec<(String, usize)>) {
    let mut path = String::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                let line = ident.span().start().line;
                let ident = ident.to_string();
                if path.ends_with("::") {
                    path.push_str(&ident);
                    words.push((path.clone(), line));
                } else {
                    path = ident.clone();
                }
                words.push((ident, line));
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => path.push(':'),
            TokenTree::Group(group) => {
                path.clear();
                collect_words(group.stream(), words);
            }
            _ => path.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SourceText, check_attributes, check_crates, check_file, inherits_lints};

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check_file(path, text).iter().map(|v| v.line).collect()
    }

    #[test]
    fn unsafe_stands_in_raw_only() {
        let text = "fn f() {\n    unsafe { g() }\n}\n";
        assert_eq!(lines("crates/a/src/lib.rs", text), [2]);
        assert_eq!(lines("crates/a/src/raw/mod.rs", text), [0; 0]);
        assert_eq!(lines("crates/a-capi/src/lib.rs", text), [0; 0]);
        assert_eq!(lines("crates/a/tests/it/main.rs", text), [0; 0]);
    }

    #[test]
    fn the_word_in_a_comment_or_string_is_not_a_token() {
        let text = "// unsafe\nconst A: &str = \"unsafe {}\";\n";
        assert_eq!(lines("crates/a/src/lib.rs", text), [0; 0]);
    }

    #[test]
    fn atomics_are_named_in_sync_only() {
        let text = "use core::sync::atomic::AtomicU8;\n";
        assert_eq!(lines("crates/a/src/lib.rs", text), [1]);
        assert_eq!(lines("crates/a/src/sync.rs", text), [0; 0]);
    }

    #[test]
    fn attributes_that_hide_something_are_refused_in_code_and_not_in_strings() {
        let lines = |text| -> Vec<usize> {
            let found = check_attributes("a.rs", text);
            found.iter().map(|v| v.line).collect()
        };
        let code = "#![allow(dead_code)]\n#[ignore = \"slow\"]\nfn f() {}\n";
        assert_eq!(lines(code), [1, 2]);
        let string = "const A: &str = \"#[allow(x)]\";\n#[expect(x)]\nfn f() {}\n";
        assert_eq!(lines(string), [0; 0]);
    }

    #[test]
    fn a_crate_without_a_raw_room_forbids_unsafe_code() {
        let root = SourceText {
            path: "crates/a/src/lib.rs".to_owned(),
            text: "//! A.\n".to_owned(),
        };
        assert_eq!(check_crates(&[root]).len(), 1);
    }

    #[test]
    fn the_lints_are_inherited_by_the_line_under_the_heading() {
        assert!(inherits_lints("[lints]\nworkspace = true\n"));
        assert!(!inherits_lints("[lints]\n[dependencies]\n"));
    }
}
