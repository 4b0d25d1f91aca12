//! The loops, behind one interface: who watches some sockets, and waits until so many bytes have been read.

pub mod libevent;
pub mod libuv;
mod loops;

pub use libevent::Libevent;
pub use libuv::Libuv;

use libloading::Library;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

/// Sockets whose other ends are written to.
pub struct Pairs {
    writers: Vec<UnixStream>,
    pub readers: Vec<Rc<UnixStream>>,
}

impl Pairs {
    pub fn new(count: usize) -> Self {
        let pair = || {
            let (writer, reader) = UnixStream::pair().expect("descriptors are left");
            reader.set_nonblocking(true).expect("a socket can be so");
            (writer, Rc::new(reader))
        };
        let (writers, readers) = (0..count).map(|_| pair()).unzip();
        Self { writers, readers }
    }

    /// Writes a byte to so many of them, others each time.
    pub fn write(&self, turn: usize, active: usize) {
        let count = self.writers.len();
        for place in 0..active {
            let mut writer = &self.writers[(turn * 7 + place) % count];
            writer.write_all(b"x").expect("there is room for a byte");
        }
    }

    pub fn descriptors(&self) -> impl Iterator<Item = RawFd> {
        self.readers.iter().map(|it| it.as_raw_fd())
    }
}

/// Reads the byte that is there.
pub fn read(mut reader: &UnixStream) -> usize {
    reader.read(&mut [0]).unwrap_or(0)
}

/// Waits until so many bytes have been read.
pub type Turn = Box<dyn FnMut(usize)>;

/// A loop by its name.
pub struct Contender {
    pub name: &'static str,
    /// Why it is not there.
    pub missing: fn() -> Option<String>,
    /// Watches the sockets.
    pub watch: fn(&Pairs) -> Turn,
}

pub const RAW: &str = "epoll as it is";
pub const OURS: &str = "evloop";
pub const LIBEVENT: &str = "libevent";

pub const CONTENDERS: [Contender; 9] = [
    Contender {
        name: RAW,
        missing: || None,
        watch: loops::raw,
    },
    Contender {
        name: OURS,
        missing: || None,
        watch: |pairs| loops::evloop(pairs, evloop::BackendKind::Epoll),
    },
    Contender {
        name: "evloop, poll",
        missing: || None,
        watch: |pairs| loops::evloop(pairs, evloop::BackendKind::Poll),
    },
    Contender {
        name: "evloop, io_uring",
        missing: || {
            let made = evloop::Loop::with_backend(evloop::BackendKind::Uring);
            made.err().map(|error| format!("evloop, io_uring: {error}"))
        },
        watch: |pairs| loops::evloop(pairs, evloop::BackendKind::Uring),
    },
    Contender {
        name: LIBEVENT,
        missing: || Libevent::get().err(),
        watch: libevent::watch,
    },
    Contender {
        name: "libuv",
        missing: || Libuv::get().err(),
        watch: libuv::watch,
    },
    Contender {
        name: "mio",
        missing: || None,
        watch: loops::mio,
    },
    Contender {
        name: "polling",
        missing: || None,
        watch: loops::polling,
    },
    Contender {
        name: "calloop",
        missing: || None,
        watch: loops::calloop,
    },
];

/// A library that stays for good.
fn load(name: &str, file: &str) -> Result<&'static Library, String> {
    // SAFETY: libevent and libuv run nothing when they are loaded.
    let library = unsafe { Library::new(file) };
    let kept = library.map(Box::new).map(Box::leak);
    kept.map(|it| &*it)
        .map_err(|error| format!("{name}: {error}"))
}
