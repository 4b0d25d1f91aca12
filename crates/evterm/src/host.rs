//! The terminal that this was started in.

use std::io::{self, Stdin, Write};

use rustix::termios::{self, OptionalActions, Termios};
use termgrid::{Size, Terminal};

use crate::error::Error;
use crate::render::Renderer;

/// It is raw, and shows its other screen, as long as this lives.
pub(crate) struct Host {
    before: Termios,
    renderer: Renderer,
    /// Room that is used again for each frame.
    bytes: Vec<u8>,
}

impl Host {
    pub(crate) fn enter() -> Result<Self, Error> {
        let (input, output) = (io::stdin(), io::stdout());
        if !termios::isatty(&input) || !termios::isatty(&output) {
            return Err(Error::NotATerminal);
        }
        let host = Self {
            before: termios::tcgetattr(&input).map_err(of_host)?,
            renderer: Renderer::default(),
            bytes: Vec::new(),
        };
        let mut raw = host.before.clone();
        raw.make_raw();
        // From here on `drop` brings back what was.
        termios::tcsetattr(&input, OptionalActions::Flush, &raw).map_err(of_host)?;
        write(b"\x1b[?1049h\x1b[H\x1b[2J")?;
        Ok(host)
    }

    pub(crate) fn size(&self) -> Result<Size, Error> {
        let size = termios::tcgetwinsize(io::stdout()).map_err(of_host)?;
        // Some terminals don't know their size.
        let or = |count: u16, usual: u16| usize::from(if count == 0 { usual } else { count });
        Ok(Size::new(or(size.ws_row, 24), or(size.ws_col, 80).max(2))?)
    }

    /// Shows what changed.
    pub(crate) fn show(&mut self, terminal: &mut Terminal) -> Result<(), Error> {
        self.bytes.clear();
        self.renderer.render(terminal, &mut self.bytes);
        write(&self.bytes)
    }

    /// Everything is to be shown anew: the terminal has moved it.
    pub(crate) fn forget(&mut self) {
        self.renderer.forget();
    }

    /// What was typed; nothing at the end.
    pub(crate) fn read<'a>(input: &Stdin, bytes: &'a mut [u8]) -> &'a [u8] {
        let count = rustix::io::retry_on_intr(|| rustix::io::read(input, &mut *bytes));
        &bytes[..count.unwrap_or(0)]
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.bytes.clear();
        self.renderer.leave(&mut self.bytes);
        // Both are tried, and nobody is left to tell if one fails.
        drop(write(&self.bytes));
        _ = termios::tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}

fn write(bytes: &[u8]) -> Result<(), Error> {
    let mut output = io::stdout().lock();
    let written = output.write_all(bytes).and_then(|()| output.flush());
    written.map_err(Error::Host)
}

fn of_host(error: rustix::io::Errno) -> Error {
    Error::Host(error.into())
}
