//! The rings of io_uring.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use io_uring::types::{Fd, SubmitArgs, Timespec};
use io_uring::{IoUring, opcode, squeue};
use rustix::io::Errno;

/// Requests that can wait to be put in; more are put in before.
const ENTRIES: u32 = 256;
/// No descriptor is -1.
const NOBODY: u64 = u64::MAX;

pub(crate) struct Ring(IoUring);

impl Ring {
    /// # Errors
    /// The system has none, or refuses it.
    pub(crate) fn new() -> io::Result<Self> {
        let ring = IoUring::new(ENTRIES)?;
        // Waiting with a time limit, Linux 5.11.
        if !ring.params().is_feature_ext_arg() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(Self(ring))
    }

    /// Asks for one answer, with this name, when one of these bits of poll is true of the descriptor.
    pub(crate) fn poll(&mut self, fd: RawFd, bits: u32, name: u64) -> io::Result<()> {
        let request = opcode::PollAdd::new(Fd(fd), bits).build();
        self.put(&request.user_data(name))
    }

    /// Takes such a request back. Its answer may be on its way.
    pub(crate) fn cancel(&mut self, name: u64) -> io::Result<()> {
        let request = opcode::PollRemove::new(name).build();
        self.put(&request.user_data(NOBODY))
    }

    fn put(&mut self, request: &squeue::Entry) -> io::Result<()> {
        // SAFETY: neither of the two requests that are made here has a pointer in it.
        if unsafe { self.0.submission().push(request) }.is_ok() {
            return Ok(());
        }
        self.0.submit()?;
        // SAFETY: as above.
        let put = unsafe { self.0.submission().push(request) };
        put.map_err(|_| io::ErrorKind::WouldBlock.into())
    }

    /// Puts the requests in, and waits for an answer.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> io::Result<()> {
        let submitter = self.0.submitter();
        let waited = match timeout.map(Timespec::from) {
            Some(timeout) => {
                let arguments = SubmitArgs::new().timespec(&timeout);
                submitter.submit_with_args(1, &arguments)
            }
            None => submitter.submit_and_wait(1),
        };
        match waited {
            Err(error) if error.raw_os_error() != Some(Errno::TIME.raw_os_error()) => Err(error),
            _ => Ok(()),
        }
    }

    /// Calls `hear` with the name and the result of each answer that there is.
    pub(crate) fn answers(&mut self, mut hear: impl FnMut(u64, i32)) {
        for answer in self.0.completion() {
            if answer.user_data() != NOBODY {
                hear(answer.user_data(), answer.result());
            }
        }
    }
}
