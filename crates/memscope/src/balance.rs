//! What is made and given back, and is no block: coroutines, handles of C, connections.

use std::panic::Location;

use crate::books::Account;
#[cfg(feature = "enabled")]
use crate::{books, scope::ScopeHandle};

/// A kind of reference that is to be released as often as it is created.
///
/// The references that a scope creates are to be released when it ends, as its blocks are to be freed: what is missing is in
/// the same [report](crate::NotNeutral), with the line that created it. A scope is told of those of the scopes inside it too.
///
/// ```
/// use memscope::{Balance, Scope};
///
/// static COROUTINES: Balance = Balance::new("coroutine");
///
/// let scope = Scope::new("request");
/// let coroutine = scope.run(|| COROUTINES.created());
/// # #[cfg(feature = "enabled")] {
/// let leak = scope.check_neutral().unwrap_err();
/// assert!(leak.to_string().contains("1 reference `coroutine` created at "));
/// assert_eq!(leak.references()[0].count, 1);
/// # }
/// coroutine.released();
/// scope.end()?;
/// # Ok::<(), memscope::NotNeutral>(())
/// ```
#[derive(Debug)]
pub struct Balance {
    name: &'static str,
}

impl Balance {
    /// A kind with a name for reports.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// The name.
    ///
    /// ```
    /// assert_eq!(memscope::Balance::new("file").name(), "file");
    /// ```
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Counts a reference for the scope that the calling thread is in, until the token is dropped, on whatever thread.
    ///
    /// A token that is forgotten is a reference that is never released.
    ///
    /// ```
    /// static FILES: memscope::Balance = memscope::Balance::new("file");
    /// let file = FILES.created();
    /// # #[cfg(feature = "enabled")]
    /// assert_eq!(FILES.live(), 1);
    /// drop(file);
    /// assert_eq!(FILES.live(), 0);
    /// ```
    #[must_use = "the reference is released when the token is dropped"]
    #[track_caller]
    #[inline]
    pub fn created(&self) -> Reference {
        #[cfg(feature = "enabled")]
        return Reference::new(self.name, Location::caller());
        #[cfg(not(feature = "enabled"))]
        Reference {}
    }

    /// How many references of this name are live in the process: 0 is what a program should end with.
    ///
    /// ```
    /// static SOCKETS: memscope::Balance = memscope::Balance::new("socket");
    /// assert_eq!(SOCKETS.live(), 0);
    /// ```
    #[must_use]
    pub fn live(&self) -> u64 {
        #[cfg(feature = "enabled")]
        return counts::of_name(self.name);
        #[cfg(not(feature = "enabled"))]
        0
    }
}

/// A reference that was created, and is released when this is dropped.
#[derive(Debug)]
#[must_use = "the reference is released when this is dropped"]
pub struct Reference {
    /// `None` where there was no memory for a single account.
    #[cfg(feature = "enabled")]
    held: Option<Held>,
}

#[cfg(feature = "enabled")]
#[derive(Debug)]
struct Held {
    key: counts::Key,
    /// So that the scope is there to be told of it, and so that no other gets its number.
    _scope: ScopeHandle,
}

impl Reference {
    #[cfg(feature = "enabled")]
    fn new(name: &'static str, created_at: &'static Location<'static>) -> Self {
        let held = ScopeHandle::current().map(|scope| {
            let key = (scope.account().id.to_bits(), name, created_at);
            counts::add(key);
            Held { key, _scope: scope }
        });
        Self { held }
    }

    /// Releases it, as its drop does.
    ///
    /// ```
    /// memscope::Balance::new("timer").created().released();
    /// ```
    #[inline]
    pub fn released(self) {
        let _released = self;
    }
}

#[cfg(feature = "enabled")]
impl Drop for Reference {
    fn drop(&mut self) {
        if let Some(held) = &self.held {
            counts::take(&held.key);
        }
    }
}

/// References of one kind and line that are live.
///
/// ```
/// # use memscope::{Balance, Scope};
/// # let scope = Scope::new("scope");
/// # let reference = scope.run(|| Balance::new("job").created());
/// # #[cfg(feature = "enabled")]
/// let leak = scope.end().unwrap_err();
/// # #[cfg(feature = "enabled")]
/// assert_eq!(leak.references()[0].created_at.file(), file!());
/// # drop(reference);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveReferences {
    /// The name of the [`Balance`].
    pub name: &'static str,
    /// Where they were created.
    pub created_at: &'static Location<'static>,
    /// How many are live; negative where fewer are than when counting began.
    pub count: i64,
}

/// What is live in a scope and in those inside it, by name and line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct References {
    #[cfg(feature = "enabled")]
    counts: std::collections::BTreeMap<(&'static str, &'static Location<'static>), i64>,
}

impl References {
    #[inline]
    pub(crate) fn of(account: Account) -> Self {
        #[cfg(feature = "enabled")]
        return Self {
            counts: counts::of_scopes(|| books::numbers(account)),
        };
        #[cfg(not(feature = "enabled"))]
        {
            let _: Account = account;
            Self {}
        }
    }

    /// Whether none came since.
    pub(crate) fn is_within(&self, before: &Self) -> bool {
        self.since(before).iter().all(|it| it.count < 0)
    }

    /// What came since, and what went.
    pub(crate) fn since(&self, before: &Self) -> Vec<LiveReferences> {
        #[cfg(feature = "enabled")]
        return counts::differences(&self.counts, &before.counts);
        #[cfg(not(feature = "enabled"))]
        {
            let _: &Self = before;
            Vec::new()
        }
    }
}

#[cfg(feature = "enabled")]
pub(crate) use counts::{Live, hold};

#[cfg(feature = "enabled")]
mod counts {
    use std::collections::{BTreeMap, BTreeSet};
    use std::panic::Location;

    use super::LiveReferences;
    use crate::outside::outside;
    use crate::sync::{AtomicUsize, Mutex, MutexGuard, Ordering, lock};

    /// The number of the scope, the name, and the line.
    pub(super) type Key = (u32, &'static str, &'static Location<'static>);

    type Sums = BTreeMap<(&'static str, &'static Location<'static>), i64>;

    pub(crate) type Live = BTreeMap<Key, u64>;

    static LIVE: Mutex<Live> = Mutex::new(BTreeMap::new());
    /// How many keys there are: nobody who has no references looks at the map.
    static KEYS: AtomicUsize = AtomicUsize::new(0);

    pub(super) fn add(key: Key) {
        outside(|| change(|live| *live.entry(key).or_default() += 1));
    }

    pub(super) fn take(key: &Key) {
        outside(|| {
            change(|live| {
                if let Some(count) = live.get_mut(key) {
                    *count -= 1;
                    if *count == 0 {
                        live.remove(key);
                    }
                }
            });
        });
    }

    fn change(work: impl FnOnce(&mut Live)) {
        let mut live = lock(&LIVE);
        work(&mut live);
        // Relaxed is enough: who is to know of a reference was told of it by who created it.
        KEYS.store(live.len(), Ordering::Relaxed);
    }

    /// Keeps other threads from them.
    pub(crate) fn hold() -> MutexGuard<'static, Live> {
        lock(&LIVE)
    }

    pub(super) fn of_name(name: &str) -> u64 {
        let live = lock(&LIVE);
        let of_name = live.iter().filter(|(key, _)| key.1 == name);
        of_name.map(|(_, count)| count).sum()
    }

    /// Names, lines and counts in the scopes that `scopes` finds, which is asked only if there is a reference at all.
    pub(crate) fn of_scopes(scopes: impl FnOnce() -> BTreeSet<u32>) -> Sums {
        let mut sums = BTreeMap::new();
        if KEYS.load(Ordering::Relaxed) == 0 {
            return sums;
        }
        outside(|| {
            let scopes = scopes();
            for ((scope, name, line), count) in lock(&LIVE).iter() {
                if scopes.contains(scope) {
                    *sums.entry((*name, *line)).or_default() += count.cast_signed();
                }
            }
        });
        sums
    }

    pub(super) fn differences(now: &Sums, before: &Sums) -> Vec<LiveReferences> {
        let mut sums = now.clone();
        for (key, count) in before {
            *sums.entry(*key).or_default() -= count;
        }
        sums.retain(|_, count| *count != 0);
        let live = |((name, created_at), count)| LiveReferences {
            name,
            created_at,
            count,
        };
        sums.into_iter().map(live).collect()
    }
}
