//! All accounts at one look.

use std::panic::Location;
use std::time::Duration;

use crate::usage::Usage;

/// The account of a scope, or of the process.
#[derive(Clone, Debug)]
pub(crate) struct Surveyed {
    pub(crate) name: &'static str,
    pub(crate) request: Option<u64>,
    /// Where in the survey the scope is that it lies in.
    pub(crate) parent: Option<usize>,
    pub(crate) opened_at: Option<&'static Location<'static>>,
    pub(crate) age: Duration,
    pub(crate) has_ended: bool,
    pub(crate) own: Usage,
    /// With all that is and was inside it.
    pub(crate) inclusive: Usage,
    /// Number, blocks and bytes of the sites of its own live blocks.
    pub(crate) sites: Vec<(u32, u64, u64)>,
}

/// The process and all unfinished scopes, each after the one that it lies in; with the sites of live blocks if asked for.
#[cfg(feature = "enabled")]
pub(crate) fn survey(with_sites: bool) -> Vec<Surveyed> {
    // First of all, so that what the survey itself allocates is not in it.
    let process = with_sites.then(seen::process_sites).flatten();
    let mut entries = seen::entries();
    if let Some(process) = process {
        seen::add_sites(&mut entries, process);
    }
    entries.into_iter().map(|entry| entry.surveyed).collect()
}

#[cfg(not(feature = "enabled"))]
pub(crate) fn survey(_with_sites: bool) -> Vec<Surveyed> {
    Vec::new()
}

#[cfg(feature = "enabled")]
mod seen {
    use super::{Duration, Surveyed};
    use crate::ledger::{Account, Contents};
    use crate::local::LEDGER;
    use crate::sites;

    pub(super) struct Entry {
        account: Account,
        pub(super) surveyed: Surveyed,
    }

    pub(super) fn entries() -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        // The scopes that the one at hand lies in, from the outermost.
        let mut around: Vec<usize> = Vec::new();
        LEDGER.survey(|account, own, ended| {
            let about = account.slot.about();
            while let Some(outer) = around.last()
                && entries[*outer].account.id != about.parent
            {
                around.pop();
            }
            let parent = around.last().copied();
            around.push(entries.len());
            entries.push(Entry {
                account,
                surveyed: Surveyed {
                    name: about.name,
                    request: about.request,
                    parent,
                    opened_at: about.opened_at,
                    age: about
                        .opened
                        .map_or(Duration::ZERO, |opened| opened.elapsed()),
                    has_ended: parent.is_some() && !account.slot.has_handles(),
                    own,
                    inclusive: own.plus(&ended),
                    sites: Vec::new(),
                },
            });
        });
        include_inner(&mut entries);
        entries
    }

    /// From the last to the first: what lies in a scope comes after it.
    fn include_inner(entries: &mut [Entry]) {
        for at in (0..entries.len()).rev() {
            let Surveyed {
                inclusive, parent, ..
            } = entries[at].surveyed;
            if let Some(parent) = parent {
                let outer = &mut entries[parent].surveyed;
                outer.inclusive = outer.inclusive.plus(&inclusive);
            }
        }
    }

    pub(super) fn process_sites() -> Option<Contents> {
        LEDGER.root().map(|root| LEDGER.contents(root))
    }

    /// Not under the lock of the tree. What has ended meanwhile has no cells any more.
    pub(super) fn add_sites(entries: &mut [Entry], process: Contents) {
        let mut process = Some(process);
        for entry in entries {
            let contents = process
                .take()
                .unwrap_or_else(|| LEDGER.contents(entry.account));
            let (found, _) = contents.take_apart(sites::all());
            entry.surveyed.sites = found
                .into_iter()
                .map(|(site, content)| (site.to_bits(), content.blocks, content.bytes))
                .collect();
        }
    }
}
