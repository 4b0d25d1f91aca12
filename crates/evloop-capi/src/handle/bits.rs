//! Sets of flags as C gives them: a bit without a meaning is refused.

use super::status::Status;

macro_rules! bits {
    ($($(#[$meta:meta])* $set:ident { $($(#[$doc:meta])* $name:ident = $bit:literal,)* })*) => {$(
        $(#[$meta])*
        #[repr(transparent)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $set(pub u32);

        impl $set {
            $($(#[$doc])* pub const $name: Self = Self($bit);)*

            /// Itself, if each bit has a meaning.
            ///
            /// # Errors
            /// [`Status::BITS`].
            #[inline]
            pub const fn checked(self) -> Result<Self, Status> {
                if self.0 & !(0 $(| $bit)*) == 0 {
                    Ok(self)
                } else {
                    Err(Status::BITS)
                }
            }

            /// Whether all of `other` is in it.
            #[must_use]
            #[inline]
            pub const fn has(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }
        }
    )*};
}

bits! {
    /// `evloop_interest`: what a descriptor is watched for.
    ///
    /// ```
    /// use evloop_capi::handle::{Interest, Status};
    ///
    /// assert!(Interest(1 | 4).checked().is_ok());
    /// assert_eq!(Interest(8).checked(), Err(Status::BITS));
    /// ```
    Interest {
        /// There is something to read, or the end of it.
        READABLE = 1,
        /// There is something out of band.
        PRIORITY = 2,
        /// There is room to write.
        WRITABLE = 4,
    }

    /// `evloop_ready`: what happened.
    ///
    /// ```
    /// use evloop_capi::handle::Ready;
    ///
    /// assert!(Ready(1 | 16).has(Ready::HANGUP));
    /// ```
    Ready {
        /// There is something to read, or the end of it.
        READABLE = 1,
        /// There is something out of band.
        PRIORITY = 2,
        /// There is room to write.
        WRITABLE = 4,
        /// The descriptor has an error pending, or the system refuses to watch it.
        ERROR = 8,
        /// The other end is closed.
        HANGUP = 16,
        /// The time has come.
        TIMER = 32,
        /// A signal came.
        SIGNAL = 64,
        /// `evloop_activate` was called.
        ACTIVATED = 128,
    }

    /// `evloop_flags`: how a loop is made.
    ///
    /// ```
    /// use evloop_capi::handle::{Flags, Status};
    ///
    /// assert_eq!(Flags(2).checked(), Err(Status::BITS));
    /// ```
    Flags {
        /// Who owns what is recorded, and checked when the loop is freed.
        DEBUG = 1,
    }

    /// `evloop_timer_flags`.
    ///
    /// ```
    /// use evloop_capi::handle::{Status, TimerFlags};
    ///
    /// assert_eq!(TimerFlags(4).checked(), Err(Status::BITS));
    /// ```
    TimerFlags {
        /// The timer is removed once it was due, unless its callback armed it again.
        REMOVE = 1,
    }
}

impl Interest {
    pub(super) fn to_evloop(self) -> Result<evloop::Interest, Status> {
        let bits = self.checked()?;
        let mut interest = evloop::Interest::NONE;
        for (bit, it) in [
            (Self::READABLE, evloop::Interest::READABLE),
            (Self::PRIORITY, evloop::Interest::PRIORITY),
            (Self::WRITABLE, evloop::Interest::WRITABLE),
        ] {
            if bits.has(bit) {
                interest |= it;
            }
        }
        Ok(interest)
    }
}

impl Ready {
    #[inline]
    pub(super) fn from_evloop(ready: evloop::Ready) -> Self {
        let mut bits = 0;
        for (it, bit) in [
            (evloop::Ready::READABLE, Self::READABLE),
            (evloop::Ready::PRIORITY, Self::PRIORITY),
            (evloop::Ready::WRITABLE, Self::WRITABLE),
            (evloop::Ready::ERROR, Self::ERROR),
            (evloop::Ready::HANGUP, Self::HANGUP),
            (evloop::Ready::TIMER, Self::TIMER),
            (evloop::Ready::SIGNAL, Self::SIGNAL),
            (evloop::Ready::ACTIVATED, Self::ACTIVATED),
        ] {
            if ready.contains(it) {
                bits |= bit.0;
            }
        }
        Self(bits)
    }
}

/// `evloop_backend`, as a number.
pub(super) fn backend(number: u32) -> Result<evloop::BackendKind, Status> {
    match number {
        0 => Ok(evloop::BackendKind::Epoll),
        1 => Ok(evloop::BackendKind::Poll),
        2 => Ok(evloop::BackendKind::Uring),
        _ => Err(Status::BITS),
    }
}

pub(super) fn backend_number(kind: evloop::BackendKind) -> u32 {
    match kind {
        evloop::BackendKind::Poll => 1,
        evloop::BackendKind::Uring => 2,
        _ => 0,
    }
}
