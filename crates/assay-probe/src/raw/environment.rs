//! Variables of the environment, read before `main`.

use core::ffi::{CStr, c_char};

/// The value of a variable, if it is set.
///
/// # Safety
///
/// - No thread is running that could change the environment, as in a constructor.
/// - The value is not used after such a thread may have started.
pub(super) unsafe fn variable<'a>(name: &CStr) -> Option<&'a CStr> {
    // SAFETY: the name ends with a zero; the environment does not change meanwhile, by the contract.
    let value = unsafe { getenv(name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: `getenv` returned a string that ends with a zero; it stays as it is by the contract.
    Some(unsafe { CStr::from_ptr(value) })
}

unsafe extern "C" {
    fn getenv(name: *const c_char) -> *const c_char;
}
