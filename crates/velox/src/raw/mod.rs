//! The one room for unsafe code.
#![cfg_attr(
    all(
        any(target_arch = "x86_64", target_arch = "aarch64"),
        not(any(miri, loom, shuttle))
    ),
    expect(
        unsafe_code,
        reason = "reading a processor's counter takes an instruction that no safe function gives"
    )
)]

pub(crate) mod counter;
