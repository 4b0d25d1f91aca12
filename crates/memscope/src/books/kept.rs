//! The accounts of this process.

use std::collections::BTreeSet;
use std::panic::Location;
use std::time::{Duration, Instant};

use crate::ledger::{About, SiteId};
pub(crate) use crate::ledger::{Account, Contents as SiteSums};
use crate::local::LEDGER;
pub(crate) use crate::local::{Entry, current, enter, leave};
use crate::sites;
use crate::usage::Usage;

pub(crate) fn root() -> Option<Account> {
    LEDGER.root()
}

/// A new scope inside another, with one handle.
pub(crate) fn open(
    parent: Account,
    name: &'static str,
    request: Option<u64>,
    opened_at: &'static Location<'static>,
) -> Option<Account> {
    LEDGER.open(About {
        name,
        request,
        parent: parent.id,
        opened_at: Some(opened_at),
        opened: Some(Instant::now()),
    })
}

/// The innermost scope around that has not ended, with one handle more; `None` for the process.
pub(crate) fn around(account: Account) -> Option<Account> {
    LEDGER.around(account)
}

pub(crate) fn add_handle(account: Account) {
    account.slot.add_handle();
}

pub(crate) fn drop_handle(account: Account) {
    LEDGER.drop_handle(account);
}

/// What was done in the scope and in those inside it.
pub(crate) fn usage(account: Account) -> Usage {
    LEDGER.inclusive(account)
}

/// What was done in the scope itself.
pub(crate) fn own_usage(account: Account) -> Usage {
    LEDGER.own(account)
}

/// How a scope is told of.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    /// From the outermost on, the process aside.
    pub(crate) path: String,
    pub(crate) name: &'static str,
    pub(crate) opened_at: Option<&'static Location<'static>>,
    pub(crate) age: Duration,
}

pub(crate) fn describe(account: Account) -> Description {
    let mut own = About::default();
    let mut names = Vec::new();
    LEDGER.for_each_around(account, |about| {
        if names.is_empty() {
            own = about;
        }
        names.push(match about.request {
            Some(request) => format!("{}#{request}", about.name),
            None => about.name.to_owned(),
        });
    });
    Description {
        path: path(names),
        name: own.name,
        opened_at: own.opened_at,
        age: own.opened.map_or(Duration::ZERO, |opened| opened.elapsed()),
    }
}

/// The names from the outermost on.
fn path(mut names: Vec<String>) -> String {
    // The process is the outermost of all, and is named where it stands alone.
    if names.len() > 1 {
        names.pop();
    }
    names.reverse();
    names.join(" > ")
}

/// The unfinished scopes inside this one that have live blocks of their own.
pub(crate) fn not_neutral_inside(account: Account) -> Vec<Account> {
    let mut found = Vec::new();
    LEDGER.for_each_inside(account, |inner| {
        if !LEDGER.own(inner).is_neutral() {
            found.push(inner);
        }
    });
    found
}

/// The numbers of the scope and of the unfinished ones inside it.
pub(crate) fn numbers(account: Account) -> BTreeSet<u32> {
    let mut found = BTreeSet::from([account.id.to_bits()]);
    LEDGER.for_each_inside(account, |inner| {
        found.insert(inner.id.to_bits());
    });
    found
}

/// The sums of sites of the scope and of those inside it.
pub(crate) fn site_sums(account: Account) -> SiteSums {
    let mut sums = LEDGER.contents(account);
    LEDGER.for_each_inside(account, |inner| {
        sums = sums.plus(&LEDGER.contents(inner));
    });
    sums
}

/// Blocks and bytes that became live since `before`, by the stack that allocated them; without a stack those of sites that
/// cannot be told apart.
pub(crate) fn sites_since(account: Account, before: &SiteSums) -> Vec<(Vec<usize>, u64, u64)> {
    let (found, left) = site_sums(account).since(before).take_apart(sites::all());
    let mut told: Vec<_> = found
        .into_iter()
        .map(|(site, content)| (frames(site.to_bits()), content.blocks, content.bytes))
        .collect();
    if left.blocks != 0 {
        told.push((Vec::new(), left.blocks, left.bytes));
    }
    told
}

/// The return addresses of the stack with this number.
pub(crate) fn frames(site: u32) -> Vec<usize> {
    let frames = sites::frames(SiteId::from_bits(site)).into_iter();
    frames.take_while(|frame| *frame != 0).collect()
}
