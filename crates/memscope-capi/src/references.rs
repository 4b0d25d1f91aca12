//! What is created and released without being a block: references to coroutines, handles, registry entries.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::report;
use crate::scope::fail;
use crate::site::Site;
use crate::sync::{Mutex, MutexGuard, lock};

pub(crate) type Live = BTreeMap<(&'static str, u64), Site>;

/// Those that were created and not released: the kind, and where it was created.
static LIVE: Mutex<Live> = Mutex::new(BTreeMap::new());

/// Keeps other threads from them.
pub(crate) fn hold() -> MutexGuard<'static, Live> {
    lock(&LIVE)
}

pub(crate) fn create(kind: &'static str, id: u64, site: Site) {
    let before = memscope::outside(|| lock(&LIVE).insert((kind, id), site));
    if let Some(before) = before {
        fail(&format!(
            "{}: unbalanced reference: `{kind}` {id} is created again; it was created at {}",
            site.line(),
            before.line()
        ));
    }
}

pub(crate) fn release(kind: &'static str, id: u64, site: Site) {
    let found = memscope::outside(|| lock(&LIVE).remove(&(kind, id)));
    if found.is_none() {
        fail(&format!(
            "{}: unbalanced reference: `{kind}` {id} is released, and was not created or released before",
            site.line()
        ));
    }
}

/// How many of a kind are live.
pub(crate) fn live(kind: &'static str) -> u64 {
    let live = lock(&LIVE);
    live.range((kind, 0)..=(kind, u64::MAX)).count() as u64
}

/// Whether none of a kind is live; tells it if not.
pub(crate) fn check(kind: &'static str, context: &str, site: Site) -> bool {
    let text = memscope::outside(|| told(|(other, _)| *other == kind));
    if !text.is_empty() {
        fail(&format!(
            "{}: {context}: unbalanced reference: not released:{text}",
            site.line()
        ));
    }
    text.is_empty()
}

/// Tells of all that are live.
pub(crate) fn check_at_end() {
    let text = told(|_| true);
    if !text.is_empty() {
        report::write(
            format!(
                "memscope: unbalanced reference: not released before the process ended:{text}\n"
            )
            .as_bytes(),
        );
        report::failed();
    }
}

fn told(wanted: impl Fn(&(&'static str, u64)) -> bool) -> String {
    let mut text = String::new();
    for ((kind, id), site) in lock(&LIVE).iter().filter(|(key, _)| wanted(key)) {
        // Writing to a string does not fail.
        let _ = write!(text, "\n  {}: `{kind}` {id}", site.line());
    }
    text
}
