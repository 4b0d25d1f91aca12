//! What is told of a scope that is not neutral.

use std::cmp::Reverse;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::balance::{LiveReferences, References};
use crate::books::{self, Account, Description, SiteSums};
use crate::budget::Budget;
use crate::outside::outside;
use crate::report::{Json, millis};
use crate::symbols;
use crate::usage::Usage;

/// Blocks of a scope are live where none should be.
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// let scope = memscope::Scope::for_request("request", 7);
/// let kept = scope.run(|| Box::new(1_u64));
/// let leak = scope.end().unwrap_err();
/// assert_eq!(leak.path(), "request#7");
/// assert_eq!(leak.opened_at().unwrap().file(), file!());
/// # drop(kept);
/// ```
#[derive(Clone)]
pub struct NotNeutral {
    details: Box<Details>,
}

#[derive(Clone, Debug)]
struct Details {
    scope: Description,
    usage: Usage,
    baseline: Usage,
    inside: Vec<(Description, Usage)>,
    sites: Vec<LeakSite>,
    references: Vec<LiveReferences>,
    /// Of scopes with this name.
    budget: Budget,
}

impl NotNeutral {
    /// `baseline` is what was live when counting began, and `before` where it was from.
    #[cold]
    pub(crate) fn of(account: Account, usage: Usage, baseline: Usage, before: &SiteSums) -> Self {
        // The report is nobody's leak.
        outside(|| Self::tell(account, usage, baseline, before))
    }

    fn tell(account: Account, usage: Usage, baseline: Usage, before: &SiteSums) -> Self {
        let inside = books::not_neutral_inside(account)
            .into_iter()
            .map(|inner| (books::describe(inner), books::own_usage(inner)))
            .collect();
        let mut sites: Vec<LeakSite> = books::sites_since(account, before)
            .into_iter()
            .map(LeakSite::of)
            .collect();
        sites.sort_by_key(|site| Reverse(site.bytes));
        Self {
            details: Box::new(Details {
                scope: books::describe(account),
                usage,
                baseline,
                inside,
                sites,
                references: Vec::new(),
                budget: Budget::NONE,
            }),
        }
    }

    /// What was allocated and freed, in the scope and in those inside it.
    ///
    /// ```
    /// # let scope = memscope::Scope::new("work");
    /// if let Err(leak) = scope.check_neutral() {
    ///     println!("{} bytes", leak.usage().live_bytes());
    /// }
    /// ```
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.details.usage
    }

    /// The names of the scopes from the outermost to this one.
    ///
    /// ```
    /// # let scope = memscope::Scope::new("work");
    /// if let Err(leak) = scope.check_neutral() {
    ///     println!("leak in {}", leak.path());
    /// }
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        &self.details.scope.path
    }

    /// Where the scope was made; `None` for the process.
    ///
    /// ```
    /// # let scope = memscope::Scope::new("work");
    /// if let Err(leak) = scope.check_neutral() {
    ///     println!("{:?}", leak.opened_at());
    /// }
    /// ```
    #[must_use]
    pub fn opened_at(&self) -> Option<&'static Location<'static>> {
        self.details.scope.opened_at
    }

    /// How long the scope had been there: what is live is not older.
    ///
    /// ```
    /// # let scope = memscope::Scope::new("work");
    /// if let Err(leak) = scope.check_neutral() {
    ///     println!("after {} ms", leak.age().as_millis());
    /// }
    /// ```
    #[must_use]
    pub fn age(&self) -> Duration {
        self.details.scope.age
    }

    /// Which calls allocated what is live, most bytes first; empty unless the allocator notes
    /// [stacks](crate::Scoped::with_stacks).
    ///
    /// Sites are told apart by sums, which takes the same space however many there are: up to some twenty sites are
    /// told exactly, with few exceptions. Blocks of sites that cannot be told apart are one entry without a stack.
    ///
    /// ```
    /// # let scope = memscope::Scope::new("work");
    /// if let Err(leak) = scope.check_neutral() {
    ///     for site in leak.sites() {
    ///         println!("{} bytes from {:?}", site.bytes, site.location);
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn sites(&self) -> &[LeakSite] {
        &self.details.sites
    }

    /// The same as JSON: one object.
    ///
    /// | key | value |
    /// |---|---|
    /// | `format`, `version` | `"memscope-leak"`, 1 |
    /// | `scope`, `opened_at`, `age_ms` | [`path`](Self::path), [`opened_at`](Self::opened_at) (`file`, `line`, `column`, or null), [`age`](Self::age) |
    /// | `blocks`, `bytes` | what did not come back; negative where more came back than was live when counting began |
    /// | `usage` | [`usage`](Self::usage), with the keys of [`Report::to_json`](crate::report::Report::to_json) |
    /// | `sites` | [`sites`](Self::sites): `blocks`, `bytes`, `location` (or null), `frames` (addresses, as text) |
    /// | `references` | [`references`](Self::references): `name`, `created_at`, `count` |
    /// | `inside` | the scopes inside with live blocks of their own: `scope`, `opened_at`, `usage` |
    ///
    /// ```
    /// # let scope = memscope::Scope::new("work");
    /// if let Err(leak) = scope.check_neutral() {
    ///     println!("{}", leak.to_json());
    /// }
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        outside(|| self.json())
    }

    fn json(&self) -> String {
        let (blocks, bytes) = self.live();
        let Details {
            scope,
            usage,
            inside,
            sites,
            references,
            ..
        } = &*self.details;
        Json::object(|json| {
            json.string("format", "memscope-leak");
            json.number("version", 1);
            json.string("scope", &scope.path);
            json.location("opened_at", scope.opened_at);
            json.number("age_ms", millis(scope.age));
            json.signed("blocks", blocks);
            json.signed("bytes", bytes);
            json.usage("usage", usage);
            json.objects("sites", sites, |json, site| {
                json.number("blocks", site.blocks);
                json.number("bytes", site.bytes);
                let location = site.location.as_deref();
                json.optional("location", location, Json::string_value);
                json.array("frames", &site.frames, |json, frame| {
                    json.string_value(&format!("{frame:#x}"));
                });
            });
            json.objects("references", references, |json, it| {
                json.string("name", it.name);
                json.location("created_at", Some(it.created_at));
                json.signed("count", it.count);
            });
            json.objects("inside", inside, |json, (inner, usage)| {
                json.string("scope", &inner.path);
                json.location("opened_at", inner.opened_at);
                json.usage("usage", usage);
            });
        })
    }

    /// The references that were created and not released, by kind and line; see [`Balance`](crate::Balance).
    ///
    /// ```
    /// # let scope = memscope::Scope::new("work");
    /// if let Err(leak) = scope.check_neutral() {
    ///     for references in leak.references() {
    ///         println!("{} of {}", references.count, references.name);
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn references(&self) -> &[LiveReferences] {
        &self.details.references
    }

    /// What else did not come back.
    pub(crate) fn with_references(mut self, now: &References, before: &References) -> Self {
        self.details.references = outside(|| now.since(before));
        self
    }

    /// The name of the scope itself.
    pub(crate) fn name(&self) -> &'static str {
        self.details.scope.name
    }

    /// What would have been allowed.
    pub(crate) fn set_budget(&mut self, budget: Budget) {
        self.details.budget = budget;
    }

    /// Blocks and bytes that are live, less those that were when counting began.
    pub(crate) fn live(&self) -> (i64, i64) {
        let Details {
            usage, baseline, ..
        } = &*self.details;
        (
            usage.live().wrapping_sub(baseline.live()).cast_signed(),
            usage
                .live_bytes()
                .wrapping_sub(baseline.live_bytes())
                .cast_signed(),
        )
    }
}

impl fmt::Display for NotNeutral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (blocks, bytes) = self.live();
        let noun = if blocks == 1 { "block" } else { "blocks" };
        let Details {
            scope,
            inside,
            sites,
            references,
            budget,
            ..
        } = &*self.details;
        write!(
            f,
            "{blocks} {noun} of {bytes} bytes in all did not come back in scope `{}`",
            scope.path
        )?;
        if let Some(location) = scope.opened_at {
            write!(
                f,
                " (opened at {location}, {} ms ago)",
                scope.age.as_millis()
            )?;
        }
        if *budget != Budget::NONE {
            write!(f, ", of a budget of {budget}")?;
        }
        for site in sites {
            write!(f, "\n  {site}")?;
        }
        for LiveReferences {
            name,
            created_at,
            count,
        } in references
        {
            let noun = if *count == 1 {
                "reference"
            } else {
                "references"
            };
            write!(f, "\n  {count} {noun} `{name}` created at {created_at}")?;
        }
        for (inner, usage) in inside {
            write!(f, "\n  of these in `{}`: {usage}", inner.path)?;
            if let Some(location) = inner.opened_at {
                write!(f, ", opened at {location}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for NotNeutral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What `unwrap` prints, so that it is to be read.
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for NotNeutral {}

/// A call that allocated blocks which are live.
///
/// ```
/// # #[global_allocator]
/// # static ALLOCATOR: memscope::Scoped = memscope::Scoped::system().with_stacks(memscope::Stacks::Unwind);
/// let scope = memscope::Scope::new("work");
/// let kept = scope.run(|| Box::new([0_u8; 100]));
/// let leak = scope.end().unwrap_err();
/// assert!(leak.sites()[0].to_string().starts_with("1 block of 100 bytes allocated at "));
/// # drop(kept);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeakSite {
    /// Blocks that are live.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Return addresses of the call, innermost first; they begin in the allocator.
    pub frames: Vec<usize>,
    /// File and line of the innermost call that is in none of the standard library, `alloc`, `core` and this crate; where
    /// the program has debug information (lines are enough).
    pub location: Option<String>,
}

impl LeakSite {
    fn of((frames, blocks, bytes): (Vec<usize>, u64, u64)) -> Self {
        Self {
            blocks,
            bytes,
            location: symbols::location(&frames),
            frames,
        }
    }
}

impl fmt::Display for LeakSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.blocks == 1 { "block" } else { "blocks" };
        write!(f, "{} {noun} of {} bytes", self.blocks, self.bytes)?;
        match &self.location {
            Some(location) => write!(f, " allocated at {location}"),
            None if self.frames.is_empty() => {
                f.write_str(" of several sites, or of none that was found")
            }
            None => {
                f.write_str(" allocated from")?;
                self.frames
                    .iter()
                    .try_for_each(|frame| write!(f, " {frame:#x}"))
            }
        }
    }
}
