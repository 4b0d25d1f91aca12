//! A C program with one fault for each name, linked statically and dynamically.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::bed::{Bed, Link, line_of};

/// The exit code of a process that leaked.
pub(crate) const LEAKED: Option<i32> = Some(23);

pub(crate) struct Program {
    name: &'static str,
    source: &'static str,
    built: OnceLock<Built>,
}

struct Built {
    _bed: Bed,
    programs: Vec<PathBuf>,
}

/// `file:line` of the line that has a comment with this text.
pub(crate) fn line_in(file: &str, source: &str, comment: &str) -> String {
    format!("{file}:{}", line_of(source, comment))
}

impl Program {
    pub(crate) const fn new(name: &'static str, source: &'static str) -> Self {
        Self {
            name,
            source,
            built: OnceLock::new(),
        }
    }

    pub(crate) const fn source(&self) -> &'static str {
        self.source
    }

    /// The program, linked either way; empty where there is no compiler.
    fn programs(&self) -> &[PathBuf] {
        let compile = || {
            let bed = Bed::new();
            let links = [Link::Static, Link::Shared];
            let programs = links
                .iter()
                .filter_map(|link| bed.compile(self.name, *link, &[]));
            Built {
                programs: programs.collect(),
                _bed: bed,
            }
        };
        &self.built.get_or_init(compile).programs
    }

    /// Runs a case on both, and looks at what came out.
    pub(crate) fn each(&self, arguments: &[&str], check: impl Fn(&Output, &str)) {
        for program in self.programs() {
            let output = Command::new(program)
                .args(arguments)
                .output()
                .expect("it starts");
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            check(&output, &text);
        }
    }

    /// The process goes on to its end, and fails there.
    pub(crate) fn fails_at_the_end(&self, case: &str, parts: &[String]) {
        self.each(&[case], |output, text| {
            assert_eq!(output.status.code(), LEAKED, "{case}: {text}");
            has_all(case, text, parts);
        });
    }

    /// The process is ended by the report.
    pub(crate) fn aborts(&self, case: &[&str], parts: &[String]) {
        self.each(case, |output, text| {
            assert_eq!(output.status.signal(), Some(6), "{case:?}: {text}");
            has_all(case[0], text, parts);
        });
    }

    pub(crate) fn is_silent(&self, case: &str) {
        self.each(&[case], |output, text| {
            assert_eq!((output.status.code(), text), (Some(0), ""), "{case}");
        });
    }
}

fn has_all(case: &str, text: &str, parts: &[String]) {
    for part in parts {
        assert!(text.contains(part), "{case}: no `{part}` in:\n{text}");
    }
}
