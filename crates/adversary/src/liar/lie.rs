//! Lies that all liars of a thread tell while a guard lives.

use crate::countdown;
use crate::liar::Script;
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::thread::LocalKey;

/// A lie that every [`Liar`](crate::liar::Liar) of this thread tells until the guard is dropped.
///
/// Of two lies about one trait the later one is told; when it ends the earlier one goes on.
///
/// # Examples
///
/// A sort that is told that nothing is in order still has every value:
///
/// ```
/// use adversary::liar::{Liar, Lie, script};
/// use std::cmp::Ordering::{Equal, Greater, Less};
///
/// let mut list: Vec<_> = (0..50).map(Liar::new).collect();
/// let lie = Lie::ord(script::random(7, [Less, Equal, Greater]));
/// // It may panic; it says so itself.
/// let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| list.sort_unstable()));
/// assert!(lie.calls() > 0);
/// drop(lie);
/// list.sort();
/// assert!(list.iter().map(|it| *it.get()).eq(0..50));
/// ```
#[must_use = "the lie ends when the guard is dropped"]
pub struct Lie {
    calls: Rc<Cell<u64>>,
    end: Box<dyn Fn()>,
    /// The lie is this thread's, so its end is too.
    _local: PhantomData<Rc<()>>,
}

impl Lie {
    /// About `Ord::cmp` and `PartialOrd::partial_cmp`.
    ///
    /// ```
    /// use adversary::liar::{Liar, Lie};
    ///
    /// let _lie = Lie::ord(|_, honest| honest.reverse());
    /// assert!(Liar::new(1) > Liar::new(2));
    /// ```
    pub fn ord(script: impl FnMut(u64, Ordering) -> Ordering + 'static) -> Self {
        Self::tell(&ORD, Box::new(script))
    }

    /// About `PartialEq::eq`.
    ///
    /// ```
    /// use adversary::liar::{Liar, Lie};
    ///
    /// let _lie = Lie::eq(|_, honest| !honest);
    /// assert!(Liar::new(1) == Liar::new(2));
    /// ```
    pub fn eq(script: impl FnMut(u64, bool) -> bool + 'static) -> Self {
        Self::tell(&EQ, Box::new(script))
    }

    /// About `Hash::hash`. The honest answer is the value's hash under
    /// [`DefaultHasher::new`](std::hash::DefaultHasher::new); another answer is written to the hasher
    /// in place of the value.
    ///
    /// ```
    /// use adversary::liar::{Liar, Lie, script};
    /// use std::collections::HashSet;
    ///
    /// let _lie = Lie::hash(|call, _| call);
    /// let mut set = HashSet::from([Liar::new(1)]);
    /// assert!(set.insert(Liar::new(1)));
    /// ```
    pub fn hash(script: impl FnMut(u64, u64) -> u64 + 'static) -> Self {
        Self::tell(&HASH, Box::new(script))
    }

    /// About `Borrow::borrow`: whether it lends the decoy, see
    /// [`Liar::with_decoy`](crate::liar::Liar::with_decoy).
    ///
    /// ```
    /// use adversary::liar::{Liar, Lie, script};
    /// use std::borrow::Borrow;
    ///
    /// let liar = Liar::with_decoy(1, 9);
    /// let _lie = Lie::borrow(script::only(1, true));
    /// let lent: [i32; 3] = std::array::from_fn(|_| *liar.borrow());
    /// assert_eq!(lent, [1, 9, 1]);
    /// ```
    pub fn borrow(script: impl FnMut(u64, bool) -> bool + 'static) -> Self {
        Self::tell(&BORROW, Box::new(script))
    }

    /// About `Clone::clone`: whether the clone has the decoy for its value.
    ///
    /// ```
    /// use adversary::liar::{Liar, Lie, script};
    ///
    /// let liar = Liar::with_decoy(1, 9);
    /// let _lie = Lie::cloned(script::always(true));
    /// assert_eq!(*liar.clone().get(), 9);
    /// ```
    pub fn cloned(script: impl FnMut(u64, bool) -> bool + 'static) -> Self {
        Self::tell(&CLONED, Box::new(script))
    }

    /// The calls that the lie has answered by now.
    ///
    /// ```
    /// use adversary::liar::{Liar, Lie, script};
    ///
    /// let lie = Lie::eq(script::honest());
    /// assert!(Liar::new(1) == Liar::new(1));
    /// assert_eq!(lie.calls(), 1);
    /// ```
    pub fn calls(&self) -> u64 {
        self.calls.get()
    }

    fn tell<A>(topic: &'static LocalKey<Topic<A>>, script: Script<A>) -> Self {
        let calls = Rc::new(Cell::new(0));
        let told = Told {
            calls: Rc::clone(&calls),
            script: Some(script),
        };
        topic.with_borrow_mut(|stack| stack.push(told));
        let own = Rc::clone(&calls);
        let end = move || {
            // Its place may have another on top; the script is dropped outside of the borrow.
            let ended = topic.with_borrow_mut(|stack| {
                let place = stack.iter().position(|it| Rc::ptr_eq(&it.calls, &own));
                place.map(|it| stack.remove(it))
            });
            drop(ended);
        };
        Self {
            calls,
            end: Box::new(end),
            _local: PhantomData,
        }
    }
}

impl fmt::Debug for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lie")
            .field("calls", &self.calls.get())
            .finish_non_exhaustive()
    }
}

impl Drop for Lie {
    fn drop(&mut self) {
        (self.end)();
    }
}

struct Told<A> {
    calls: Rc<Cell<u64>>,
    /// Taken out while it answers, so that it may call what it likes.
    script: Option<Script<A>>,
}

/// The lies about one trait, the latest last.
type Topic<A> = RefCell<Vec<Told<A>>>;

thread_local! {
    static ORD: Topic<Ordering> = const { RefCell::new(Vec::new()) };
    static EQ: Topic<bool> = const { RefCell::new(Vec::new()) };
    static HASH: Topic<u64> = const { RefCell::new(Vec::new()) };
    static BORROW: Topic<bool> = const { RefCell::new(Vec::new()) };
    static CLONED: Topic<bool> = const { RefCell::new(Vec::new()) };
}

pub(super) fn ord(honest: Ordering) -> Ordering {
    answer(&ORD, honest)
}

pub(super) fn eq(honest: bool) -> bool {
    answer(&EQ, honest)
}

/// `None`: the value itself is to be hashed.
pub(super) fn hash(honest: impl FnOnce() -> u64) -> Option<u64> {
    let told = HASH.try_with(|topic| !topic.borrow().is_empty());
    if !told.unwrap_or(false) {
        return None;
    }
    let honest = honest();
    let told = answer(&HASH, honest);
    (told != honest).then_some(told)
}

pub(super) fn borrow() -> bool {
    answer(&BORROW, false)
}

pub(super) fn cloned() -> bool {
    answer(&CLONED, false)
}

fn answer<A>(topic: &'static LocalKey<Topic<A>>, honest: A) -> A {
    struct PutBack<A: 'static> {
        topic: &'static LocalKey<Topic<A>>,
        calls: Rc<Cell<u64>>,
        script: Option<Script<A>>,
    }
    impl<A: 'static> Drop for PutBack<A> {
        fn drop(&mut self) {
            self.topic.with_borrow_mut(|stack| {
                // If the lie ended meanwhile, there is no place for it.
                let place = stack
                    .iter_mut()
                    .find(|it| Rc::ptr_eq(&it.calls, &self.calls));
                if let Some(place) = place {
                    place.script = self.script.take();
                }
            });
        }
    }
    // A value that outlives the thread's locals is honest.
    let taken = topic.try_with(|it| {
        let mut stack = it.borrow_mut();
        let told = stack.last_mut()?;
        let script = told.script.take()?;
        Some((Rc::clone(&told.calls), script))
    });
    let Ok(Some((calls, script))) = taken else {
        return honest;
    };
    let call = calls.replace(calls.get() + 1);
    let mut back = PutBack {
        topic,
        calls,
        script: Some(script),
    };
    match &mut back.script {
        Some(script) => script(call, honest),
        None => honest,
    }
}

/// Runs an operation once honestly, then once for each call that the lie can be told in and each answer.
///
/// `tell` is [`Lie::ord`] or one of its siblings. Every run has a fresh state of `setup`; `check` gets it
/// when the lie has ended. Returns the number of lies.
///
/// The operation is run `1 + n * answers.len()` times, where `n` is its number of calls.
///
/// # Panics
///
/// If the operation or `check` panics: with its message and the lie that led there. An operation that may
/// panic when it is lied to catches that itself. If a lie is not told, which says that the operation does not make the
/// same calls twice, and the sweep is not exhaustive.
///
/// # Examples
///
/// ```
/// use adversary::liar::{Liar, Lie, for_each_lie};
/// use std::cmp::Ordering::{Equal, Greater, Less};
/// use std::collections::BTreeSet;
///
/// let lies = for_each_lie(
///     Lie::ord,
///     &[Less, Equal, Greater],
///     || (0..9).map(Liar::new).collect::<BTreeSet<_>>(),
///     |set| set.remove(&Liar::new(4)),
///     |set| assert_eq!(set.iter().count(), set.len()),
/// );
/// assert!(lies >= 3);
/// ```
pub fn for_each_lie<A, S, R>(
    tell: impl Fn(Script<A>) -> Lie,
    answers: &[A],
    mut setup: impl FnMut() -> S,
    mut operation: impl FnMut(&mut S) -> R,
    mut check: impl FnMut(S),
) -> u64
where
    A: Clone + fmt::Debug + 'static,
{
    let mut state = setup();
    let lie = tell(Box::new(super::script::honest()));
    operation(&mut state);
    let calls = lie.calls();
    drop(lie);
    countdown::explain("without a lie", || check(state));
    for call in 0..calls {
        for answer in answers {
            let circumstances = format!("with the answer {answer:?} in call {call} of {calls}");
            countdown::explain(&circumstances, || {
                let mut state = setup();
                let lie = tell(Box::new(super::script::only(call, answer.clone())));
                operation(&mut state);
                let told = lie.calls();
                drop(lie);
                assert!(told > call, "the operation made {told} calls");
                check(state);
            });
        }
    }
    calls * answers.len() as u64
}
