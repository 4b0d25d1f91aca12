//! The rule that public items have an example, in the crates that have taken it.

use super::{SourceText, Violation, split_crate};

/// The crates, each with the parts of it that are hidden from its documentation.
const CRATES: &[(&str, &[&str])] = &[("idmap", &["src/internal.rs", "src/prefix/"])];

/// What begins the line of an item that has to have one. Modules, type aliases and constants need none.
const ITEMS: &[&str] = &[
    "fn ",
    "const fn ",
    "$($const)? fn ",
    "struct ",
    "enum ",
    "trait ",
];

pub(super) fn check(files: &[SourceText]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files {
        let Some((package, inner)) = split_crate(&file.path) else {
            continue;
        };
        let hidden = CRATES.iter().find(|(name, _)| *name == package);
        let wanted = hidden.is_some_and(|(_, hidden)| {
            inner.starts_with("src/") && !hidden.iter().any(|part| inner.starts_with(part))
        });
        if wanted {
            violations.extend(without_example(&file.path, &file.text));
        }
    }
    violations
}

/// The public items of a file without an example; text, so that it sees into macros.
fn without_example(path: &str, text: &str) -> Vec<Violation> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut violations = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(item) = public_item(line) else {
            continue;
        };
        let head = head(&lines[..index]);
        let has = |part: &str| head.iter().any(|line| line.contains(part));
        let exported = !line.starts_with("macro_rules!") || has("#[macro_export]");
        if exported && !has("doc(hidden)") && !has("```") {
            let message =
                format!("`{item}` has no example: show it in its documentation, in code that runs");
            violations.push(Violation::new(path, index + 1, message));
        }
    }
    violations
}

/// What the line begins, up to its name.
fn public_item(line: &str) -> Option<String> {
    let (kind, rest) = match line.strip_prefix("macro_rules! ") {
        Some(rest) => ("macro_rules! ", rest),
        None => {
            let rest = line.strip_prefix("pub ")?;
            let kind = ITEMS.iter().find(|kind| rest.starts_with(**kind))?;
            (*kind, &rest[kind.len()..])
        }
    };
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
    Some(format!("{kind}{}", &rest[..end.unwrap_or(rest.len())]))
}

/// The documentation and the attributes that stand above an item.
fn head<'a>(above: &'a [&'a str]) -> &'a [&'a str] {
    let outside = |line: &&str| {
        let part = line.starts_with("///") || line.starts_with("#[");
        !part && (line.is_empty() || line.ends_with(['{', '}', ';', '(']))
    };
    let start = above.iter().rposition(outside).map_or(0, |at| at + 1);
    &above[start..]
}

#[cfg(test)]
mod tests {
    use super::{SourceText, check};

    fn missing(path: &str, text: &str) -> Vec<String> {
        let file = SourceText {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        check(&[file])
            .into_iter()
            .map(|violation| format!("{} {}", violation.line, violation.message))
            .collect()
    }

    #[test]
    fn public_items_without_an_example_are_named() {
        let text = "/// A.\n///\n/// ```\n/// a();\n/// ```\n#[inline]\npub fn a() {}\n\n/// B.\n#[expect(\n    x,\n    \
                    reason = \"y\"\n)]\npub const fn b() {}\n\npub(crate) fn c() {}\n";
        let found = missing("crates/idmap/src/a.rs", text);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("14 `const fn b` has no example"),
            "{found:?}"
        );
    }

    #[test]
    fn macros_need_one_if_they_are_exported_and_hidden_items_need_none() {
        let text = "/// A.\n#[macro_export]\nmacro_rules! a {}\n\n/// B.\nmacro_rules! b {}\n\n#[doc(hidden)]\npub fn c() {}\n";
        assert_eq!(missing("crates/idmap/src/a.rs", text).len(), 1);
        assert!(missing("crates/idmap/src/internal.rs", text).is_empty());
        assert!(missing("crates/idmap/tests/it/a.rs", text).is_empty());
        assert!(missing("crates/velox/src/a.rs", text).is_empty());
    }

    #[test]
    fn what_a_macro_writes_needs_one_too() {
        let text = "macro_rules! a {\n    () => {\n        $(\n            #[doc = concat!(\"A\")]\n            pub fn $get() {}\n";
        let found = missing("crates/idmap/src/a.rs", text);
        assert!(found[0].starts_with("5 `fn $get`"), "{found:?}");
    }
}
