//! What is not to be told, in Valgrind's notation.
//!
//! ```text
//! {
//!    a name
//!    Track:Leak
//!    fun:strdup
//!    ...
//!    obj:*/libreadline.so*
//! }
//! ```
//!
//! Frames are matched from the innermost on. A first line for the allocating function itself (`fun:malloc`) is
//! accepted and matches by itself, so that what Valgrind generates can be used.

use std::path::{Path, PathBuf};

use super::refuse;
use super::report::{TrackedFrame, TrackedProcess};
use crate::Error;

/// Functions that allocate or free, which stacks here don't show.
const ALLOCATORS: &[&str] = &[
    "malloc",
    "calloc",
    "realloc",
    "free",
    "memalign",
    "posix_memalign",
    "aligned_alloc",
    "reallocarray",
    "valloc",
    "pvalloc",
    "_Znwm",
    "_Znam",
    "_ZdlPv",
    "_ZdaPv",
    "_ZdlPvm",
    "_ZdaPvm",
];

/// The entries of all files.
#[derive(Debug, Default)]
pub(super) struct Suppressions(Vec<Suppression>);

#[derive(Debug)]
struct Suppression {
    file: PathBuf,
    name: String,
    leaks: bool,
    frames: Vec<Pattern>,
    matched: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Function(String),
    Object(String),
    Source(String),
    /// Any number of frames.
    Any,
}

impl Suppressions {
    pub(super) fn read(files: &[PathBuf]) -> Result<Self, Error> {
        let mut all = Vec::new();
        for file in files {
            let wrong =
                |message: String| refuse(format!("suppressions `{}`: {message}", file.display()));
            let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
            all.extend(parse(&text, file).map_err(wrong)?);
        }
        Ok(Self(all))
    }

    /// Notes at each leak and fault which entry it matches.
    pub(super) fn apply(&mut self, process: &mut TrackedProcess) {
        for leak in &mut process.leaks {
            leak.suppressed_by = self.first(true, &leak.stack);
        }
        for fault in &mut process.faults {
            let stack = fault.stacks.first().map_or(&[][..], |(_, stack)| stack);
            fault.suppressed_by = self.first(false, stack);
        }
    }

    fn first(&mut self, leak: bool, stack: &[TrackedFrame]) -> Option<String> {
        let fits = |entry: &&mut Suppression| entry.leaks == leak && fits(&entry.frames, stack);
        let found = self.0.iter_mut().find(fits)?;
        found.matched = true;
        Some(found.name.clone())
    }

    /// `FILE: NAME` of each entry that matched nothing.
    pub(super) fn unmatched(&self) -> Vec<String> {
        let unmatched = self.0.iter().filter(|entry| !entry.matched);
        unmatched
            .map(|entry| format!("{}: {}", entry.file.display(), entry.name))
            .collect()
    }
}

fn parse(text: &str, file: &Path) -> Result<Vec<Suppression>, String> {
    let mut all = Vec::new();
    let mut inside: Option<Vec<&str>> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        let number = index + 1;
        match (&mut inside, line) {
            (_, "") => {}
            (_, line) if line.starts_with('#') => {}
            (None, "{") => inside = Some(Vec::new()),
            (None, _) => return Err(format!("line {number}: `{{` begins an entry, not `{line}`")),
            (Some(lines), "}") => {
                let entry =
                    entry(lines, file).map_err(|error| format!("line {number}: {error}"))?;
                all.extend(entry);
                inside = None;
            }
            (Some(lines), line) => lines.push(line),
        }
    }
    match inside {
        Some(_) => Err("the last entry has no `}`".to_owned()),
        None => Ok(all),
    }
}

/// An entry for a tool or a kind that is not looked for here is none.
fn entry(lines: &[&str], file: &Path) -> Result<Option<Suppression>, String> {
    let [name, kind, frames @ ..] = lines else {
        return Err("an entry is a name, a kind and frames".to_owned());
    };
    let leaks = match kind.split_once(':') {
        Some((tools, kind))
            if tools
                .split(',')
                .any(|tool| matches!(tool, "Track" | "Memcheck")) =>
        {
            kind == "Leak"
        }
        Some(_) => return Ok(None),
        None => {
            return Err(format!(
                "`{kind}` is no kind: write `Track:Leak` or `Track:Free`"
            ));
        }
    };
    let mut patterns = Vec::new();
    for frame in frames
        .iter()
        .filter(|line| !line.starts_with("match-leak-kinds:"))
    {
        patterns.push(match frame.split_once(':') {
            Some(("fun", glob)) => Pattern::Function(glob.to_owned()),
            Some(("obj", glob)) => Pattern::Object(glob.to_owned()),
            Some(("src", glob)) => Pattern::Source(glob.to_owned()),
            None if *frame == "..." => Pattern::Any,
            _ => {
                return Err(format!(
                    "`{frame}` is none of `fun:`, `obj:`, `src:` and `...`"
                ));
            }
        });
    }
    if let Some(Pattern::Function(first)) = patterns.first()
        && ALLOCATORS.contains(&first.as_str())
    {
        patterns.remove(0);
    }
    if patterns.is_empty() {
        return Err("an entry without frames would match everything".to_owned());
    }
    Ok(Some(Suppression {
        file: file.to_path_buf(),
        name: (*name).to_owned(),
        leaks,
        frames: patterns,
        matched: false,
    }))
}

/// Whether the patterns match the innermost frames.
fn fits(patterns: &[Pattern], stack: &[TrackedFrame]) -> bool {
    match (patterns, stack) {
        ([], _) => true,
        ([Pattern::Any, rest @ ..], stack) => {
            (0..=stack.len()).any(|skipped| fits(rest, &stack[skipped..]))
        }
        ([_, ..], []) => false,
        ([pattern, rest @ ..], [frame, outer @ ..]) => {
            let (glob, text) = match pattern {
                Pattern::Function(glob) => (glob, &frame.function),
                Pattern::Object(glob) => (glob, &frame.object),
                Pattern::Source(glob) => (glob, &frame.file),
                Pattern::Any => return false,
            };
            matches_glob(glob.as_bytes(), text.as_deref().unwrap_or("").as_bytes())
                && fits(rest, outer)
        }
    }
}

/// `*` is any text, `?` any character.
fn matches_glob(glob: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // Where to go on if what follows the last star does not match.
    let mut back = None;
    while from < text.len() {
        match glob.get(at) {
            Some(b'*') => {
                back = Some((at, from));
                at += 1;
            }
            Some(c) if *c == b'?' || *c == text[from] => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((star, begin)) = back else {
                    return false;
                };
                back = Some((star, begin + 1));
                at = star + 1;
                from = begin + 1;
            }
        }
    }
    glob[at.min(glob.len())..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(functions: &[&str]) -> Vec<TrackedFrame> {
        let frame = |name: &&str| TrackedFrame {
            function: Some((*name).to_owned()),
            object: Some(format!("/lib/{name}.so")),
            ..TrackedFrame::default()
        };
        functions.iter().map(frame).collect()
    }

    fn one(frames: &str) -> Vec<Pattern> {
        let text = format!("{{\n name\n Track:Leak\n{frames}\n}}\n");
        parse(&text, Path::new("f")).unwrap().remove(0).frames
    }

    #[test]
    fn globs_match_as_in_a_shell() {
        for (glob, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*b*b", "abab", true),
            ("abc", "abcd", false),
        ] {
            assert_eq!(
                matches_glob(glob.as_bytes(), text.as_bytes()),
                expected,
                "{glob} {text}"
            );
        }
    }

    #[test]
    fn frames_are_matched_from_the_innermost_on() {
        let stack = stack(&["strdup", "keep", "main"]);
        assert!(fits(&one("fun:strdup"), &stack));
        assert!(!fits(&one("fun:keep"), &stack));
        assert!(fits(&one("...\nfun:main"), &stack));
        assert!(fits(&one("fun:malloc\nfun:strdup\nobj:*/keep.so"), &stack));
        assert!(!fits(&one("fun:strdup\n...\nfun:other"), &stack));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_line() {
        let wrong = |text: &str| parse(text, Path::new("f")).unwrap_err();
        assert!(wrong("name\n").starts_with("line 1:"));
        assert!(wrong("{\n a\n Track:Leak\n").contains("no `}`"));
        assert!(wrong("{\n a\n Track:Leak\n}\n").contains("everything"));
        assert!(wrong("{\n a\n Track:Leak\n function:x\n}\n").starts_with("line 5: `function:x`"));
        assert!(
            parse("{\n a\n Helgrind:Race\n fun:x\n}\n", Path::new("f"))
                .unwrap()
                .is_empty()
        );
    }
}
