//! Signals, as bytes in a pipe.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::SigId;
use signal_hook::consts::FORBIDDEN;
use signal_hook::low_level::{pipe, unregister};

use crate::event_loop::Event;
use crate::{Error, Interest, Loop, Ready, Token};

/// The readable end of a pipe into which the handler of a signal writes.
struct Signal {
    reader: UnixStream,
    handler: SigId,
}

impl Signal {
    fn new(signal: i32) -> io::Result<Self> {
        if FORBIDDEN.contains(&signal) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        Ok(Self {
            reader,
            handler: pipe::register(signal, writer)?,
        })
    }

    /// Whether a signal came.
    fn take(&self) -> bool {
        let mut is_some = false;
        // It ends at the first that is not full, or that would block.
        while let Ok(count @ 1..) = (&self.reader).read(&mut [0; 64]) {
            is_some = true;
            if count < 64 {
                break;
            }
        }
        is_some
    }
}

impl AsFd for Signal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        unregister(self.handler);
    }
}

impl Loop {
    /// Calls back on this loop's thread, with [`Ready::SIGNAL`], when the process gets a signal; several that come before
    /// the loop looks are one. Other loops and other handlers of the signal get it too.
    ///
    /// When the registration is removed, the signal is ignored unless somebody else handles it: its default action does
    /// not come back.
    ///
    /// # Errors
    /// The signal cannot be handled (`SIGKILL`, `SIGSTOP`), must not be (`SIGSEGV`, `SIGFPE`, `SIGILL`) or does not exist,
    /// or no descriptor is left.
    ///
    /// ```
    /// use evloop::{Loop, Ready};
    ///
    /// const SIGUSR1: i32 = 10;
    /// let mut events = Loop::new()?;
    /// events.add_signal(SIGUSR1, |events, event| {
    ///     assert_eq!(event.ready, Ready::SIGNAL);
    ///     events.stop();
    /// })?;
    /// signal_hook::low_level::raise(SIGUSR1).unwrap();
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn add_signal(
        &mut self,
        signal: i32,
        mut callback: impl FnMut(&mut Self, Event) + 'static,
    ) -> Result<Token, Error> {
        let source = Signal::new(signal).map_err(|source| Error::Signal { signal, source })?;
        let told = move |events: &mut Self, source: &mut Signal, event: Event| {
            let is_activated = event.ready.contains(Ready::ACTIVATED);
            let ready = event.ready & Ready::ACTIVATED;
            if source.take() {
                callback(
                    events,
                    Event {
                        ready: ready | Ready::SIGNAL,
                        ..event
                    },
                );
            } else if is_activated {
                callback(events, Event { ready, ..event });
            }
        };
        Ok(self.add_io(source, Interest::READABLE, told))
    }
}
