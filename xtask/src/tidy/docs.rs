//! Rules on Markdown, and on the pages that every crate has.

use super::{SourceText, Violation, split_crate};

/// Words that praise instead of stating.
const PRAISE: &[&str] = &[
    "blazing",
    "seamless",
    "robust",
    "elegant",
    "world-class",
    "cutting-edge",
    "production-ready",
    "battle-tested",
    "state-of-the-art",
    "powerful",
    "effortless",
];

/// The longest page by file name.
const LENGTHS: &[(&str, usize)] = &[("README.md", 150), ("ARCHITECTURE.md", 300)];

pub(super) fn check_file(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !text.starts_with("# ") {
        violations.push(Violation::new(
            path,
            1,
            "a page starts with its title: `# ..`",
        ));
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let limit = LENGTHS.iter().find(|(page, _)| *page == name);
    let lines = text.lines().count();
    if let Some((_, limit)) = limit.filter(|(_, limit)| lines > *limit) {
        let message = format!("{lines} lines: {limit} is the limit, move detail to docs/");
        violations.push(Violation::new(path, 0, message));
    }
    for (index, line) in text.lines().enumerate() {
        let lower = line.to_lowercase();
        if let Some(word) = PRAISE.iter().find(|word| lower.contains(*word)) {
            let message = format!("`{word}` praises: state a fact, a command and its figure");
            violations.push(Violation::new(path, index + 1, message));
        }
    }
    violations
}

/// Each crate has a README, and the front page lists it.
pub(super) fn check_crates(files: &[SourceText]) -> Vec<Violation> {
    let front = files.iter().find(|file| file.path == "README.md");
    let mut violations = Vec::new();
    for file in files {
        let Some((package, "Cargo.toml")) = split_crate(&file.path) else {
            continue;
        };
        if package == "xtask" {
            continue;
        }
        let readme = format!("crates/{package}/README.md");
        if !files.iter().any(|other| other.path == readme) {
            violations.push(Violation::new(&readme, 0, "every crate has a README"));
        }
        let listed = front.is_some_and(|page| page.text.contains(&format!("`{package}`")));
        if !listed {
            let message = format!("the table of crates does not list `{package}`");
            violations.push(Violation::new("README.md", 0, message));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::{SourceText, check_crates, check_file};

    #[test]
    fn a_page_needs_a_title_and_states_facts() {
        assert_eq!(
            check_file("docs/a.md", "# A\n\nIt copies 3 bytes.\n"),
            vec![]
        );
        assert_eq!(check_file("docs/a.md", "A\n").len(), 1);
        assert_eq!(check_file("docs/a.md", "# A\nRobust.\n").len(), 1);
    }

    #[test]
    fn a_crate_is_listed_and_has_a_page() {
        let file = |path: &str, text: &str| SourceText {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let manifest = file("crates/a/Cargo.toml", "");
        assert_eq!(check_crates(&[manifest]).len(), 2);
        let whole = [
            file("crates/a/Cargo.toml", ""),
            file("crates/a/README.md", "# a\n"),
            file("README.md", "# House\n`a`\n"),
        ];
        assert_eq!(check_crates(&whole), vec![]);
    }
}
