//! A terminal with `evterm` in it.

use std::io::{Read, Write};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};
use rustix::termios::{LocalModes, tcgetattr};
use termgrid::{Size, Terminal};

/// Nothing here takes so long: a test that waits ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// The outer pseudo-terminal, what it shows, and the program.
pub(crate) struct Screen {
    pub(crate) pty: Pty,
    pub(crate) terminal: Terminal,
    pub(crate) program: Child,
    before: LocalModes,
}

impl Screen {
    /// Starts `evterm` with arguments in a terminal of 24 lines and 80 columns.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let (pty, end) = open().unwrap();
        pty.resize(pty_process::Size::new(24, 80)).unwrap();
        rustix::io::ioctl_fionbio(&pty, true).unwrap();
        let before = local_modes(&pty);
        let program = Command::new(env!("CARGO_BIN_EXE_evterm"))
            .args(arguments)
            .spawn(end)
            .unwrap();
        Self {
            pty,
            terminal: Terminal::new(Size::new(24, 80).unwrap(), 0),
            program,
            before,
        }
    }

    /// Whether keys reach the program one by one, as it asked for.
    pub(crate) fn is_raw(&self) -> bool {
        local_modes(&self.pty) != self.before
    }

    /// Takes what there is; whether there was something.
    pub(crate) fn read(&mut self) -> bool {
        let mut bytes = [0; 1 << 16];
        let count = self.pty.read(&mut bytes).unwrap_or(0);
        self.terminal.process(&bytes[..count]);
        count > 0
    }

    pub(crate) fn type_in(&mut self, text: &str) {
        self.pty.write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn resize(&mut self, lines: u16, columns: u16) {
        self.pty
            .resize(pty_process::Size::new(lines, columns))
            .unwrap();
        let size = Size::new(lines.into(), columns.into()).unwrap();
        self.terminal.resize(size);
    }

    pub(crate) fn text(&self) -> String {
        let grid = self.terminal.grid();
        let lines = (0..grid.lines()).map(|line| grid.row(line).text());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Reads until the screen shows some text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let since = Instant::now();
        while !self.text().contains(text) {
            assert!(
                since.elapsed() < PATIENCE,
                "no {text:?} on\n{}",
                self.text()
            );
            if !self.read() {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Reads until the program has ended, and gives its exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let since = Instant::now();
        loop {
            while self.read() {}
            if let Some(status) = self.program.try_wait().unwrap() {
                while self.read() {}
                return status.code();
            }
            assert!(
                since.elapsed() < PATIENCE,
                "it does not end:\n{}",
                self.text()
            );
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn local_modes(pty: &Pty) -> LocalModes {
    tcgetattr(pty).unwrap().local_modes
}

impl Drop for Screen {
    fn drop(&mut self) {
        // One that has ended cannot be ended.
        drop(self.program.kill());
        drop(self.program.wait());
    }
}
