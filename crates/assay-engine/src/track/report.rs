//! What a run of a program left.

use serde::Serialize;

/// A program that ran to its end, with the processes that it was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tracking {
    /// The form of this record; 1.
    pub schema_version: u32,
    /// What looked: `memscope-preload`, or Valgrind with its version.
    pub tool: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// How the program ended.
    pub ending: Ending,
    /// Its processes, in the order of their begin.
    pub processes: Vec<TrackedProcess>,
    /// Suppressions that nothing matched, by file and name.
    pub unmatched_suppressions: Vec<String>,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// One process, from its begin or the `exec` that made it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TrackedProcess {
    /// Its number.
    pub pid: u32,
    /// The number of its parent.
    pub parent: u32,
    /// Its arguments, joined by blanks.
    pub command: String,
    /// Allocations and frees; absent where the tool tells none.
    pub totals: Option<Totals>,
    /// Blocks that did not come back, by stack, most bytes first.
    pub leaks: Vec<TrackedLeak>,
    /// What was done wrong with blocks, or with memory.
    pub faults: Vec<TrackedFault>,
    /// Live bytes over time.
    pub growth: Vec<Sample>,
    /// What limits the report of this process.
    pub notes: Vec<String>,
}

/// Counts of a process. Bytes are those that the program asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Blocks that were allocated; a change of size counts as one, and as a free.
    pub allocations: u64,
    /// Blocks that were freed.
    pub frees: u64,
    /// Bytes of all allocated blocks.
    pub bytes: u64,
    /// Most bytes that were live at one time.
    pub peak_bytes: u64,
    /// Blocks that were live then.
    pub peak_blocks: u64,
    /// Blocks that are live at the end.
    pub live_blocks: u64,
    /// Their bytes.
    pub live_bytes: u64,
    /// Blocks that were live when the process was forked off, and that it did not free; not counted in the others.
    pub inherited_blocks: u64,
    /// Their bytes.
    pub inherited_bytes: u64,
}

/// Why blocks are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeakKind {
    /// No pointer to them is left.
    Lost,
    /// A pointer into them is left, or one to them in a block that is lost.
    Possible,
    /// They are live at the end; whether a pointer is left is not known.
    Live,
    /// A pointer to them is left.
    Reachable,
}

impl LeakKind {
    /// Whether the blocks are to be taken for leaked.
    #[must_use]
    pub fn is_leak(self) -> bool {
        matches!(self, Self::Lost | Self::Live)
    }

    /// The name that reports have.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Possible => "possibly lost",
            Self::Live => "live at the end",
            Self::Reachable => "still reachable",
        }
    }
}

/// Blocks of one stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrackedLeak {
    /// Why they are told.
    pub kind: LeakKind,
    /// How many there are.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes by which the stack's live blocks grew in the last part of the run; absent where that is not known.
    pub grew_bytes: Option<i64>,
    /// Who allocated them, innermost first.
    pub stack: Vec<TrackedFrame>,
    /// The suppression that they match.
    pub suppressed_by: Option<String>,
}

/// What was done wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// A free of an address that is no block's.
    NeverAllocated,
    /// A second free of a block.
    FreedTwice,
    /// A block of `malloc`, `new` or `new[]` that another family released.
    OtherFamily,
    /// What Valgrind calls so.
    Memcheck(String),
}

/// A fault, with its stacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrackedFault {
    /// What it is.
    pub kind: FaultKind,
    /// One line.
    pub title: String,
    /// How often the same stacks had it.
    pub times: u64,
    /// Stacks with what each shows.
    pub stacks: Vec<(String, Vec<TrackedFrame>)>,
    /// The suppression that it matches.
    pub suppressed_by: Option<String>,
}

/// What was live at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// Nanoseconds since the process began.
    pub ns: u64,
    /// Live bytes.
    pub bytes: u64,
    /// Live blocks.
    pub blocks: u64,
}

/// One frame of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct TrackedFrame {
    /// The function; absent where the file has no name for it.
    pub function: Option<String>,
    /// The source file.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The program or library.
    pub object: Option<String>,
    /// The address in that file; in the process where the file is not known.
    pub address: u64,
}

impl TrackedFrame {
    /// The function, or the file's name and the address in it.
    #[must_use]
    pub fn name(&self) -> String {
        let object = self.object.as_deref().unwrap_or("?");
        let file = object.rsplit('/').next().unwrap_or(object);
        self.function
            .clone()
            .unwrap_or_else(|| format!("{file}+{:#x}", self.address))
    }

    /// `FILE:LINE`, or the program or library.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (Some(file), None) => file.clone(),
            (None, _) => format!("in {}", self.object.as_deref().unwrap_or("unknown code")),
        }
    }

    /// Whether the source is not the standard library's.
    fn is_of_program(&self) -> bool {
        let of_std = |file: &str| file.starts_with("/rustc/") || file.contains("/lib/rustlib/");
        self.line.is_some() && !self.file.as_deref().is_some_and(of_std)
    }
}

/// The innermost frame that has a line and is not of the standard library; else the innermost.
#[must_use]
pub(crate) fn told_frame(stack: &[TrackedFrame]) -> Option<&TrackedFrame> {
    let own = stack.iter().find(|frame| frame.is_of_program());
    own.or_else(|| stack.first())
}

impl TrackedLeak {
    /// Whether it is a leak that no suppression matches.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.kind.is_leak() && self.suppressed_by.is_none()
    }

    /// The frame to look at first: the innermost with a line that is not of the standard library.
    #[must_use]
    pub fn culprit(&self) -> Option<&TrackedFrame> {
        told_frame(&self.stack)
    }
}
