//! Client requests of Valgrind's memcheck, with the feature `valgrind`.
//!
//! The interface is `VALGRIND_DO_CLIENT_REQUEST_EXPR` of `valgrind.h` and the numbers of
//! `memcheck.h`: rotations of a register by a whole turn in all, then an exchange of a register with
//! itself. The processor computes nothing by them; Valgrind takes them as a call to itself.

use core::ptr::NonNull;

/// `VG_USERREQ_TOOL_BASE('M', 'C')`, which is `VG_USERREQ__MAKE_MEM_NOACCESS`.
const MAKE_MEM_NOACCESS: usize = (b'M' as usize) << 24 | (b'C' as usize) << 16;
/// `VG_USERREQ__MAKE_MEM_UNDEFINED`, the one after it.
const MAKE_MEM_UNDEFINED: usize = MAKE_MEM_NOACCESS + 1;

#[inline(always)]
pub(super) fn make_no_access(start: NonNull<u8>, len: usize) {
    request(MAKE_MEM_NOACCESS, start, len);
}

#[inline(always)]
pub(super) fn make_undefined(start: NonNull<u8>, len: usize) {
    request(MAKE_MEM_UNDEFINED, start, len);
}

#[cfg(all(feature = "valgrind", not(miri), target_arch = "x86_64"))]
#[inline(always)]
fn request(number: usize, start: NonNull<u8>, len: usize) {
    let arguments = [number, start.addr().get(), len, 0, 0, 0];
    // SAFETY: outside Valgrind the instructions leave every register as it was: rdi is turned by
    // 3 + 13 + 61 + 51 = 128 bits. Within it they read the six arguments and write rdx, as declared.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") &raw const arguments,
            inout("rdx") 0_usize => _,
        );
    }
}

#[cfg(all(feature = "valgrind", not(miri), target_arch = "aarch64"))]
#[inline(always)]
fn request(number: usize, start: NonNull<u8>, len: usize) {
    let arguments = [number, start.addr().get(), len, 0, 0, 0];
    // SAFETY: outside Valgrind the instructions leave every register as it was: x12 is turned by
    // 3 + 13 + 51 + 61 = 128 bits. Within it they read the six arguments and write x3, as declared.
    unsafe {
        core::arch::asm!(
            "ror x12, x12, #3",
            "ror x12, x12, #13",
            "ror x12, x12, #51",
            "ror x12, x12, #61",
            "orr x10, x10, x10",
            in("x4") &raw const arguments,
            inout("x3") 0_usize => _,
        );
    }
}

#[cfg(not(all(
    feature = "valgrind",
    not(miri),
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
#[inline(always)]
fn request(_number: usize, _start: NonNull<u8>, _len: usize) {}
