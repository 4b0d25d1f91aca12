//! A request to stop, shared between the signal handler and the work.

use crate::sync::{AtomicBool, Ordering};
use std::sync::Arc;

/// A flag that asks the engine to stop and keep what it has.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks for the stop. Safe to call from any thread, any number of times.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the stop was asked for.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
