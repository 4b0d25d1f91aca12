//! libuv, loaded where the machine has it.

use super::{Pairs, Turn, load, read};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::os::unix::net::UnixStream;
use std::ptr;
use std::rc::Rc;
use std::sync::OnceLock;

pub type Uv = *mut c_void;
pub type Handle = *mut c_void;
type PollCallback = unsafe extern "C" fn(Handle, c_int, c_int);
type TimerCallback = unsafe extern "C" fn(Handle);

pub const POLL: c_int = 8;
pub const TIMER: c_int = 13;
pub const READABLE: c_int = 1;
const ONCE: c_int = 1;

pub struct Libuv {
    loop_size: unsafe extern "C" fn() -> usize,
    loop_init: unsafe extern "C" fn(Uv) -> c_int,
    handle_size: unsafe extern "C" fn(c_int) -> usize,
    set_data: unsafe extern "C" fn(Handle, *mut c_void),
    get_data: unsafe extern "C" fn(Handle) -> *mut c_void,
    pub poll_init: unsafe extern "C" fn(Uv, Handle, c_int) -> c_int,
    pub poll_start: unsafe extern "C" fn(Handle, c_int, PollCallback) -> c_int,
    pub poll_stop: unsafe extern "C" fn(Handle) -> c_int,
    pub timer_init: unsafe extern "C" fn(Uv, Handle) -> c_int,
    pub timer_start: unsafe extern "C" fn(Handle, TimerCallback, u64, u64) -> c_int,
    run: unsafe extern "C" fn(Uv, c_int) -> c_int,
}

impl Libuv {
    pub fn get() -> Result<&'static Self, String> {
        static LOADED: OnceLock<Result<Libuv, String>> = OnceLock::new();
        LOADED
            .get_or_init(Self::load)
            .as_ref()
            .map_err(Clone::clone)
    }

    fn load() -> Result<Self, String> {
        let library = load("libuv", "libuv.so.1")?;
        // SAFETY: the types are those of uv.h.
        let loaded = unsafe {
            (|| {
                Ok::<_, libloading::Error>(Self {
                    loop_size: *library.get(b"uv_loop_size\0")?,
                    loop_init: *library.get(b"uv_loop_init\0")?,
                    handle_size: *library.get(b"uv_handle_size\0")?,
                    set_data: *library.get(b"uv_handle_set_data\0")?,
                    get_data: *library.get(b"uv_handle_get_data\0")?,
                    poll_init: *library.get(b"uv_poll_init\0")?,
                    poll_start: *library.get(b"uv_poll_start\0")?,
                    poll_stop: *library.get(b"uv_poll_stop\0")?,
                    timer_init: *library.get(b"uv_timer_init\0")?,
                    timer_start: *library.get(b"uv_timer_start\0")?,
                    run: *library.get(b"uv_run\0")?,
                })
            })()
        };
        loaded.map_err(|error| format!("libuv: {error}"))
    }

    /// A loop that is never closed.
    pub fn make_loop(&self) -> Uv {
        // SAFETY: it has no arguments.
        let size = unsafe { (self.loop_size)() };
        let memory = room(size);
        // SAFETY: the memory is as large as the loop wants it, and kept for good.
        let made = unsafe { (self.loop_init)(memory) };
        assert_eq!(made, 0, "descriptors are left");
        memory
    }

    /// Memory for a handle of this type, which is kept for good.
    pub fn handle(&self, kind: c_int) -> Handle {
        // SAFETY: any number will do.
        room(unsafe { (self.handle_size)(kind) })
    }
}

fn room(size: usize) -> *mut c_void {
    let words = vec![0_u128; size.div_ceil(16)];
    words.leak().as_mut_ptr().cast()
}

struct Watched {
    reader: Rc<UnixStream>,
    count: Rc<Cell<usize>>,
}

unsafe extern "C" fn readable(handle: Handle, _: c_int, _: c_int) {
    let library = Libuv::get().expect("it was looked for before");
    // SAFETY: the handle's data was made from a `Watched` that is kept for good.
    let watched = unsafe { &*(library.get_data)(handle).cast::<Watched>() };
    watched
        .count
        .set(watched.count.get() + read(&watched.reader));
}

/// For a descriptor that is never ready.
pub unsafe extern "C" fn nothing(_: Handle, _: c_int, _: c_int) {}

/// For a timer that is never due.
pub unsafe extern "C" fn never(_: Handle) {}

pub fn watch(pairs: &Pairs) -> Turn {
    let library = Libuv::get().expect("it was looked for before");
    let own = library.make_loop();
    let count = Rc::new(Cell::new(0));
    for (reader, descriptor) in pairs.readers.iter().zip(pairs.descriptors()) {
        let watched = Box::leak(Box::new(Watched {
            reader: Rc::clone(reader),
            count: Rc::clone(&count),
        }));
        let handle = library.handle(POLL);
        // SAFETY: the loop lives; the handle's memory and what the callback gets are kept for good.
        let started = unsafe {
            let inited = (library.poll_init)(own, handle, descriptor);
            assert_eq!(inited, 0, "a socket can be watched");
            (library.set_data)(handle, ptr::from_mut(watched).cast());
            (library.poll_start)(handle, READABLE, readable)
        };
        assert_eq!(started, 0, "a socket can be watched");
    }
    Box::new(move |wanted| {
        count.set(0);
        while count.get() < wanted {
            // SAFETY: the loop lives.
            unsafe { (library.run)(own, ONCE) };
        }
    })
}
