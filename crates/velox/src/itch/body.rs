//! What the 23 messages have in common, and how they are declared.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes, Unaligned};

use super::{Header, Message};
pub(super) use private::Checked;

/// A message as its bytes in a file, without the length in front.
///
/// Of this kind are the 23 types of [`Message`] and no others.
pub trait Body:
    TryFromBytes + IntoBytes + Immutable + KnownLayout + Unaligned + Copy + private::Sealed
{
    /// The letter it begins with.
    const TAG: u8;

    /// Locate code, tracking number and time.
    fn header(&self) -> &Header;

    /// Itself as one of all.
    fn message(&self) -> Message<'_>;

    /// Where there is a side, and a price that must be that of an order.
    #[doc(hidden)]
    const CHECKED: Checked;
}

pub(super) mod private {
    /// Only the messages of this crate are messages.
    #[expect(unnameable_types, reason = "that is what seals the trait")]
    pub trait Sealed {}

    /// The places of what is checked in a message; 0 where there is no such field.
    #[derive(Clone, Copy, Debug)]
    #[expect(unnameable_types, reason = "it is no matter of users")]
    pub struct Checked {
        pub(in crate::itch) side: u8,
        pub(in crate::itch) price: u8,
    }

    impl Checked {
        pub(in crate::itch) const NONE: Self = Self { side: 0, price: 0 };

        pub(in crate::itch) const fn side(self, offset: usize) -> Self {
            Self {
                side: offset as u8,
                ..self
            }
        }

        pub(in crate::itch) const fn price(self, offset: usize) -> Self {
            Self {
                price: offset as u8,
                ..self
            }
        }
    }
}

/// Declares messages: the letter, the size on the wire, and the fields behind the header in order.
///
/// The letter is a field of a type with one value, so that no message can hold the letter of another.
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident = $tag:literal, $size:literal $(, checked $($checked:ident)+)? => {
        $($(#[$of:meta])* $field:ident: $type:ty,)*
    })+) => {
        mod tag {
            $(
                #[derive(
                    Clone, Copy, Debug, PartialEq, Eq, Hash, zerocopy::TryFromBytes, zerocopy::IntoBytes,
                zerocopy::Immutable, zerocopy::KnownLayout, zerocopy::Unaligned,
                )]
                #[repr(u8)]
                pub(super) enum $name { Tag = $tag }
            )+
        }

        $(
            $(#[$doc])*
            #[derive(
                Clone, Copy, Debug, PartialEq, Eq, Hash, zerocopy::TryFromBytes, zerocopy::IntoBytes,
                zerocopy::Immutable, zerocopy::KnownLayout, zerocopy::Unaligned,
            )]
            #[repr(C)]
            pub struct $name {
                tag: tag::$name,
                /// Locate code, tracking number and time.
                pub header: Header,
                $($(#[$of])* pub $field: $type,)*
            }

            const _: () = assert!(size_of::<$name>() == $size);

            impl $name {
                /// The letter it begins with.
                pub const TAG: u8 = $tag;

                /// The message with these fields, in their order on the wire.
                #[must_use]
                pub fn new(header: Header, $($field: impl Into<$type>),*) -> Self {
                    Self { tag: tag::$name::Tag, header, $($field: $field.into(),)* }
                }
            }

            impl crate::itch::body::private::Sealed for $name {}

            impl Body for $name {
                const TAG: u8 = $tag;

                #[inline]
                fn header(&self) -> &Header {
                    &self.header
                }

                #[inline]
                fn message(&self) -> Message<'_> {
                    Message::$name(self)
                }

                const CHECKED: Checked =
                    Checked::NONE $($(.$checked(core::mem::offset_of!(Self, $checked)))+)?;
            }
        )+
    };
}

pub(super) use messages;
