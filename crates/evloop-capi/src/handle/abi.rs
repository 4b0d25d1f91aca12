//! The structures that C fills in or has filled in. Each begins with its size and the version of the interface.

use std::ffi::{c_char, c_void};

use super::bits::{Flags, Ready, TimerFlags};
use super::status::Status;

/// `EVLOOP_ABI_VERSION`.
pub const ABI_VERSION: u32 = 1;
/// `EVLOOP_NEVER`, for a timer that is not armed.
pub const NEVER: u64 = u64::MAX;
/// The longest tail of a structure of a later version that is looked at.
const LONGEST: u32 = 4096;

/// `evloop_callback_fn`. A callback that is written in Rust may panic.
pub type CallbackFn = unsafe extern "C-unwind" fn(u64, u64, Ready, *mut c_void);
/// `evloop_task_fn`.
pub type TaskFn = unsafe extern "C-unwind" fn(u64, *mut c_void);
/// `evloop_destroy_fn`.
pub type DestroyFn = unsafe extern "C-unwind" fn(*mut c_void);

/// A structure of the interface.
///
/// # Safety
/// - It is `repr(C)`, it begins with `size` and `abi_version`, both `u32`, and any bytes are a value of it where its function
///   pointers are null or functions.
pub(super) unsafe trait Versioned: Copy {}

macro_rules! structures {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$meta])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            /// In bytes.
            pub size: u32,
            /// [`ABI_VERSION`].
            pub abi_version: u32,
            $($(#[$doc])* pub $field: $type,)*
        }

        // SAFETY: the attribute and the two fields are above; the others are numbers, pointers and optional functions.
        unsafe impl Versioned for $name {}

        impl $name {
            /// Size, alignment, and the offset of each field, for a comparison with other languages.
            ///
            /// ```
            #[doc = concat!("let layout = evloop_capi::handle::", stringify!($name), "::layout();")]
            /// assert_eq!(layout[2], ("size", 0));
            /// ```
            #[must_use]
            pub fn layout() -> Vec<(&'static str, usize)> {
                vec![
                    ("sizeof", size_of::<Self>()),
                    ("alignof", align_of::<Self>()),
                    ("size", std::mem::offset_of!(Self, size)),
                    ("abi_version", std::mem::offset_of!(Self, abi_version)),
                    $((stringify!($field), std::mem::offset_of!(Self, $field)),)*
                ]
            }
        }
    )*};
}

structures! {
    /// `evloop_abi`: the sizes that the header has.
    Abi {
        /// Of a pointer, in bytes.
        pointer: u32,
        /// Of [`Options`].
        options: u32,
        /// Of [`Callback`].
        callback: u32,
        /// Of [`Task`].
        task: u32,
        /// Of [`Timer`].
        timer: u32,
        /// Of [`Stats`].
        stats: u32,
    }

    /// `evloop_options`: how a loop is made.
    Options {
        /// `evloop_backend`.
        backend: u32,
        /// What else.
        flags: Flags,
    }

    /// `evloop_callback`: what is called, with what, and what becomes of that.
    Callback {
        /// Not null.
        call: Option<CallbackFn>,
        /// For it.
        data: *mut c_void,
        /// Called once with `data` when nobody needs it any more; null for data that stays the caller's.
        destroy: Option<DestroyFn>,
        /// 0, or shared data that stands for both.
        shared: u64,
    }

    /// `evloop_task`: a call that is made once.
    Task {
        /// Not null.
        call: Option<TaskFn>,
        /// For it.
        data: *mut c_void,
        /// As in [`Callback`].
        destroy: Option<DestroyFn>,
    }

    /// `evloop_timer`: when a timer is due.
    Timer {
        /// Microseconds from now, or [`NEVER`].
        after_us: u64,
        /// Microseconds between the times that it is due; 0 for once.
        every_us: u64,
        /// What else.
        flags: TimerFlags,
        /// 0.
        reserved: u32,
    }

    /// `evloop_stats`: counts of a loop.
    Stats {
        /// Waits.
        waits: u64,
        /// Callbacks that were called.
        callbacks: u64,
        /// System calls that told the kernel of an interest.
        changes: u64,
        /// Events whose registration had gone before they were told.
        stale: u64,
        /// Events of files that were closed while they were watched.
        ghosts: u64,
        /// Changes of the backend.
        switches: u64,
        /// Descriptors that the system refused to watch.
        refusals: u64,
        /// Registrations that there are.
        registrations: u64,
        /// Data with a destroy function that the library was given.
        taken: u64,
        /// Data that was given to its destroy function.
        destroyed: u64,
    }
}

impl Abi {
    /// What this library has.
    ///
    /// ```
    /// assert_eq!(evloop_capi::handle::Abi::here().pointer, 8);
    /// ```
    #[must_use]
    pub const fn here() -> Self {
        Self {
            size: size_of::<Self>() as u32,
            abi_version: ABI_VERSION,
            pointer: size_of::<*const c_void>() as u32,
            options: size_of::<Options>() as u32,
            callback: size_of::<Callback>() as u32,
            task: size_of::<Task>() as u32,
            timer: size_of::<Timer>() as u32,
            stats: size_of::<Stats>() as u32,
        }
    }
}

/// What a structure begins with.
#[repr(C)]
#[derive(Clone, Copy)]
struct Head {
    size: u32,
    abi_version: u32,
}

impl Head {
    fn check<T>(self) -> Result<(), Status> {
        if self.abi_version != ABI_VERSION {
            return Err(Status::ABI);
        }
        if self.size < size_of::<T>() as u32 || self.size > LONGEST {
            return Err(Status::SIZE);
        }
        Ok(())
    }
}

/// Reads what C has filled in. A structure of a later version is taken if what this one does not know is 0.
///
/// # Safety
/// - `from` is null, or as many bytes as its first four say can be read there, and function pointers in it are null or
///   functions of their types.
pub(super) unsafe fn read<T: Versioned>(from: *const T) -> Result<T, Status> {
    check_pointer(from)?;
    // SAFETY: each of them begins so.
    let head = unsafe { from.cast::<Head>().read() };
    head.check::<T>()?;
    let tail = head.size as usize - size_of::<T>();
    // SAFETY: within what the caller has filled in.
    let behind = unsafe { from.add(1) };
    // SAFETY: the caller has filled in so many.
    let tail = unsafe { std::slice::from_raw_parts(behind.cast::<u8>(), tail) };
    if tail.iter().any(|byte| *byte != 0) {
        return Err(Status::SIZE);
    }
    // SAFETY: large enough, and a value, by `Versioned`.
    Ok(unsafe { from.read() })
}

/// Fills in what C has made room for.
///
/// # Safety
/// - `to` is null, or as many bytes as its first four say can be read and written there.
pub(super) unsafe fn write<T: Versioned>(to: *mut T, value: T) -> Result<(), Status> {
    check_pointer(to)?;
    // SAFETY: each of them begins so.
    let head = unsafe { to.cast::<Head>().read() };
    head.check::<T>()?;
    // SAFETY: large enough.
    unsafe { to.write(value) };
    Ok(())
}

/// Where an answer is to be put; 0 stands there if the call fails.
///
/// # Safety
/// - `to` is null or can be written.
pub(super) unsafe fn clear<T: Default>(to: *mut T) -> Result<Out<T>, Status> {
    check_pointer(to)?;
    // SAFETY: by the caller's contract.
    unsafe { to.write(T::default()) };
    Ok(Out(to))
}

/// A place that can be written until the call returns.
pub(super) struct Out<T>(*mut T);

impl<T> Out<T> {
    pub(super) fn put(self, value: T) {
        // SAFETY: `clear` has written there, in the same call.
        unsafe { self.0.write(value) };
    }
}

fn check_pointer<T>(pointer: *const T) -> Result<(), Status> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(Status::NULL);
    }
    Ok(())
}

/// Text or bytes that C lends for a call.
///
/// # Safety
/// - So many bytes can be read at `from`, which may be null if there are none.
pub(super) unsafe fn text<'a>(from: *const c_char, length: usize) -> Result<&'a [u8], Status> {
    if length == 0 {
        return Ok(&[]);
    }
    if length > isize::MAX as usize {
        return Err(Status::RANGE);
    }
    check_pointer(from)?;
    // SAFETY: by the caller's contract.
    Ok(unsafe { std::slice::from_raw_parts(from.cast(), length) })
}

/// Stores the length of a text with a 0 behind it, and the text if the buffer has the room.
///
/// # Safety
/// - `capacity` bytes can be written at `buffer`, which may be null if that is 0; `needed` is null or can be written.
pub(super) unsafe fn put_text(
    text: &[u8],
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> Result<(), Status> {
    if !needed.is_null() {
        // SAFETY: the caller's contract is the same.
        unsafe { clear(needed) }?.put(text.len() + 1);
    }
    if capacity <= text.len() {
        return Err(Status::TOO_SMALL);
    }
    check_pointer(buffer)?;
    let buffer = buffer.cast::<u8>();
    // SAFETY: there is room for them, and a slice of this library does not overlap C's buffer.
    unsafe { buffer.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
    // SAFETY: there is room for one more.
    let end = unsafe { buffer.add(text.len()) };
    // SAFETY: as above.
    unsafe { end.write(0) };
    Ok(())
}
