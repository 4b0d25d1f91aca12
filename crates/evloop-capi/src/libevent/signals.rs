//! Signals: the handler writes its number into the pipe of the base that watches it. When nobody does any more, what
//! handled it before does again.

use std::ffi::c_int;
use std::io::{self, Read as _};
use std::os::fd::{AsRawFd as _, BorrowedFd, RawFd};
use std::os::unix::net::UnixStream;

use evloop::{Call, Interest, Loop, Token};

use super::base::Base;
use super::layout::EV_SIGNAL;
use super::shadow::Id;
use super::turn::{Step, apply};
use crate::sync::{AtomicI32, Mutex, Ordering, lock};

/// Signals are 1 to 64.
const SIGNALS: usize = 65;

/// By signal, one more than the descriptor that its handler writes to; 0 where this library does not handle it.
static WRITERS: [AtomicI32; SIGNALS] = [const { AtomicI32::new(0) }; SIGNALS];
/// What handled the signals before.
static BEFORE: Mutex<[Option<libc::sigaction>; SIGNALS]> = Mutex::new([None; SIGNALS]);

#[derive(Debug)]
struct Pipe {
    reader: UnixStream,
    writer: UnixStream,
    token: Token,
}

/// The signals of a base.
#[derive(Debug)]
pub(super) struct Signals {
    pipe: Option<Pipe>,
    watched: Vec<(c_int, Id)>,
}

impl Signals {
    pub(super) const fn new() -> Self {
        Self {
            pipe: None,
            watched: Vec::new(),
        }
    }

    /// # Errors
    /// The system has no such signal or no pipe, or the signal cannot be handled.
    pub(super) fn watch(
        &mut self,
        base: &'static Base,
        events: &mut Loop,
        signal: c_int,
        id: Id,
    ) -> io::Result<()> {
        if !(1..SIGNALS as c_int).contains(&signal) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let pipe = match &mut self.pipe {
            Some(pipe) => pipe,
            none => none.insert(Pipe::new(base, events)?),
        };
        if !self.watched.iter().any(|(it, _)| *it == signal) {
            handle(signal, pipe.writer.as_raw_fd())?;
        }
        self.watched.push((signal, id));
        Ok(())
    }

    pub(super) fn unwatch(&mut self, signal: c_int, id: Id) {
        let before = self.watched.len();
        self.watched.retain(|it| *it != (signal, id));
        let is_left = self.watched.iter().any(|(it, _)| *it == signal);
        if self.watched.len() < before && !is_left {
            self.restore(signal);
        }
    }

    /// Handles none any more.
    pub(super) fn clear(&mut self) {
        for (signal, _) in std::mem::take(&mut self.watched) {
            self.restore(signal);
        }
    }

    /// Closes the pipe, which no loop watches any more.
    pub(super) fn close(&mut self) {
        self.pipe = None;
    }

    /// In the child of a fork: the pipe of before is the parent's too.
    ///
    /// # Errors
    /// No descriptor is left.
    pub(super) fn renew(&mut self, base: &'static Base, events: &mut Loop) -> io::Result<()> {
        let Some(pipe) = &mut self.pipe else {
            return Ok(());
        };
        let old = std::mem::replace(pipe, Pipe::new(base, events)?);
        events.remove(old.token);
        let writer = pipe.writer.as_raw_fd();
        for (signal, _) in &self.watched {
            WRITERS[*signal as usize].store(writer + 1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn restore(&self, signal: c_int) {
        if let Some(pipe) = &self.pipe {
            let number = signal as usize;
            // Another base may have taken the signal over.
            if WRITERS[number].load(Ordering::Relaxed) == pipe.writer.as_raw_fd() + 1 {
                if let Some(before) = lock(&BEFORE)[number].take() {
                    // SAFETY: what the system said of this signal before; it cannot fail then.
                    _ = unsafe { libc::sigaction(signal, &raw const before, std::ptr::null_mut()) };
                }
                WRITERS[number].store(0, Ordering::Relaxed);
            }
        }
    }

    /// Whom the signals that came are for, and how often each came.
    fn take(&self) -> Vec<(Id, i16)> {
        let mut counts = [0_i16; SIGNALS];
        let mut bytes = [0; 256];
        let Some(pipe) = &self.pipe else {
            return Vec::new();
        };
        while let Ok(length @ 1..) = (&pipe.reader).read(&mut bytes) {
            for byte in &bytes[..length] {
                if let Some(count) = counts.get_mut(usize::from(*byte)) {
                    *count = count.saturating_add(1);
                }
            }
        }
        let watched = self.watched.iter();
        let told = watched.map(|(signal, id)| (*id, counts[*signal as usize]));
        told.filter(|(_, count)| *count > 0).collect()
    }
}

impl Pipe {
    fn new(base: &'static Base, events: &mut Loop) -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        let call = Call {
            function: heard,
            context: base.context(),
            data: 0,
        };
        // SAFETY: the stream is open until `close`, when the loop is gone, or `renew`, which removes the registration.
        let fd = unsafe { BorrowedFd::borrow_raw(reader.as_raw_fd()) };
        Ok(Self {
            token: events.watch(fd, Interest::READABLE, call),
            reader,
            writer,
        })
    }
}

/// The loop's callback for the pipe: activates the events of the signals that came.
fn heard(events: &mut Loop, _: evloop::Event, context: *mut (), _: u64) {
    let base = Base::of_context(context);
    let mut state = base.enter_running();
    for (id, count) in state.signals.take() {
        if let Some(entry) = state.shadows.get_mut(id) {
            entry.active |= EV_SIGNAL;
            entry.calls = entry.calls.saturating_add(count);
        }
        apply(base, &mut state, events, Step::Activate(id));
    }
}

#[expect(
    clippy::fn_to_numeric_cast_any,
    reason = "the system's structure has a number there"
)]
fn handle(signal: c_int, writer: RawFd) -> io::Result<()> {
    let number = signal as usize;
    // The last base that asks for a signal gets it, as with libevent.
    if WRITERS[number].swap(writer + 1, Ordering::Relaxed) != 0 {
        return Ok(());
    }
    // SAFETY: a structure of integers and of an optional function.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    let mut before = action;
    action.sa_sigaction = on_signal as extern "C" fn(c_int) as *const () as usize;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: a set of signals to be written.
    _ = unsafe { libc::sigfillset(&raw mut action.sa_mask) };
    // SAFETY: both are structures of this type; the handler does nothing but what a handler may.
    if unsafe { libc::sigaction(signal, &raw const action, &raw mut before) } != 0 {
        WRITERS[number].store(0, Ordering::Relaxed);
        return Err(io::Error::last_os_error());
    }
    lock(&BEFORE)[number] = Some(before);
    Ok(())
}

extern "C" fn on_signal(signal: c_int) {
    let Some(writer) = usize::try_from(signal).ok().and_then(|it| WRITERS.get(it)) else {
        return;
    };
    let writer = writer.load(Ordering::Relaxed) - 1;
    if writer < 0 {
        return;
    }
    // SAFETY: this thread's own.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { errno.read() };
    let byte = signal as u8;
    // SAFETY: one byte. The descriptor is open as long as the handler may run; a full pipe tells enough.
    _ = unsafe { libc::write(writer, (&raw const byte).cast(), 1) };
    // SAFETY: as above.
    unsafe { errno.write(before) };
}
