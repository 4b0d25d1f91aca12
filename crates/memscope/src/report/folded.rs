//! Folded stacks, for flame graphs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Report;
use super::escape::folded;

impl Report {
    /// What is live as folded stacks: a line for each, `outermost;..;innermost bytes`, for `flamegraph.pl`, inferno or
    /// speedscope. What is live in no site is a line of its own. `;` in a name is written as `:`.
    ///
    /// ```
    /// # #[global_allocator]
    /// # static ALLOCATOR: memscope::Scoped = memscope::Scoped::system().with_stacks(memscope::Stacks::Unwind);
    /// let scope = memscope::Scope::new("work");
    /// let kept = scope.run(|| vec![0_u8; 12_345]);
    /// let folded = memscope::report::Report::take().to_folded();
    /// assert!(folded.lines().any(|line| line.contains(';') && line.ends_with(" 12345")));
    /// # drop(kept);
    /// ```
    #[must_use]
    pub fn to_folded(&self) -> String {
        // Calls that differ in their addresses alone are one line.
        let mut lines: BTreeMap<String, u64> = BTreeMap::new();
        for site in &self.sites {
            let names = site.frames.iter().rev().map(|frame| folded(&frame.name()));
            let stack = names.collect::<Vec<_>>().join(";");
            *lines.entry(stack).or_default() += site.bytes;
        }
        if self.untold.bytes != 0 {
            lines.insert("(untold)".to_owned(), self.untold.bytes);
        }
        let mut text = String::new();
        for (stack, bytes) in lines {
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "{stack} {bytes}");
        }
        text
    }
}
