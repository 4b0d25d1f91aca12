//! What to answer, call by call.
//!
//! Each function here makes a closure `FnMut(u64, A) -> A`: from the index of the call, counted from 0
//! since the lie began, and the honest answer, to the answer. Any other closure does as well.
//!
//! ```
//! use adversary::liar::script;
//!
//! let mut script = script::only(1, 99);
//! assert_eq!([script(0, 5), script(1, 5), script(2, 5)], [5, 99, 5]);
//! ```

use std::cell::Cell;

/// A script of any kind.
///
/// # Examples
///
/// ```
/// use adversary::liar::{Script, script};
///
/// let mut scripts: Vec<Script<bool>> = vec![
///     Box::new(script::honest()),
///     Box::new(|call, honest| honest ^ (call % 2 == 1)),
/// ];
/// assert!(scripts[0](1, true));
/// assert!(!scripts[1](1, true));
/// ```
pub type Script<A> = Box<dyn FnMut(u64, A) -> A>;

/// A script, and how often it was asked.
pub(super) struct Told<A> {
    /// Taken out while it answers, so that it may call what it likes.
    script: Cell<Option<Script<A>>>,
    calls: Cell<u64>,
}

impl<A> Told<A> {
    pub(super) fn new(script: impl FnMut(u64, A) -> A + 'static) -> Self {
        Self {
            script: Cell::new(Some(Box::new(script))),
            calls: Cell::new(0),
        }
    }

    /// What the script says; the truth while it is asked already.
    pub(super) fn answer(&self, honest: A) -> A {
        struct PutBack<'a, A>(&'a Cell<Option<Script<A>>>, Option<Script<A>>);
        impl<A> Drop for PutBack<'_, A> {
            fn drop(&mut self) {
                self.0.set(self.1.take());
            }
        }
        let Some(script) = self.script.take() else {
            return honest;
        };
        let mut back = PutBack(&self.script, Some(script));
        let call = self.calls.replace(self.calls.get() + 1);
        match &mut back.1 {
            Some(script) => script(call, honest),
            None => honest,
        }
    }
}

/// The truth.
///
/// ```
/// assert_eq!(adversary::liar::script::honest()(0, 5), 5);
/// ```
pub fn honest<A>() -> impl FnMut(u64, A) -> A {
    |_, honest| honest
}

/// One answer to every call.
///
/// ```
/// assert_eq!(adversary::liar::script::always(7)(3, 5), 7);
/// ```
pub fn always<A: Clone>(answer: A) -> impl FnMut(u64, A) -> A {
    move |_, _| answer.clone()
}

/// A lie in one call, the truth in the others.
///
/// ```
/// let mut script = adversary::liar::script::only(0, 7);
/// assert_eq!([script(0, 5), script(1, 5)], [7, 5]);
/// ```
pub fn only<A: Clone>(call: u64, answer: A) -> impl FnMut(u64, A) -> A {
    move |index, honest| match index == call {
        true => answer.clone(),
        false => honest,
    }
}

/// The truth before a call, one lie from it on.
///
/// ```
/// let mut script = adversary::liar::script::from(1, 7);
/// assert_eq!([script(0, 5), script(1, 5), script(2, 5)], [5, 7, 7]);
/// ```
pub fn from<A: Clone>(call: u64, answer: A) -> impl FnMut(u64, A) -> A {
    move |index, honest| match index >= call {
        true => answer.clone(),
        false => honest,
    }
}

/// These answers in turn, then the truth.
///
/// ```
/// let mut script = adversary::liar::script::in_turn([8, 9]);
/// assert_eq!([script(0, 5), script(1, 5), script(2, 5)], [8, 9, 5]);
/// ```
pub fn in_turn<A>(answers: impl IntoIterator<Item = A>) -> impl FnMut(u64, A) -> A
where
    A: Clone,
{
    let answers: Vec<A> = answers.into_iter().collect();
    move |index, honest| {
        let answer = usize::try_from(index).ok().and_then(|it| answers.get(it));
        answer.cloned().unwrap_or(honest)
    }
}

/// In every second call or so one of these answers, else the truth; the same calls for the same seed.
///
/// ```
/// use adversary::liar::script;
///
/// let answers = |seed| -> Vec<u8> {
///     let mut script = script::random(seed, [1, 2]);
///     (0..100).map(|call| script(call, 0)).collect()
/// };
/// assert_eq!(answers(1), answers(1));
/// assert_ne!(answers(1), answers(2));
/// assert!([0, 1, 2].iter().all(|it| answers(1).contains(it)));
/// ```
pub fn random<A>(seed: u64, answers: impl IntoIterator<Item = A>) -> impl FnMut(u64, A) -> A
where
    A: Clone,
{
    let answers: Vec<A> = answers.into_iter().collect();
    let mut state = seed;
    move |_, honest| {
        let random = split_mix(&mut state);
        let choices = 2 * answers.len().max(1) as u64;
        let chosen = usize::try_from(random % choices).ok();
        chosen
            .and_then(|it| answers.get(it))
            .cloned()
            .unwrap_or(honest)
    }
}

/// SplitMix64, Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
