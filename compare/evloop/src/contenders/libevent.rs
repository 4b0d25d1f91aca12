//! libevent 2.1, loaded where the machine has it.

use super::{Pairs, Turn, load, read};
use std::cell::Cell;
use std::ffi::{c_int, c_long, c_short, c_void};
use std::os::unix::net::UnixStream;
use std::ptr;
use std::rc::Rc;
use std::sync::OnceLock;

pub type Base = *mut c_void;
pub type Event = *mut c_void;
type Callback = unsafe extern "C" fn(c_int, c_short, *mut c_void);

/// `struct timeval`.
#[repr(C)]
pub struct Time {
    pub seconds: c_long,
    pub microseconds: c_long,
}

pub const READ_AGAIN: c_short = 0x02 | 0x10;
const ONCE: c_int = 1;

pub struct Libevent {
    pub base_new: unsafe extern "C" fn() -> Base,
    pub event_new: unsafe extern "C" fn(Base, c_int, c_short, Callback, *mut c_void) -> Event,
    pub add: unsafe extern "C" fn(Event, *const Time) -> c_int,
    pub del: unsafe extern "C" fn(Event) -> c_int,
    run: unsafe extern "C" fn(Base, c_int) -> c_int,
}

impl Libevent {
    pub fn get() -> Result<&'static Self, String> {
        static LOADED: OnceLock<Result<Libevent, String>> = OnceLock::new();
        LOADED
            .get_or_init(Self::load)
            .as_ref()
            .map_err(Clone::clone)
    }

    fn load() -> Result<Self, String> {
        let library = load("libevent", "libevent_core-2.1.so.7")?;
        // SAFETY: the types are those of event2/event.h.
        let loaded = unsafe {
            (|| {
                Ok::<_, libloading::Error>(Self {
                    base_new: *library.get(b"event_base_new\0")?,
                    event_new: *library.get(b"event_new\0")?,
                    add: *library.get(b"event_add\0")?,
                    del: *library.get(b"event_del\0")?,
                    run: *library.get(b"event_base_loop\0")?,
                })
            })()
        };
        loaded.map_err(|error| format!("libevent: {error}"))
    }
}

/// What a callback is for.
struct Watched {
    reader: Rc<UnixStream>,
    count: Rc<Cell<usize>>,
}

unsafe extern "C" fn readable(_: c_int, _: c_short, watched: *mut c_void) {
    // SAFETY: it was made from a `Watched` that is kept for good.
    let watched = unsafe { &*watched.cast::<Watched>() };
    watched
        .count
        .set(watched.count.get() + read(&watched.reader));
}

/// For an event that is never called.
pub unsafe extern "C" fn nothing(_: c_int, _: c_short, _: *mut c_void) {}

pub fn watch(pairs: &Pairs) -> Turn {
    let library = Libevent::get().expect("it was looked for before");
    // SAFETY: it has no arguments.
    let base = unsafe { (library.base_new)() };
    let count = Rc::new(Cell::new(0));
    for (reader, descriptor) in pairs.readers.iter().zip(pairs.descriptors()) {
        let watched = Box::leak(Box::new(Watched {
            reader: Rc::clone(reader),
            count: Rc::clone(&count),
        }));
        let watched = ptr::from_mut(watched).cast();
        // SAFETY: the base lives, and what the callback gets is kept for good.
        let added = unsafe {
            let event = (library.event_new)(base, descriptor, READ_AGAIN, readable, watched);
            (library.add)(event, ptr::null())
        };
        assert_eq!(added, 0, "a socket can be watched");
    }
    Box::new(move |wanted| {
        count.set(0);
        while count.get() < wanted {
            // SAFETY: the base lives.
            unsafe { (library.run)(base, ONCE) };
        }
    })
}
