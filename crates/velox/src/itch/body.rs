//! What the 23 messages have in common, and how they are declared.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes, Unaligned};

use super::{Header, Message};

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

    /// Whether the numbers are such as they can be; letters are valid by their types.
    #[doc(hidden)]
    fn is_in_range(&self) -> bool;

    /// The name of the first field in these bytes that has no valid value, if there are as many bytes as it takes.
    #[doc(hidden)]
    fn invalid_field(bytes: &[u8]) -> Option<&'static str>;
}

pub(super) mod private {
    /// Only the messages of this crate are messages.
    #[expect(unnameable_types, reason = "that is what seals the trait")]
    pub trait Sealed {}
}

/// Whether the field of that type at that place has a valid value.
pub(super) fn is_valid<T: TryFromBytes + Immutable + KnownLayout + Unaligned>(
    bytes: &[u8],
    offset: usize,
) -> bool {
    let field = bytes.get(offset..offset + size_of::<T>());
    field.is_some_and(|it| T::try_ref_from_bytes(it).is_ok())
}

/// Declares messages: the letter, the size on the wire, and the fields behind the header in order.
///
/// The letter is a field of a type with one value, so that no message can hold the letter of another.
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident = $tag:literal, $size:literal $(, at most $most:ident $highest:expr)? => {
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

                #[inline(always)]
                fn is_in_range(&self) -> bool {
                    true $(&& self.$most.get() <= $highest)?
                }

                fn invalid_field(bytes: &[u8]) -> Option<&'static str> {
                    if !is_valid::<tag::$name>(bytes, 0) {
                        return Some("tag");
                    }
                    $(if !is_valid::<$type>(bytes, core::mem::offset_of!(Self, $field)) {
                        return Some(stringify!($field));
                    })*
                    None
                }
            }
        )+
    };
}

pub(super) use messages;
