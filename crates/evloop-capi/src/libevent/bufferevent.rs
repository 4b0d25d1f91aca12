//! Bufferevents: a descriptor with a buffer for what comes and one for what goes.

use std::ffi::{c_int, c_short, c_void};
use std::io;
use std::mem::{offset_of, size_of};
use std::ptr;

use super::base::{self, Base};
use super::buffer::{self, Evbuffer};
use super::events;
use super::layout::{EV_PERSIST, EV_READ, EV_WRITE, Event};
use super::log::warn;
use super::slabs::Slabs;
use crate::sync::{AtomicUsize, Ordering};

/// libevent's `bufferevent_data_cb`.
pub type DataCallback = unsafe extern "C" fn(*mut Bufferevent, *mut c_void);
/// libevent's `bufferevent_event_cb`.
pub type EventCallback = unsafe extern "C" fn(*mut Bufferevent, c_short, *mut c_void);

const READING: c_short = 0x01;
const WRITING: c_short = 0x02;
const EOF: c_short = 0x10;
const ERROR: c_short = 0x20;

/// Bytes of one write at most, as libevent's.
const WRITE_MAX: usize = 16384;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
struct Watermark {
    low: usize,
    high: usize,
}

/// `struct bufferevent`, with the public fields of libevent's. Its memory is used again for others and never given back.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Bufferevent {
    base: *const Base,
    _operations: *const c_void,
    reads: Event,
    writes: Event,
    pub(super) input: *mut Evbuffer,
    pub(super) output: *mut Evbuffer,
    reading: Watermark,
    writing: Watermark,
    read: Option<DataCallback>,
    written: Option<DataCallback>,
    event: Option<EventCallback>,
    argument: *mut c_void,
    _timeouts: [i64; 4],
    enabled: c_short,
    _pad: [u16; 3],
    /// Behind what libevent's has. Which of the bufferevents that had this memory; 0 in one that was freed.
    life: usize,
    /// The input is full, and nothing is read.
    is_full: bool,
}

const _: () = {
    assert!(offset_of!(Bufferevent, reads) == 16);
    assert!(offset_of!(Bufferevent, input) == 272);
    assert!(offset_of!(Bufferevent, output) == 280);
    assert!(offset_of!(Bufferevent, read) == 320);
    assert!(offset_of!(Bufferevent, enabled) == 384);
    assert!(offset_of!(Bufferevent, life) == 392);
    assert!(size_of::<Bufferevent>() == 408);
};

const BLANK: Bufferevent = Bufferevent {
    base: ptr::null(),
    _operations: ptr::null(),
    reads: Event::BLANK,
    writes: Event::BLANK,
    input: ptr::null_mut(),
    output: ptr::null_mut(),
    reading: Watermark { low: 0, high: 0 },
    writing: Watermark { low: 0, high: 0 },
    read: None,
    written: None,
    event: None,
    argument: ptr::null_mut(),
    _timeouts: [0; 4],
    enabled: 0,
    _pad: [0; 3],
    life: 0,
    is_full: false,
};

// SAFETY: of a blank one alone, whose pointers are null, a reference is shared.
unsafe impl Sync for Bufferevent {}
// SAFETY: as above.
unsafe impl Send for Bufferevent {}

static MADE: Slabs<Bufferevent> = Slabs::new(BLANK);
/// How many were made.
static LIVES: AtomicUsize = AtomicUsize::new(0);

/// A bufferevent as it was when one looked: its memory, and its life.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handle {
    memory: *mut Bufferevent,
    life: usize,
}

/// What a buffer of a bufferevent tells when it has changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watcher {
    whose: Handle,
    is_output: bool,
}

impl Watcher {
    pub(super) fn changed(self, length: usize, is_more: bool) {
        if !self.is_output {
            return self.whose.measure(length);
        }
        if is_more && self.whose.is_enabled(EV_WRITE) && !self.whose.is_pending_to_write() {
            self.whose.wait(EV_WRITE);
        }
    }
}

/// A bufferevent of the base of `event_init`; null where there is no memory.
pub(super) fn create(
    fd: c_int,
    callbacks: (
        Option<DataCallback>,
        Option<DataCallback>,
        Option<EventCallback>,
    ),
    argument: *mut c_void,
) -> *mut Bufferevent {
    let memory = MADE.take();
    if memory.is_null() {
        return memory;
    }
    let life = LIVES.fetch_add(1, Ordering::Relaxed) + 1;
    let whose = Handle { memory, life };
    let watcher = |is_output| Some(Watcher { whose, is_output });
    let base = base::current();
    let (read, written, event) = callbacks;
    let made = Bufferevent {
        base: base.map_or(ptr::null(), ptr::from_ref),
        input: buffer::create(watcher(false)),
        output: buffer::create(watcher(true)),
        read,
        written,
        event,
        argument,
        // What is put into the output is written; reading is to be asked for.
        enabled: EV_WRITE,
        life,
        ..BLANK
    };
    // SAFETY: a block of this type that is ours.
    unsafe { memory.write(made) };
    for (event, what, callback) in [
        (whose.reads(), EV_READ, readable as super::layout::Callback),
        (whose.writes(), EV_WRITE, writable),
    ] {
        let what = what | EV_PERSIST;
        // SAFETY: the event's room in the block.
        unsafe { events::assign(event, base, fd, what, Some(callback), memory.cast()) };
    }
    memory
}

/// The bufferevent at a pointer of the program's. `None`, and said, if it was freed.
///
/// # Safety
/// - `bufferevent` is null or came from [`create`]; it may have been freed.
pub(super) unsafe fn at(bufferevent: *mut Bufferevent, what: &str) -> Option<Handle> {
    // SAFETY: null, or a block, whose memory is never given back.
    let life = unsafe { bufferevent.as_ref() }.map_or(0, |it| it.life);
    if life == 0 {
        warn(&format!("{what}: the bufferevent is null or was freed"));
        return None;
    }
    Some(Handle {
        memory: bufferevent,
        life,
    })
}

/// Ends a bufferevent. One that was freed is told.
pub(super) fn free(bufferevent: *mut Bufferevent) {
    if !MADE.has(bufferevent) {
        return warn("bufferevent_free: this is no bufferevent, or it was freed before");
    }
    // SAFETY: a block that is in use.
    let Some(whose) = (unsafe { at(bufferevent, "bufferevent_free") }) else {
        return;
    };
    let content = whose.get();
    whose.rest(EV_READ | EV_WRITE);
    MADE.give_back(bufferevent);
    for buffer in [content.input, content.output] {
        buffer::free(buffer, "bufferevent_free");
    }
}

impl Handle {
    /// A copy of what is in the block.
    pub(super) fn get(self) -> Bufferevent {
        // SAFETY: a block, whose memory is never given back.
        unsafe { self.memory.read() }
    }

    fn is_live(self) -> bool {
        self.get().life == self.life
    }

    fn reads(self) -> *mut Event {
        // SAFETY: a block.
        unsafe { &raw mut (*self.memory).reads }
    }

    fn writes(self) -> *mut Event {
        // SAFETY: a block.
        unsafe { &raw mut (*self.memory).writes }
    }

    fn change(self, change: impl FnOnce(&mut Bufferevent)) {
        // SAFETY: a block, which is this thread's for the call.
        change(unsafe { &mut *self.memory });
    }

    fn is_enabled(self, what: c_short) -> bool {
        self.get().enabled & what != 0
    }

    fn is_pending_to_write(self) -> bool {
        // SAFETY: an event that is assigned.
        let (pending, _) = unsafe { events::pending(self.writes()) };
        pending & EV_WRITE != 0
    }

    fn wait(self, what: c_short) -> c_int {
        let mut result = 0;
        if what & EV_READ != 0 {
            // SAFETY: an event that is assigned.
            result |= unsafe { events::add(self.reads(), None) };
        }
        if what & EV_WRITE != 0 {
            // SAFETY: as above.
            result |= unsafe { events::add(self.writes(), None) };
        }
        result
    }

    fn rest(self, what: c_short) {
        if what & EV_READ != 0 {
            // SAFETY: an event that is assigned.
            unsafe { events::del(self.reads()) };
        }
        if what & EV_WRITE != 0 {
            // SAFETY: as above.
            unsafe { events::del(self.writes()) };
        }
    }

    pub(super) fn enable(self, what: c_short) -> c_int {
        self.change(|it| it.enabled |= what);
        let content = self.get();
        let mut waits = what;
        if content.is_full {
            waits &= !EV_READ;
        }
        if length(content.output) == 0 {
            waits &= !EV_WRITE;
        }
        self.wait(waits)
    }

    pub(super) fn disable(self, what: c_short) {
        self.change(|it| it.enabled &= !what);
        self.rest(what);
    }

    pub(super) fn set_watermark(self, what: c_short, low: usize, high: usize) {
        let watermark = Watermark { low, high };
        if what & EV_WRITE != 0 {
            self.change(|it| it.writing = watermark);
        }
        if what & EV_READ != 0 {
            self.change(|it| it.reading = watermark);
            self.measure(length(self.get().input));
        }
    }

    /// Reads no more while the input is full, and again when it is not.
    fn measure(self, length: usize) {
        let content = self.get();
        let is_full = content.reading.high != 0 && length >= content.reading.high;
        if is_full == content.is_full {
            return;
        }
        self.change(|it| it.is_full = is_full);
        if is_full {
            self.rest(EV_READ);
        } else if content.enabled & EV_READ != 0 {
            self.wait(EV_READ);
        }
    }

    fn tell(self, what: c_short) {
        let content = self.get();
        if let Some(event) = content.event {
            // SAFETY: the program's own function, with the argument that it gave with it.
            unsafe { event(self.memory, what, content.argument) };
        }
    }

    fn tell_data(self, callback: Option<DataCallback>) {
        if let Some(callback) = callback {
            // SAFETY: the program's own function, with the argument that it gave with it.
            unsafe { callback(self.memory, self.get().argument) };
        }
    }

    /// What becomes of a read or a write that brought nothing. `false` if it is only to be tried again.
    fn is_over(self, result: &io::Result<usize>, what: (c_short, c_short)) -> bool {
        let (side, event) = what;
        let reason = match result {
            Ok(0) => EOF,
            Ok(_) => return false,
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => return false,
                _ => ERROR,
            },
        };
        self.disable(event);
        if let Err(error) = result {
            // SAFETY: this thread's own; callbacks look at it.
            let errno = unsafe { libc::__errno_location() };
            // SAFETY: as above.
            unsafe { errno.write(error.raw_os_error().unwrap_or(0)) };
        }
        self.tell(side | reason);
        true
    }
}

fn length(buffer: *const Evbuffer) -> usize {
    // SAFETY: a buffer of a bufferevent.
    unsafe { buffer::with(buffer, "bufferevent", |it| it.len()) }.unwrap_or(0)
}

/// The callback of the event for reading.
unsafe extern "C" fn readable(fd: c_int, _: c_short, argument: *mut c_void) {
    // SAFETY: the block that the event is in.
    let Some(whose) = (unsafe { at(argument.cast(), "bufferevent") }) else {
        return;
    };
    let content = whose.get();
    let room = content.reading.high.checked_sub(length(content.input));
    let limit = room.filter(|_| content.reading.high != 0);
    // SAFETY: a buffer of a bufferevent.
    let read = unsafe { buffer::with(content.input, "bufferevent", |it| it.read(fd, limit)) };
    let Some(read) = read else {
        return;
    };
    if whose.is_over(&read, (READING, EV_READ)) || read.is_err() {
        return;
    }
    if length(content.input) >= content.reading.low {
        whose.tell_data(content.read);
    }
}

/// The callback of the event for writing.
unsafe extern "C" fn writable(fd: c_int, _: c_short, argument: *mut c_void) {
    // SAFETY: the block that the event is in.
    let Some(whose) = (unsafe { at(argument.cast(), "bufferevent") }) else {
        return;
    };
    let content = whose.get();
    if length(content.output) > 0 {
        // SAFETY: a buffer of a bufferevent.
        let written =
            unsafe { buffer::with(content.output, "bufferevent", |it| it.write(fd, WRITE_MAX)) };
        let Some(written) = written else {
            return;
        };
        if whose.is_over(&written, (WRITING, EV_WRITE)) || written.is_err() {
            return;
        }
    }
    let left = length(content.output);
    if left == 0 {
        whose.rest(EV_WRITE);
    }
    if left <= content.writing.low && whose.is_live() {
        whose.tell_data(content.written);
    }
}
