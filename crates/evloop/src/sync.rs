//! What threads share: the one module that names an atomic or a lock.
//!
//! Everything else in the crate imports them from here, so that the code which loom explores (`--cfg loom`) is the code
//! that ships.

#[cfg(not(loom))]
mod imp {
    use std::io;
    use std::os::fd::{AsRawFd, OwnedFd, RawFd};

    use rustix::event::{EventfdFlags, eventfd};

    pub(crate) use std::sync::atomic::AtomicBool;
    pub(crate) use std::sync::{Arc, Mutex, MutexGuard};

    /// A descriptor that is readable from the time it is rung until it is silenced.
    pub(crate) struct Bell(OwnedFd);

    impl Bell {
        pub(crate) fn new() -> io::Result<Self> {
            let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
            Ok(Self(eventfd(0, flags)?))
        }

        pub(crate) fn descriptor(&self) -> RawFd {
            self.0.as_raw_fd()
        }

        /// It cannot fail but for a counter at its end, which is readable too.
        pub(crate) fn ring(&self) {
            _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
        }

        pub(crate) fn silence(&self) {
            let mut count = [0; 8];
            _ = rustix::io::read(&self.0, &mut count);
        }
    }
}

#[cfg(loom)]
mod imp {
    use std::io;
    use std::os::fd::RawFd;

    pub(crate) use loom::sync::atomic::AtomicBool;
    #[cfg(test)]
    pub(crate) use loom::sync::atomic::AtomicUsize;
    pub(crate) use loom::sync::{Arc, Mutex, MutexGuard};

    /// The kernel's counter, of which nothing is taken for granted but that there is one order of its changes.
    pub(crate) struct Bell(AtomicBool);

    impl Bell {
        pub(crate) fn new() -> io::Result<Self> {
            Ok(Self(AtomicBool::new(false)))
        }

        pub(crate) fn descriptor(&self) -> RawFd {
            -1
        }

        pub(crate) fn ring(&self) {
            self.0.swap(true, super::Ordering::Relaxed);
        }

        pub(crate) fn silence(&self) {
            self.0.swap(false, super::Ordering::Relaxed);
        }

        #[cfg(test)]
        pub(crate) fn is_readable(&self) -> bool {
            self.0.load(super::Ordering::Relaxed)
        }
    }
}

pub(crate) use imp::*;
pub(crate) use std::sync::atomic::Ordering;

/// A panic while the lock was held leaves a list of calls, which is as good as before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
