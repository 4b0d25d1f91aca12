//! What is called.

use super::{Event, Loop};

/// A callback that takes no memory and owns nothing: a function, and what it is given besides the event. For a layer on
/// top of the loop that keeps its callers' callbacks itself.
///
/// ```
/// use evloop::{Call, Loop};
///
/// let mut events = Loop::new()?;
/// let call = Call {
///     function: |events, event, _, data| {
///         assert_eq!(data, 7);
///         events.remove(event.token);
///     },
///     context: std::ptr::null_mut(),
///     data: 7,
/// };
/// let token = events.rest(call);
/// events.activate(token);
/// events.run()?;
/// # Ok::<(), evloop::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// What is called: with the loop, the event, and the two below.
    pub function: fn(&mut Loop, Event, *mut (), u64),
    /// Where it finds what it works on. The loop only hands it on.
    pub context: *mut (),
    /// Which of its callbacks is meant.
    pub data: u64,
}

type Owned = dyn FnMut(&mut Loop, Event);

pub(super) enum Callback {
    Owned(Box<Owned>),
    Plain(Call),
}

impl Callback {
    pub(super) fn owned(callback: impl FnMut(&mut Loop, Event) + 'static) -> Self {
        Self::Owned(Box::new(callback))
    }

    #[inline]
    pub(super) fn call(&mut self, events: &mut Loop, event: Event) {
        match self {
            Self::Owned(callback) => callback(events, event),
            Self::Plain(it) => (it.function)(events, event, it.context, it.data),
        }
    }
}
