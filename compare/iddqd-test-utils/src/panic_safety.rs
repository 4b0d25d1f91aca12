//! A countdown over calls into user code; at its end the calls panic.

pub use crate::raw::PanickyAlloc;
use crate::unwind::catch_panic;
use equivalent::{Comparable, Equivalent};
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt::{Debug, Display};
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

thread_local! {
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    static SEEN: Cell<u32> = const { Cell::new(0) };
}

/// Lets that many calls pass; every later one panics until [`disarm_panic`].
pub fn arm_panic_after(calls: u32) {
    LEFT.set(Some(calls));
}

/// Calls no longer panic.
pub fn disarm_panic() {
    LEFT.set(None);
}

/// Counts a call into user code, which panics if the countdown is over.
///
/// What runs while the thread unwinds is neither counted nor panics, as that would end the process.
pub fn observe_panicky_call(what: &str) {
    if std::thread::panicking() {
        return;
    }
    SEEN.set(SEEN.get() + 1);
    match LEFT.get() {
        None => {}
        Some(0) => panic!("injected into a call of {what}"),
        Some(left) => LEFT.set(Some(left - 1)),
    }
}

/// Runs an operation with the countdown armed, or not; says whether it panicked and how many calls
/// it made.
pub fn run_armed(armed: Option<u32>, operation: impl FnOnce()) -> (bool, u32) {
    SEEN.set(0);
    LEFT.set(armed);
    let panicked = catch_panic(operation).is_none();
    disarm_panic();
    (panicked, SEEN.get())
}

/// Drops what an operation gave back, which is no part of the operation.
pub fn drop_unarmed<T>(value: T) {
    let (left, seen) = (LEFT.take(), SEEN.get());
    drop(value);
    LEFT.set(left);
    SEEN.set(seen);
}

/// An operation panics if, and only if, it makes more calls than it was allowed.
pub fn assert_panic_fired_as_expected(
    label: &dyn Display,
    armed: Option<u32>,
    panicked: bool,
    calls: u32,
) {
    let expected = armed.is_some_and(|allowed| calls > allowed);
    assert_eq!(
        panicked, expected,
        "{label} made {calls} calls, armed: {armed:?}"
    );
}

/// What a panic may leave behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanicSafety {
    /// What was there before.
    Atomic,
    /// What was there before some step of several.
    StepAtomic,
}

/// Checks the keys after an operation: all are found, and nothing has changed if it was atomic and
/// panicked.
#[expect(clippy::too_many_arguments, reason = "the tests call it so")]
pub fn assert_post_op_invariants<K: PartialEq + Debug>(
    step: usize,
    label: &dyn Display,
    armed: Option<u32>,
    panicked: bool,
    safety: PanicSafety,
    before: &[K],
    after: &[K],
    contains: impl Fn(&K) -> bool,
) {
    let about = || format!("operation {step}, {label}, armed: {armed:?}, panicked: {panicked}");
    if panicked && safety == PanicSafety::Atomic {
        assert_eq!(before, after, "{}: the keys changed", about());
    }
    if let Some(lost) = after.iter().find(|key| !contains(key)) {
        panic!("{}: {lost:?} is listed but not found", about());
    }
    if let Some(pair) = after.windows(2).find(|pair| pair[0] == pair[1]) {
        panic!("{}: {:?} is listed twice", about(), pair[0]);
    }
}

/// The keys of what a map lists, in order.
pub fn sorted_keys<'m, M, T: 'm, K: Ord>(map: &'m M, key: impl Fn(&'m T) -> K) -> Vec<K>
where
    &'m M: IntoIterator<Item = &'m T>,
{
    let mut keys: Vec<K> = map.into_iter().map(key).collect();
    keys.sort();
    keys
}

/// Where the original writes how many calls it saw; here nowhere.
pub fn observe_output_path() -> Option<PathBuf> {
    None
}

/// Would write a line to [`observe_output_path`].
pub fn record_observation(_map: &str, _label: &str, _calls: u32) {}

/// A number whose traits count as calls into user code.
#[derive(Clone, Debug)]
pub struct PanickyKey(pub u32);

impl Hash for PanickyKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        observe_panicky_call("key hash");
        self.0.hash(state);
    }
}

impl PartialEq for PanickyKey {
    fn eq(&self, other: &Self) -> bool {
        observe_panicky_call("key eq");
        self.0 == other.0
    }
}

impl Eq for PanickyKey {}

impl PartialOrd for PanickyKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PanickyKey {
    fn cmp(&self, other: &Self) -> Ordering {
        observe_panicky_call("key cmp");
        self.0.cmp(&other.0)
    }
}

/// A number that looks for a [`PanickyKey`]; its traits count as calls into user code too.
#[derive(Clone, Debug)]
pub struct PanickySearchKey(pub u32);

impl Hash for PanickySearchKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        observe_panicky_call("search key hash");
        self.0.hash(state);
    }
}

impl Equivalent<PanickyKey> for PanickySearchKey {
    fn equivalent(&self, key: &PanickyKey) -> bool {
        observe_panicky_call("search key equivalent");
        self.0 == key.0
    }
}

impl Comparable<PanickyKey> for PanickySearchKey {
    fn compare(&self, key: &PanickyKey) -> Ordering {
        observe_panicky_call("search key compare");
        self.0.cmp(&key.0)
    }
}
