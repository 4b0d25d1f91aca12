//! Scopes by a pointer, and which of them a thread has entered.

use std::cell::RefCell;
use std::collections::VecDeque;

use memscope::raw_parts::{self, Entry, RawScope};

use crate::site::Site;
use crate::sync::{AtomicBool, AtomicU32, Mutex, MutexGuard, Ordering, lock};
use crate::{leaks, report};

/// What C's pointer to a scope leads to. It is never freed, so that a pointer to a scope that has ended can be told.
#[derive(Debug)]
pub struct Scope {
    id: AtomicU32,
    site: AtomicU32,
    is_open: AtomicBool,
}

/// Ended ones, which are used again when this many have ended after them.
const REST: usize = 64;
static ENDED: Mutex<VecDeque<&'static Scope>> = Mutex::new(VecDeque::new());

/// Keeps other threads from the list.
pub(crate) fn hold() -> MutexGuard<'static, VecDeque<&'static Scope>> {
    lock(&ENDED)
}

/// Scopes that one thread can be in at one time.
const DEPTH: usize = 128;

struct Entered {
    depth: usize,
    scopes: [Option<(&'static Scope, Entry)>; DEPTH],
}

thread_local! {
    static ENTERED: RefCell<Entered> = const { RefCell::new(Entered { depth: 0, scopes: [None; DEPTH] }) };
}

impl Scope {
    /// A scope inside the one that the thread is in; `None` if there are too many, or no memory.
    pub(crate) fn open(
        name: &'static str,
        request: Option<u64>,
        site: Site,
    ) -> Option<&'static Self> {
        let raw = RawScope::current()?.open(name, request)?;
        let scope = memscope::outside(Self::record);
        scope.id.store(raw.id(), Ordering::Relaxed);
        scope.site.store(site.to_bits(), Ordering::Relaxed);
        // ORDERING: Release; the partner is `raw`. Who sees it open sees its number.
        scope.is_open.store(true, Ordering::Release);
        Some(scope)
    }

    fn record() -> &'static Self {
        let mut ended = lock(&ENDED);
        let rested = if ended.len() > REST {
            ended.pop_front()
        } else {
            None
        };
        rested.unwrap_or_else(|| {
            Box::leak(Box::new(Self {
                id: AtomicU32::new(0),
                site: AtomicU32::new(0),
                is_open: AtomicBool::new(false),
            }))
        })
    }

    /// The account; told, and `None`, where the scope has ended.
    pub(crate) fn raw(&self, call: &str, site: Site) -> Option<RawScope> {
        // ORDERING: Acquire; the partner is `open`.
        let is_open = self.is_open.load(Ordering::Acquire);
        let raw = RawScope::of(self.id.load(Ordering::Relaxed)).filter(|_| is_open);
        if raw.is_none() {
            let opened = Site::from_bits(self.site.load(Ordering::Relaxed));
            fail(&format!(
                "{}: {call} of a scope that has ended; it began at {}",
                site.line(),
                opened.line()
            ));
        }
        raw
    }

    /// The calling thread is in the scope from now on.
    pub(crate) fn enter(&'static self, site: Site) {
        let Some(raw) = self.raw("ms_scope_enter", site) else {
            return;
        };
        let is_full = ENTERED.with_borrow_mut(|entered| {
            let depth = entered.depth;
            let Some(place) = entered.scopes.get_mut(depth) else {
                return true;
            };
            *place = Some((self, raw.enter()));
            entered.depth += 1;
            false
        });
        if is_full {
            fail(&format!(
                "{}: ms_scope_enter: this thread is in {DEPTH} scopes already; leave them",
                site.line()
            ));
        }
    }

    /// The calling thread leaves the scope, and goes on in the one that it entered last of those that are left.
    pub(crate) fn leave(&'static self) -> bool {
        ENTERED.with_borrow_mut(|entered| entered.remove(self))
    }

    pub(crate) fn leave_or_tell(&'static self, site: Site) {
        if !self.leave() {
            fail(&format!(
                "{}: ms_scope_leave of a scope that this thread is not in",
                site.line()
            ));
        }
    }

    /// Leaves it if the thread is in it, checks that it is neutral, and ends it. Whether it was neutral.
    pub(crate) fn end(&'static self, site: Site) -> bool {
        let Some(raw) = self.raw("ms_scope_end", site) else {
            return false;
        };
        self.leave();
        let opened = Site::from_bits(self.site.load(Ordering::Relaxed));
        let what = format_args!("scope `{}`, begun at {},", Path(raw), opened.line()).to_string();
        let is_neutral = check(raw, None, &what, site);
        self.is_open.store(false, Ordering::Relaxed);
        raw.close();
        memscope::outside(|| lock(&ENDED).push_back(self));
        is_neutral
    }
}

impl Entered {
    fn remove(&mut self, scope: &'static Scope) -> bool {
        let taken = &self.scopes[..self.depth];
        let is_it = |place: &Option<(&Scope, Entry)>| {
            place.is_some_and(|(other, _)| std::ptr::eq(other, scope))
        };
        let Some(at) = taken.iter().rposition(is_it) else {
            return false;
        };
        // Out of turn: those entered after it are left and entered again, without it.
        let above: Vec<_> =
            memscope::outside(|| taken[at + 1..].iter().flatten().map(|it| it.0).collect());
        for place in self.scopes[at..self.depth].iter_mut().rev() {
            if let Some((_, entry)) = place.take() {
                raw_parts::leave(entry);
            }
        }
        self.depth = at;
        for other in &above {
            // Its guard was alive, so that its number is still its own.
            if let Some(raw) = RawScope::of(other.id.load(Ordering::Relaxed)) {
                self.scopes[self.depth] = Some((other, raw.enter()));
                self.depth += 1;
            }
        }
        memscope::outside(|| drop(above));
        true
    }
}

struct Path(RawScope);

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.path())
    }
}

/// What was live when counting began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    pub(crate) blocks: u64,
    pub(crate) bytes: u64,
    pub(crate) epoch: u32,
}

/// Whether as much is live in a scope, and in those inside it, as was before; tells it if not.
pub(crate) fn check(scope: RawScope, before: Option<Before>, what: &str, site: Site) -> bool {
    let usage = scope.usage();
    let (blocks, bytes) = before.map_or((0, 0), |before| (before.blocks, before.bytes));
    if usage.live() == blocks && usage.live_bytes() == bytes {
        return true;
    }
    memscope::outside(|| tell(scope, usage, before, what, site));
    false
}

#[cold]
fn tell(scope: RawScope, usage: memscope::Usage, before: Option<Before>, what: &str, site: Site) {
    let mut scopes = scope.inside();
    scopes.push(scope.id());
    let live = leaks::live(|block| {
        scopes.contains(&block.scope)
            && before.is_none_or(|before| crate::checkpoint::is_since(block.epoch, before.epoch))
    });
    let (blocks, bytes) = before.map_or((0, 0), |before| (before.blocks, before.bytes));
    let head = format!(
        "{}: not neutral: {what}: {} blocks of {} bytes more than there should be",
        site.line(),
        usage.live().wrapping_sub(blocks).cast_signed(),
        usage.live_bytes().wrapping_sub(bytes).cast_signed(),
    );
    leaks::tell(&head, &live);
}

/// Tells of a call that makes no sense.
#[cold]
pub(crate) fn fail(text: &str) {
    memscope::outside(|| report::write(format!("memscope: {text}\n").as_bytes()));
    report::failed();
}
