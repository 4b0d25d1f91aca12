//! The rules of the house that no compiler enforces. Each rule is a function from text to violations.

mod docs;
mod edges;
mod examples;
mod rust;
mod text;

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The file, relative to the workspace's root.
    pub path: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong and what to do instead.
    pub message: String,
}

impl Violation {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Broken rules, in file order.
    pub violations: Vec<Violation>,
    /// `unsafe` tokens by crate that has any, sorted by name.
    pub unsafe_budget: Vec<(String, usize)>,
    /// Files that were read.
    pub files: usize,
}

impl Report {
    /// Whether no rule is broken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in &self.violations {
            writeln!(f, "{violation}")?;
        }
        for (name, tokens) in &self.unsafe_budget {
            writeln!(f, "{name}: {tokens} unsafe tokens in src/")?;
        }
        write!(
            f,
            "tidy: {} files, {} violations",
            self.files,
            self.violations.len()
        )
    }
}

/// A tracked text file.
#[derive(Debug)]
struct SourceText {
    /// Relative to the workspace's root, with `/`.
    path: String,
    text: String,
}

/// Checks every rule on the files that git knows, new ones included.
///
/// # Errors
/// Git or cargo is missing, or a file cannot be read.
pub fn check(root: &Path) -> Result<Report> {
    let files = read_files(root)?;
    let mut violations = edges::check(root)?;
    for file in &files {
        violations.extend(text::check(&file.path, &file.text));
        if file.path.ends_with(".rs") {
            violations.extend(rust::check_file(&file.path, &file.text));
            violations.extend(rust::check_attributes(&file.path, &file.text));
        }
        if file.path.ends_with(".md") {
            violations.extend(docs::check_file(&file.path, &file.text));
        }
    }
    violations.extend(rust::check_crates(&files));
    violations.extend(docs::check_crates(&files));
    violations.extend(examples::check(&files));
    violations.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    Ok(Report {
        violations,
        unsafe_budget: rust::unsafe_budget(&files),
        files: files.len(),
    })
}

/// Files that git tracks or would track. What was recorded from tools keeps the tools' own words.
fn read_files(root: &Path) -> Result<Vec<SourceText>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("failed to start `git`")?;
    ensure!(output.status.success(), "`git ls-files` failed");
    let mut files = Vec::new();
    for path in String::from_utf8(output.stdout)?.lines() {
        let extension = path.rsplit('.').next().unwrap_or_default();
        let wanted = matches!(extension, "rs" | "md" | "toml" | "css" | "js" | "sh");
        if !wanted || path.contains("testdata/recorded/") || !root.join(path).is_file() {
            continue;
        }
        let text = std::fs::read_to_string(root.join(path))
            .with_context(|| format!("failed to read `{path}`"))?;
        files.push(SourceText {
            path: path.to_owned(),
            text,
        });
    }
    Ok(files)
}

/// The crate that a path belongs to, and its path within it: `crates/spsc-ring/src/lib.rs` is
/// `spsc-ring`, `src/lib.rs`.
fn split_crate(path: &str) -> Option<(&str, &str)> {
    match path.strip_prefix("crates/") {
        Some(rest) => rest.split_once('/'),
        None => path.strip_prefix("xtask/").map(|rest| ("xtask", rest)),
    }
}
