//! The report for a terminal.

use std::fmt::{self, Write as _};

use super::escape::bytes;
use super::{Report, ScopeEntry, Site};

/// Scopes and sites that are written; JSON has all.
const SCOPES: usize = 200;
const SITES: usize = 50;

impl Report {
    /// The report as text: what [`Display`](fmt::Display) writes. Of more than 200 scopes and 50 sites the largest are
    /// written.
    ///
    /// ```
    /// let report = memscope::report::Report::take();
    /// assert!(report.to_text().starts_with("process: "));
    /// ```
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let process = self.process();
        // Without the peak, which is of what is in no scope.
        writeln!(
            f,
            "process: {}, {} bytes live ({} allocated, {} freed)",
            blocks(process.live()),
            process.live_bytes(),
            process.allocs,
            process.frees
        )?;
        writeln!(f, "\n{:>12} {:>12}  scopes", "live", "own")?;
        for at in self.largest(SCOPES) {
            scope(f, &self.scopes[at])?;
        }
        more(f, self.scopes.len(), SCOPES, "scopes")?;
        if self.sites.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nsites")?;
        for entry in self.sites.iter().take(SITES) {
            site(f, entry)?;
        }
        more(f, self.sites.len(), SITES, "sites")?;
        if self.untold.blocks != 0 {
            writeln!(
                f,
                "{} of {} in sites that could not be told apart",
                bytes(self.untold.bytes),
                blocks(self.untold.blocks)
            )?;
        }
        writeln!(f, "\nfiles")?;
        for file in self.files().iter().take(SITES) {
            let name = file.file.as_deref().unwrap_or("(unknown)");
            writeln!(
                f,
                "{:>12} of {} in {name}",
                bytes(file.bytes),
                blocks(file.blocks)
            )?;
        }
        Ok(())
    }
}

fn blocks(blocks: u64) -> String {
    let noun = if blocks == 1 { "block" } else { "blocks" };
    format!("{blocks} {noun}")
}

fn scope(f: &mut fmt::Formatter<'_>, scope: &ScopeEntry) -> fmt::Result {
    let mut name = scope.name.to_owned();
    if let Some(request) = scope.request {
        write!(name, "#{request}")?;
    }
    write!(
        f,
        "{:>12} {:>12}  {:indent$}{name}, {}",
        bytes(scope.inclusive.live_bytes()),
        bytes(scope.own.live_bytes()),
        "",
        blocks(scope.inclusive.live()),
        indent = 2 * scope.depth
    )?;
    if let Some(location) = scope.opened_at {
        write!(
            f,
            ", opened at {location}, {} ms ago",
            scope.age.as_millis()
        )?;
    }
    if scope.has_ended {
        write!(f, ", has ended")?;
    }
    writeln!(f)
}

fn site(f: &mut fmt::Formatter<'_>, site: &Site) -> fmt::Result {
    let location = site.location();
    let location = location.as_deref().unwrap_or("(unknown)");
    writeln!(
        f,
        "{:>12} of {} at {location}",
        bytes(site.bytes),
        blocks(site.blocks)
    )?;
    for frame in &site.frames {
        writeln!(f, "{:14}{}", "", frame.place())?;
    }
    Ok(())
}

fn more(f: &mut fmt::Formatter<'_>, all: usize, shown: usize, what: &str) -> fmt::Result {
    match all.checked_sub(shown) {
        None | Some(0) => Ok(()),
        Some(rest) => writeln!(f, "             and {rest} {what} more"),
    }
}
