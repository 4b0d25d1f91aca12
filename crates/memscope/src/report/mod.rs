//! Reports: what is live, in which scopes, from which calls.
//!
//! [`Report::take`] looks at everything once, and gives names to the calls that it found; its methods write that as
//! text, JSON, folded stacks, in the formats of DHAT's viewer and of pprof, and as an HTML page. [`Counters`] are the
//! figures alone, for a look each second: they ask for no names. [`Growth`] keeps how the heap grew in bounded memory.
//!
//! ```
//! use memscope::report::Report;
//! use memscope::{Scope, Scoped, Stacks};
//!
//! #[global_allocator]
//! static ALLOCATOR: Scoped = Scoped::system().with_stacks(Stacks::Unwind);
//!
//! let request = Scope::for_request("GET /orders", 42);
//! let orders = request.run(|| vec![0_u8; 1000]);
//! let report = Report::take();
//! let scope = &report.scopes()[1];
//! assert_eq!((scope.path.as_str(), scope.own.live_bytes()), ("GET /orders#42", 1000));
//! assert!(report.to_text().contains("GET /orders#42"));
//! # drop(orders);
//! ```
//!
//! # What the sites of a report can tell
//!
//! Which calls allocated what is live is kept for each scope in [sums of constant size](crate::LeakSite): some twenty
//! sites of a scope are told apart, and with more of them fewer. What is left is told as `untold` blocks and bytes. A
//! program with thousands of live sites outside all scopes gets its scopes' sites told, and hardly those of the process.
//!
//! A report is taken while other threads are at work. Each scope's figures are of a moment of their own; sites of scopes
//! that are busy meanwhile may be untold.

mod counters;
mod dhat;
mod escape;
mod folded;
mod growth;
mod html;
mod json;
mod pprof;
mod prometheus;
mod site;
mod take;
mod text;

use std::panic::Location;
use std::time::{Duration, SystemTime};

use crate::usage::Usage;

pub use counters::{Counters, NameCounters};
pub use growth::{Growth, GrowthPoint};
pub use site::{Frame, Site};

pub(crate) use json::{Json, millis};

/// What is live, at one look.
///
/// ```
/// let scope = memscope::Scope::new("work");
/// let report = memscope::report::Report::take();
/// # #[cfg(feature = "enabled")]
/// assert_eq!(report.scopes().last().unwrap().name, "work");
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    taken: SystemTime,
    scopes: Vec<ScopeEntry>,
    sites: Vec<Site>,
    untold: Untold,
    growth: Vec<GrowthPoint>,
}

/// The account of an unfinished scope, or of the process.
///
/// ```
/// let report = memscope::report::Report::take();
/// # #[cfg(feature = "enabled")]
/// assert_eq!((report.scopes()[0].name, report.scopes()[0].parent), ("process", None));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScopeEntry {
    /// Its name; `process` for the first.
    pub name: &'static str,
    /// The number of its request, if it was opened for one.
    pub request: Option<u64>,
    /// Names and requests from the outermost scope to this one, as [`ScopeHandle::path`](crate::ScopeHandle::path).
    pub path: String,
    /// Where among the report's scopes the one stands that it lies in; `None` for the process.
    pub parent: Option<usize>,
    /// In how many scopes it lies, the process included.
    pub depth: usize,
    /// Where it was opened; `None` for the process.
    pub opened_at: Option<&'static Location<'static>>,
    /// How long ago.
    pub age: Duration,
    /// Whether all its handles are gone: it waits for its last blocks, or for scopes inside it.
    pub has_ended: bool,
    /// What was done in it.
    pub own: Usage,
    /// What was done in it and in all scopes inside it, ended ones included. The peak is its own.
    pub inclusive: Usage,
    /// Sites of its own live blocks, most bytes first.
    pub sites: Vec<SiteShare>,
}

/// What a scope has live from one site.
///
/// ```
/// for scope in memscope::report::Report::take().scopes() {
///     assert!(scope.sites.iter().all(|share| share.blocks != 0));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiteShare {
    /// Where the site stands among the report's.
    pub site: usize,
    /// Live blocks.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Live blocks whose sites were not found.
///
/// ```
/// let untold = memscope::report::Report::take().untold();
/// assert!(untold.bytes == 0 || untold.blocks != 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Untold {
    /// Blocks.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What is live from the calls in one file.
///
/// ```
/// for file in memscope::report::Report::take().files() {
///     println!("{:>12} bytes from {}", file.bytes, file.file.as_deref().unwrap_or("unknown"));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileEntry {
    /// The file of the innermost call that is the program's own; `None` where that is not known.
    pub file: Option<String>,
    /// Live blocks.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Report {
    /// Looks at everything that is live.
    ///
    /// What the report itself allocates is on the account of the process. Complexity: the unfinished scopes times the
    /// threads; where stacks are noted also the scopes with live blocks times the sites that the program has seen, and
    /// the debug information is read for each address. What is read of it stays in memory, on the account of the
    /// process: some MiB from the first report on.
    ///
    /// ```
    /// let report = memscope::report::Report::take();
    /// assert!(report.process().allocs >= report.process().frees);
    /// ```
    #[must_use]
    pub fn take() -> Self {
        crate::outside(take::report)
    }

    /// Shows how the heap grew in the JSON and HTML forms.
    ///
    /// ```
    /// use memscope::report::{Growth, Report};
    ///
    /// let mut growth = Growth::new(100);
    /// growth.tick();
    /// assert!(Report::take().with_growth(&growth).to_html().contains("Heap over time"));
    /// ```
    #[must_use]
    pub fn with_growth(mut self, growth: &Growth) -> Self {
        self.growth = crate::outside(|| growth.points().to_vec());
        self
    }

    /// What the process allocated and freed, in all scopes and outside; zeros without the feature `enabled`.
    ///
    /// ```
    /// println!("{}", memscope::report::Report::take().process());
    /// ```
    #[must_use]
    pub fn process(&self) -> Usage {
        self.scopes
            .first()
            .map_or_else(Usage::default, |process| process.inclusive)
    }

    /// When it was taken.
    ///
    /// ```
    /// assert!(memscope::report::Report::take().taken() <= std::time::SystemTime::now());
    /// ```
    #[must_use]
    pub fn taken(&self) -> SystemTime {
        self.taken
    }

    /// The process and all unfinished scopes, each after the one that it lies in.
    ///
    /// ```
    /// for scope in memscope::report::Report::take().scopes() {
    ///     println!("{:indent$}{}: {}", "", scope.name, scope.inclusive, indent = 2 * scope.depth);
    /// }
    /// ```
    #[must_use]
    pub fn scopes(&self) -> &[ScopeEntry] {
        &self.scopes
    }

    /// The calls that allocated what is live, most bytes first; empty unless the allocator notes
    /// [stacks](crate::Scoped::with_stacks).
    ///
    /// ```
    /// for site in memscope::report::Report::take().sites() {
    ///     println!("{} bytes from {:?}", site.bytes, site.location());
    /// }
    /// ```
    #[must_use]
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// What is live and in none of the sites.
    ///
    /// ```
    /// let report = memscope::report::Report::take();
    /// let told: u64 = report.sites().iter().map(|site| site.bytes).sum();
    /// println!("{told} bytes of known sites, {} of others", report.untold().bytes);
    /// ```
    #[must_use]
    pub fn untold(&self) -> Untold {
        self.untold
    }

    /// The sites by the file of the innermost call that is the program's own, most bytes first.
    ///
    /// ```
    /// assert!(memscope::report::Report::take().files().is_sorted_by(|a, b| a.bytes >= b.bytes));
    /// ```
    #[must_use]
    pub fn files(&self) -> Vec<FileEntry> {
        let mut files: Vec<FileEntry> = Vec::new();
        let mut numbers = std::collections::HashMap::new();
        for site in &self.sites {
            let at = *numbers.entry(site.file()).or_insert_with(|| {
                files.push(FileEntry {
                    file: site.file().map(str::to_owned),
                    blocks: 0,
                    bytes: 0,
                });
                files.len() - 1
            });
            files[at].blocks += site.blocks;
            files[at].bytes += site.bytes;
        }
        files.sort_by_key(|file| std::cmp::Reverse(file.bytes));
        files
    }

    /// Indices of the scopes to show where there is room for `limit`: those with the most live bytes, in their order.
    /// What lies around a scope has no fewer bytes, and comes with it.
    fn largest(&self, limit: usize) -> Vec<usize> {
        let mut indices: Vec<usize> = (0..self.scopes.len()).collect();
        indices.sort_by_key(|at| std::cmp::Reverse(self.scopes[*at].inclusive.live_bytes()));
        indices.truncate(limit);
        indices.sort_unstable();
        indices
    }
}
