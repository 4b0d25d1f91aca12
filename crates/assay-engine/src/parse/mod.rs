//! What tools print, as records. One file a format; each is tested on recorded real output.

use assay_evidence::{BugClass, Frame, Stack};
use serde::{Deserialize, Serialize};

pub(crate) mod alloc;
pub(crate) mod asan;
pub(crate) mod cargo;
pub(crate) mod frames;
pub(crate) mod libtest;
pub(crate) mod memcheck;
pub(crate) mod miri;
pub(crate) mod model;
pub(crate) mod panic;
pub(crate) mod tsan;

/// A report as a tool made it: paths as the tool wrote them, no site yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RawFinding {
    pub(crate) class: BugClass,
    /// One line.
    pub(crate) title: String,
    /// In the report's order, the faulting access first.
    pub(crate) stacks: Vec<Stack>,
    /// Target and test, where it is known.
    pub(crate) test: Option<String>,
    /// Why the report may have a cause outside the audited code.
    pub(crate) doubt: Option<String>,
}

impl RawFinding {
    pub(crate) fn new(class: BugClass, title: impl Into<String>) -> Self {
        Self {
            class,
            title: title.into(),
            stacks: Vec::new(),
            test: None,
            doubt: None,
        }
    }

    /// Adds a stack unless it is empty.
    pub(crate) fn stack(&mut self, label: &str, mut frames: Vec<Frame>) {
        frames::drop_harness(&mut frames);
        if !frames.is_empty() {
            self.stacks.push(Stack {
                label: label.to_owned(),
                frames,
            });
        }
    }
}

#[cfg(test)]
mod recorded_tests;

#[cfg(test)]
pub(crate) fn recorded(path: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/recorded");
    std::fs::read_to_string(root.join(path)).expect(path)
}
