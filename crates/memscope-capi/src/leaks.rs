//! Live blocks by file and line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use memscope::raw_parts::RawScope;

use crate::registry::{self, Block};
use crate::report;
use crate::site::{Line, Site};

/// Blocks and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) blocks: u64,
    pub(crate) bytes: u64,
}

impl Sum {
    fn add(&mut self, bytes: usize) {
        self.blocks += 1;
        self.bytes += bytes as u64;
    }
}

/// Live blocks by the line that allocated them, and the scope.
#[derive(Debug, Default)]
pub(crate) struct Live {
    of: BTreeMap<(Site, u32), Sum>,
    all: Sum,
}

#[derive(Default)]
struct OfFile {
    whole: Sum,
    lines: Vec<(Line, u32, Sum)>,
}

/// The live blocks that `wanted` says yes to. Complexity: linear in the memory that ever had blocks.
pub(crate) fn live(wanted: impl Fn(&Block) -> bool) -> Live {
    let mut live = Live::default();
    registry::for_each_live(|_, block| {
        if wanted(&block) {
            live.of
                .entry((block.site, block.scope))
                .or_default()
                .add(block.size);
            live.all.add(block.size);
        }
    });
    live
}

impl Live {
    pub(crate) fn all(&self) -> Sum {
        self.all
    }

    /// The lines, grouped by file; in a file the ones with most bytes first.
    pub(crate) fn lines(&self) -> String {
        let mut files: BTreeMap<&str, OfFile> = BTreeMap::new();
        for ((site, scope), sum) in &self.of {
            let line = site.line();
            let file = files.entry(line.file).or_default();
            file.whole.blocks += sum.blocks;
            file.whole.bytes += sum.bytes;
            file.lines.push((line, *scope, *sum));
        }
        let mut text = String::new();
        for (file, OfFile { whole, mut lines }) in files {
            lines.sort_by_key(|(line, _, sum)| (std::cmp::Reverse(sum.bytes), *line));
            // Writing to a string does not fail.
            let _ = writeln!(text, "  {file}: {}", amount(whole));
            for (line, scope, sum) in lines {
                let _ = writeln!(
                    text,
                    "    {line}: {} in scope `{}`",
                    amount(sum),
                    path(scope)
                );
            }
        }
        text
    }
}

fn path(scope: u32) -> String {
    RawScope::of(scope).map_or_else(|| "not counted".to_owned(), RawScope::path)
}

pub(crate) fn amount(sum: Sum) -> String {
    let noun = if sum.blocks == 1 { "block" } else { "blocks" };
    format!("{} {noun} of {} bytes", sum.blocks, sum.bytes)
}

/// Tells of blocks that should not be there, and counts as a failure.
#[cold]
pub(crate) fn tell(head: &str, live: &Live) {
    let text = format!("memscope: {head}\n{}", live.lines());
    report::write(text.as_bytes());
    report::failed();
}
