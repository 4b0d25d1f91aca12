//! Arenas that have ended: what they were stays, so that their use can be told.

use std::collections::VecDeque;

use super::{State, sanitizer};
use crate::sync::{Mutex, MutexGuard, lock};

/// What an arena that has ended was.
#[derive(Debug)]
pub(crate) struct Ended(*mut State);

// SAFETY: nobody but the list leads to it any more, other than by mistake.
unsafe impl Send for Ended {}

/// They are used again when this many have ended after them.
const REST: usize = 64;
static ENDED: Mutex<VecDeque<Ended>> = Mutex::new(VecDeque::new());

/// A place for what an arena is. It is never freed.
pub(super) fn take(state: State) -> *mut State {
    let mut ended = lock(&ENDED);
    if ended.len() > REST
        && let Some(Ended(place)) = ended.pop_front()
    {
        // SAFETY: left by `leave`, and taken off the list.
        unsafe { *place = state };
        return place;
    }
    Box::into_raw(Box::new(state))
}

/// Leaves the place to others, unless something leads to it: a child, or the thread that works with it. Both were told.
pub(super) fn leave(state: &mut State) {
    if state.children == 0 && !state.is_begun {
        memscope::outside(|| lock(&ENDED).push_back(Ended(state)));
    }
}

/// Keeps other threads from the list, and from the first look for the sanitizer.
pub(crate) fn hold() -> MutexGuard<'static, VecDeque<Ended>> {
    sanitizer::look();
    lock(&ENDED)
}
