//! What libevent's headers say of its structures, and what stands in them here.

use std::ffi::{c_int, c_short, c_void};
use std::mem::{offset_of, size_of};

use super::base::Base;

/// libevent's `event_callback_fn`.
pub type Callback = unsafe extern "C" fn(c_int, c_short, *mut c_void);

/// A time has come.
pub const EV_TIMEOUT: c_short = 0x01;
/// A descriptor is readable.
pub const EV_READ: c_short = 0x02;
/// A descriptor is writable.
pub const EV_WRITE: c_short = 0x04;
/// A signal came.
pub const EV_SIGNAL: c_short = 0x08;
/// The event stays when its callback is called.
pub const EV_PERSIST: c_short = 0x10;
/// Edge by edge; told level by level here, as with libevent's poll.
pub const EV_ET: c_short = 0x20;
/// The other end is closed; never told by itself, as with libevent's poll.
pub const EV_CLOSED: c_short = 0x80;

/// Says that `event_assign` or `event_set` wrote the structure.
pub(super) const MAGIC: u64 = 0x6576_6c6f_6f70_2e31;

/// libevent's flag of an event that was assigned; programs of old look at it themselves.
const EVLIST_INIT: c_short = 0x80;

/// `struct event`: in the caller's memory, of the size and with the public fields of libevent's.
///
/// What libevent links its lists with has the name of the shadow that stands for the event, and nothing else is written
/// after it was assigned. Of a pending event nothing is read until the caller names it again.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Which shadow; meaningless with generation 0.
    pub(super) slot: u32,
    pub(super) generation: u32,
    pub(super) magic: u64,
    flags: c_short,
    _priority: u16,
    _pad: u32,
    pub(super) callback: Option<Callback>,
    pub(super) argument: *mut c_void,
    _position: [usize; 2],
    pub(super) fd: c_int,
    _pad_of_fd: u32,
    pub(super) base: *const Base,
    /// Which of the bases that had this address.
    pub(super) life: u32,
    _pad_of_life: u32,
    _lists: [usize; 3],
    pub(super) events: c_short,
    _result: c_short,
    _pad_of_result: u32,
    _timeout: [i64; 2],
}

impl Event {
    pub(super) const fn new(
        base: *const Base,
        life: u32,
        fd: c_int,
        events: c_short,
        callback: Option<Callback>,
        argument: *mut c_void,
    ) -> Self {
        Self {
            magic: MAGIC,
            flags: EVLIST_INIT,
            callback,
            argument,
            fd,
            base,
            life,
            events,
            ..Self::BLANK
        }
    }

    /// As memory that was zeroed.
    pub(super) const BLANK: Self = Self {
        slot: 0,
        generation: 0,
        magic: 0,
        flags: 0,
        _priority: 0,
        _pad: 0,
        callback: None,
        argument: std::ptr::null_mut(),
        _position: [0; 2],
        fd: 0,
        _pad_of_fd: 0,
        base: std::ptr::null(),
        life: 0,
        _pad_of_life: 0,
        _lists: [0; 3],
        events: 0,
        _result: 0,
        _pad_of_result: 0,
        _timeout: [0; 2],
    };

    pub(super) const fn is_assigned(&self) -> bool {
        self.magic == MAGIC
    }
}

const _: () = {
    assert!(size_of::<Event>() == 128);
    assert!(offset_of!(Event, flags) == 16);
    assert!(offset_of!(Event, callback) == 24);
    assert!(offset_of!(Event, argument) == 32);
    assert!(offset_of!(Event, fd) == 56);
    assert!(offset_of!(Event, base) == 64);
    assert!(offset_of!(Event, events) == 104);
};
