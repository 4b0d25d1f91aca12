//! Bounded output: in memory by head and tail, on disk by a log.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::Ended;
use crate::fingerprint::hex;

/// Bytes of a log file past which nothing more is written.
const LOG_BYTES: u64 = 256 << 20;

/// The head and the tail of a stream.
#[derive(Debug)]
pub(crate) struct Captured {
    kept: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Captured {
    /// Keeps `kept` bytes of the start and `kept` of the end.
    pub(crate) fn new(kept: usize) -> Self {
        Self {
            kept,
            head: Vec::new(),
            tail: VecDeque::new(),
            dropped: 0,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let room = self.kept - self.head.len();
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let excess = self.tail.len().saturating_sub(self.kept);
        self.tail.drain(..excess);
        self.dropped += excess as u64;
    }

    /// The text, with a line in place of what was dropped.
    pub(crate) fn into_text(self) -> String {
        let mut bytes = self.head;
        if self.dropped > 0 {
            let note = format!("\n[{} bytes left out]\n", self.dropped);
            bytes.extend_from_slice(note.as_bytes());
        }
        bytes.extend(self.tail);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// A run's log: every command with its output, hashed as it is written.
#[derive(Debug)]
pub(crate) struct Log {
    file: Option<File>,
    written: u64,
    hash: Sha256,
}

impl Log {
    /// Opens a new log. A log that cannot be written loses text, not evidence.
    pub(crate) fn create(path: &Path) -> Self {
        Self {
            file: File::create(path).ok(),
            written: 0,
            hash: Sha256::new(),
        }
    }

    /// A log that goes nowhere.
    pub(crate) fn discard() -> Self {
        Self {
            file: None,
            written: 0,
            hash: Sha256::new(),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        if self.written > LOG_BYTES {
            return;
        }
        self.written += bytes.len() as u64;
        let failed = self
            .file
            .as_mut()
            .is_some_and(|file| file.write_all(bytes).is_err());
        if failed {
            self.file = None;
        }
    }

    pub(super) fn header(&mut self, argv: &[String], env: &[(String, String)]) {
        let mut line = String::from("$");
        for (name, value) in env {
            line.push_str(&format!(" {name}={}", quoted(value)));
        }
        for argument in argv {
            line.push_str(&format!(" {}", quoted(argument)));
        }
        line.push('\n');
        self.write(line.as_bytes());
    }

    pub(super) fn footer(&mut self, ended: &Ended) {
        self.write(format!("\n[{ended:?}]\n").as_bytes());
    }

    /// SHA-256 of everything that was written, in lower-case hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        hex(&self.hash.clone().finalize())
    }
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\u{1f}', " ").replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_output_is_kept_whole() {
        let mut captured = Captured::new(8);
        captured.push(b"hello");
        captured.push(b" world");
        assert_eq!(captured.into_text(), "hello world");
    }

    #[test]
    fn long_output_keeps_head_and_tail() {
        let mut captured = Captured::new(4);
        for _ in 0..100 {
            captured.push(b"0123456789");
        }
        let text = captured.into_text();
        assert!(text.starts_with("0123\n[992 bytes left out]\n"), "{text}");
        assert!(text.ends_with("6789"), "{text}");
    }

    #[test]
    fn a_log_is_hashed_as_written() {
        let mut log = Log::discard();
        log.write(b"abc");
        assert!(log.sha256().starts_with("ba7816bf8f01cfea"));
    }
}
