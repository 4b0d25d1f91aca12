//! The one room for unsafe code.
#![expect(
    unsafe_code,
    reason = "reading a processor's counter takes an instruction that no safe function gives"
)]

pub(crate) mod counter;
