//! Who owns what, for loops in debug mode.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

use super::abi::DestroyFn;
use super::id::Id;
use super::owned::Owned;

/// A piece of data that was handed over or lent, and has not come back.
struct Handoff {
    /// The first is 1.
    serial: u64,
    /// The call that did it.
    call: &'static str,
    /// What it was for.
    id: Id,
    data: usize,
    destroy: Option<DestroyFn>,
}

/// Each handoff from C's call to the destroy function's.
#[derive(Default)]
pub(super) struct Ledger {
    /// By the address of what counts the references.
    handoffs: BTreeMap<usize, Handoff>,
    /// How often the library owns a piece of data, to end it with this function.
    owned: BTreeMap<(usize, DestroyFn), u32>,
    last: u64,
    faults: Vec<String>,
}

impl Ledger {
    /// Whether the library owns this already, to destroy it with the same function.
    pub(super) fn owns(&self, owned: &Owned) -> bool {
        destroyed_by(owned).is_some_and(|it| self.owned.contains_key(&it))
    }

    pub(super) fn taken(&mut self, owned: &Rc<Owned>, call: &'static str, id: Id) {
        let key = Rc::as_ptr(owned).addr();
        if let Some(it) = destroyed_by(owned) {
            let times = self.owned.entry(it).or_default();
            *times += 1;
            if *times > 1 {
                let data = owned.data;
                self.faults
                    .push(format!("{call}: data {data:p} was handed over twice"));
            }
        }
        self.last += 1;
        let handoff = Handoff {
            serial: self.last,
            call,
            id,
            data: owned.data.addr(),
            destroy: owned.destroy,
        };
        self.handoffs.insert(key, handoff);
    }

    /// The last reference has gone.
    pub(super) fn returned(&mut self, key: usize) {
        let Some(it) = self.handoffs.remove(&key) else {
            self.faults
                .push(format!("data of {key:#x} was returned, and nobody gave it"));
            return;
        };
        let owned = it.destroy.map(|destroy| (it.data, destroy));
        if let Some(owned) = owned
            && let Some(times) = self.owned.get_mut(&owned)
        {
            *times -= 1;
            if *times == 0 {
                self.owned.remove(&owned);
            }
        }
    }

    pub(super) fn is_clean(&self) -> bool {
        self.handoffs.is_empty() && self.faults.is_empty()
    }

    /// A line for each thing that has not come back, in the order of the calls, then the faults.
    pub(super) fn text(&self, name_of: impl Fn(Id) -> Option<Rc<[u8]>>) -> String {
        let mut open: Vec<&Handoff> = self.handoffs.values().collect();
        open.sort_unstable_by_key(|it| it.serial);
        let mut text = format!("{} handoffs, {} open\n", self.last, open.len());
        for it in open {
            let name = name_of(it.id).map_or_else(String::new, |name| {
                format!(" `{}`", String::from_utf8_lossy(&name))
            });
            let owner = if it.destroy.is_some() {
                "the library owns it"
            } else {
                "the caller owns it"
            };
            // It cannot fail.
            _ = writeln!(
                text,
                "#{} {}: data {:#x} of {:#x}{name}: {owner}",
                it.serial,
                it.call,
                it.data,
                it.id.bits()
            );
        }
        for fault in &self.faults {
            text.push_str(fault);
            text.push('\n');
        }
        text
    }
}

/// The data and the function that ends it, if the library is to.
fn destroyed_by(owned: &Owned) -> Option<(usize, DestroyFn)> {
    Some((owned.data.addr(), owned.destroy?))
}
