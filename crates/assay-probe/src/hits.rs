//! What a hit does, at compile time and at run time.

/// Where a counter stops. Threads that pass it at one time may leave it higher by their number:
/// a reader takes any value from here on as "this often or more".
pub const SATURATION: u64 = 1 << 16;

#[cfg(feature = "const-hit")]
pub(crate) const fn at_compile_time(_site: u32) {}

pub(crate) use crate::raw::count as at_run_time;
