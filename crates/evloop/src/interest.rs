//! What is waited for, and what happened.

use rustix::event::epoll::EventFlags;
use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign};

/// A set of a few things by name.
macro_rules! set {
    ($(#[$meta:meta])* $set:ident { $($(#[$doc:meta])* $name:ident = $bit:literal, $shown:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $set(u8);

        impl $set {
            /// Nothing.
            pub const NONE: Self = Self(0);
            $($(#[$doc])* pub const $name: Self = Self($bit);)*

            /// Whether all of `other` is in it.
            #[must_use]
            #[inline]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether some of `other` is in it.
            #[must_use]
            #[inline]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether there is nothing in it.
            #[must_use]
            #[inline]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// What is in it and not in `other`.
            #[must_use]
            #[inline]
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }

        impl BitOr for $set {
            type Output = Self;
            #[inline]
            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl BitOrAssign for $set {
            #[inline]
            fn bitor_assign(&mut self, other: Self) {
                self.0 |= other.0;
            }
        }

        impl BitAnd for $set {
            type Output = Self;
            #[inline]
            fn bitand(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }

        impl fmt::Debug for $set {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut list = f.debug_set();
                $(if self.contains(Self::$name) {
                    list.entry(&format_args!($shown));
                })*
                list.finish()
            }
        }
    };
}

set! {
    /// What a descriptor is watched for. Hang-ups and errors are always told.
    ///
    /// ```
    /// use evloop::Interest;
    ///
    /// let both = Interest::READABLE | Interest::WRITABLE;
    /// assert!(both.contains(Interest::READABLE) && !both.contains(Interest::PRIORITY));
    /// ```
    Interest {
        /// There is something to read, or the end of it.
        READABLE = 1, "readable";
        /// There is room to write.
        WRITABLE = 4, "writable";
        /// There is something out of band.
        PRIORITY = 2, "priority";
    }
}

set! {
    /// What happened.
    ///
    /// ```
    /// use evloop::Ready;
    ///
    /// let ready = Ready::READABLE | Ready::HANGUP;
    /// assert_eq!(format!("{ready:?}"), "{readable, hangup}");
    /// ```
    Ready {
        /// There is something to read, or the end of it.
        READABLE = 1, "readable";
        /// There is room to write.
        WRITABLE = 4, "writable";
        /// There is something out of band.
        PRIORITY = 2, "priority";
        /// The other end is closed.
        HANGUP = 16, "hangup";
        /// The descriptor has an error pending, or the system refuses to watch it.
        ERROR = 8, "error";
        /// The time has come.
        TIMER = 32, "timer";
        /// A signal came.
        SIGNAL = 64, "signal";
        /// [`Loop::activate`](crate::Loop::activate) was called.
        ACTIVATED = 128, "activated";
    }
}

/// The bits of both are those of poll, which epoll and io_uring have too. The end of what can be read is something to read
/// for the kernel; a descriptor that is closed has an error.
const NVAL: u32 = 5;

impl Interest {
    /// What the kernel is asked for.
    #[inline]
    pub(crate) const fn to_poll(self) -> u32 {
        self.0 as u32
    }
}

impl Ready {
    /// What the kernel's poll answers.
    pub(crate) const fn from_poll(bits: u32) -> Self {
        let error = bits >> NVAL & 1;
        Self((bits & 0x1f | error << 3) as u8)
    }

    /// As [`to_bits`](Self::to_bits) made it, or as epoll says it, which says nothing but these bits.
    #[inline]
    pub(crate) const fn from_epoll(flags: EventFlags) -> Self {
        Self(flags.bits() as u8)
    }

    #[inline]
    pub(crate) const fn to_bits(self) -> u8 {
        self.0
    }

    /// What a descriptor's registration may be told: nothing but that it was activated where it rests.
    pub(crate) const fn told_of(interest: Interest) -> Self {
        if interest.is_empty() {
            return Self::ACTIVATED;
        }
        Self(interest.0 | Self::HANGUP.0 | Self::ERROR.0 | Self::ACTIVATED.0)
    }

    /// What is always true of a descriptor that the system refuses to watch, such as a regular file.
    pub(crate) const fn always(interest: Interest) -> Self {
        Self(interest.0 & (Self::READABLE.0 | Self::WRITABLE.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{EventFlags, Interest, Ready};

    #[test]
    fn the_bits_are_those_of_epoll() {
        for (flag, ready) in [
            (EventFlags::IN, Ready::READABLE),
            (EventFlags::OUT, Ready::WRITABLE),
            (EventFlags::PRI, Ready::PRIORITY),
            (EventFlags::HUP, Ready::HANGUP),
            (EventFlags::ERR, Ready::ERROR),
        ] {
            assert_eq!(Ready::from_poll(flag.bits()), ready, "{flag:?}");
            assert_eq!(Ready::from_epoll(flag), ready, "{flag:?}");
        }
        let all = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::PRI;
        assert_eq!(all.to_poll(), flags.bits());
        assert_eq!(Interest::WRITABLE.to_poll(), EventFlags::OUT.bits());
    }
}
