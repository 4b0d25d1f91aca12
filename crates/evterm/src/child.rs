//! The command, in its pseudo-terminal.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process;
use std::rc::Rc;

use pty_process::blocking::{Command, Pts, Pty, open};
use termgrid::Size;

use crate::error::Error;

pub(crate) struct Child {
    pub(crate) pty: Rc<Pty>,
    process: Option<process::Child>,
}

/// What a read came to.
pub(crate) enum Output {
    Bytes(usize),
    /// Nothing now.
    Pending,
    /// Nobody has the other end any more.
    End,
}

impl Child {
    /// A pseudo-terminal, and its other end for the command.
    pub(crate) fn open(size: Size) -> Result<(Self, Pts), Error> {
        let (pty, end) = open().map_err(Error::Pty)?;
        pty.resize(size_of(size)).map_err(Error::Pty)?;
        rustix::io::ioctl_fionbio(&pty, true).map_err(|error| Error::Pty(error.into()))?;
        let child = Self {
            pty: Rc::new(pty),
            process: None,
        };
        Ok((child, end))
    }

    /// Starts the command, or the shell if there is none, as the leader of a session of its own.
    pub(crate) fn start(&mut self, command: &[OsString], end: Pts) -> Result<(), Error> {
        let shell = || std::env::var_os("SHELL").unwrap_or_else(|| "/bin/sh".into());
        let (program, arguments) = match command {
            [] => (shell(), command),
            [program, arguments @ ..] => (program.clone(), arguments),
        };
        let process = Command::new(&program)
            .args(arguments)
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor")
            // Those of the terminal around this one.
            .env_remove("COLUMNS")
            .env_remove("LINES")
            .spawn(end)
            .map_err(|error| Error::Start {
                command: program.to_string_lossy().into_owned(),
                source: to_io(error),
            })?;
        self.process = Some(process);
        Ok(())
    }

    pub(crate) fn resize(&self, size: Size) -> Result<(), Error> {
        self.pty.resize(size_of(size)).map_err(Error::Pty)
    }

    pub(crate) fn read(&self, bytes: &mut [u8]) -> Output {
        loop {
            match (&*self.pty).read(bytes) {
                Ok(0) => return Output::End,
                Ok(count) => return Output::Bytes(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Output::Pending,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // EIO: the last descriptor of the other end is closed.
                Err(_) => return Output::End,
            }
        }
    }

    /// Writes as much as there is room for.
    pub(crate) fn write(&self, bytes: &[u8]) -> usize {
        // One that does not read any more, or not now, takes nothing.
        (&*self.pty).write(bytes).unwrap_or(0)
    }

    /// The exit code if it has ended, as a shell tells it.
    pub(crate) fn ended(&mut self) -> Option<u8> {
        let status = self.process.as_mut()?.try_wait().ok()??;
        let code = status.code().or_else(|| Some(128 + status.signal()?));
        Some(code.and_then(|it| u8::try_from(it).ok()).unwrap_or(u8::MAX))
    }
}

fn size_of(size: Size) -> pty_process::Size {
    // They fit: `Size` has no more than 65,535 of each.
    pty_process::Size::new(size.lines() as u16, size.columns() as u16)
}

fn to_io(error: pty_process::Error) -> io::Error {
    match error {
        pty_process::Error::Io(error) => error,
        other => io::Error::other(other),
    }
}
