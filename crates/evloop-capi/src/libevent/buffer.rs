//! Buffers: bytes in one piece, from which is taken in front and to which is added behind.

use std::ffi::c_int;
use std::io;
use std::ptr;

use super::bufferevent::Watcher;
use super::log::warn;
use super::slabs::Slabs;

/// Bytes of one read at most, as libevent's.
const READ_MAX: usize = 4096;
/// Room that an empty buffer keeps.
const KEPT_MAX: usize = 1 << 20;

/// `struct evbuffer`. Its memory is used again for others and never given back.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Evbuffer {
    /// Null in one that was freed.
    content: *mut Buffer,
}

// SAFETY: of a blank one alone, whose pointer is null, a reference is shared.
unsafe impl Sync for Evbuffer {}
// SAFETY: as above.
unsafe impl Send for Evbuffer {}

static MADE: Slabs<Evbuffer> = Slabs::new(Evbuffer {
    content: ptr::null_mut(),
});

/// What is in a buffer.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// Those before were taken.
    start: usize,
    /// The bufferevent whose buffer it is.
    pub(super) watcher: Option<Watcher>,
}

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Eol {
    Any,
    Crlf,
    CrlfStrict,
    Lf,
    Nul,
}

impl Eol {
    pub(super) const fn new(style: c_int) -> Option<Self> {
        Some(match style {
            0 => Self::Any,
            1 => Self::Crlf,
            2 => Self::CrlfStrict,
            3 => Self::Lf,
            4 => Self::Nul,
            _ => return None,
        })
    }

    /// The length of the first line, and of its end.
    fn find(self, bytes: &[u8]) -> Option<(usize, usize)> {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let position = |byte| bytes.iter().position(|it| *it == byte);
        match self {
            Self::Any => {
                let at = bytes.iter().position(is_end)?;
                let ends = bytes[at..].iter().take_while(|it| is_end(it));
                Some((at, ends.count()))
            }
            Self::Crlf => {
                let at = position(b'\n')?;
                let has_cr = bytes[..at].last() == Some(&b'\r');
                Some(if has_cr { (at - 1, 2) } else { (at, 1) })
            }
            Self::CrlfStrict => {
                let at = bytes.windows(2).position(|it| it == b"\r\n")?;
                Some((at, 2))
            }
            Self::Lf => Some((position(b'\n')?, 1)),
            Self::Nul => Some((position(0)?, 1)),
        }
    }
}

impl Buffer {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..]
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Makes room for more behind.
    ///
    /// # Errors
    /// There is no memory.
    fn reserve(&mut self, more: usize) -> io::Result<()> {
        if self.bytes.capacity() - self.bytes.len() < more && self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        Ok(self.bytes.try_reserve(more)?)
    }

    /// # Errors
    /// There is no memory.
    pub(super) fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.reserve(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes this many in front, or all there are.
    pub(super) fn drain(&mut self, length: usize) {
        self.start += length.min(self.len());
        if self.start == self.bytes.len() {
            self.start = 0;
            self.bytes.clear();
            if self.bytes.capacity() > KEPT_MAX {
                self.bytes = Vec::new();
            }
        }
    }

    /// The first line without its end, which is taken.
    pub(super) fn line(&mut self, eol: Eol) -> Option<Vec<u8>> {
        let (length, end) = eol.find(self.bytes())?;
        let line = self.bytes()[..length].to_vec();
        self.drain(length + end);
        Some(line)
    }

    /// Reads once, up to `limit`; 0 at the end.
    ///
    /// # Errors
    /// The system's, or there is no memory.
    pub(super) fn read(&mut self, fd: c_int, limit: Option<usize>) -> io::Result<usize> {
        let mut waiting: c_int = 0;
        // SAFETY: asks how much there is to read, and writes it to an integer.
        let asked = unsafe { libc::ioctl(fd, libc::FIONREAD, &raw mut waiting) };
        let waiting = usize::try_from(waiting).ok();
        let waiting = waiting.filter(|it| asked == 0 && (1..=READ_MAX).contains(it));
        let length = waiting.unwrap_or(READ_MAX);
        let length = limit.map_or(length, |it| it.min(length));
        self.reserve(length)?;
        let room = self.bytes.spare_capacity_mut();
        // SAFETY: the room has this length, at least.
        let read = unsafe { libc::read(fd, room.as_mut_ptr().cast(), length) };
        let Ok(read) = usize::try_from(read) else {
            return Err(io::Error::last_os_error());
        };
        let end = self.bytes.len() + read;
        // SAFETY: within the room, and written by the system.
        unsafe { self.bytes.set_len(end) };
        Ok(read)
    }

    /// Writes once, up to `limit`, and takes what was written.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn write(&mut self, fd: c_int, limit: usize) -> io::Result<usize> {
        let bytes = self.bytes();
        let length = bytes.len().min(limit);
        // SAFETY: the bytes have this length, at least.
        let written = unsafe { libc::write(fd, bytes.as_ptr().cast(), length) };
        let Ok(written) = usize::try_from(written) else {
            return Err(io::Error::last_os_error());
        };
        self.drain(written);
        Ok(written)
    }
}

/// A new buffer; null where there is no memory.
pub(super) fn create(watcher: Option<Watcher>) -> *mut Evbuffer {
    let block = MADE.take();
    if block.is_null() {
        return block;
    }
    let buffer = Buffer {
        watcher,
        ..Buffer::default()
    };
    let content = Box::into_raw(Box::new(buffer));
    // SAFETY: a block of this type that is ours.
    unsafe { block.write(Evbuffer { content }) };
    block
}

/// Ends a buffer. One that was freed is told.
pub(super) fn free(buffer: *mut Evbuffer, what: &str) {
    if !MADE.has(buffer) {
        return warn(&format!(
            "{what}: this is no evbuffer, or it was freed before"
        ));
    }
    // SAFETY: a block that is in use.
    let content = unsafe { buffer.read() }.content;
    MADE.give_back(buffer);
    // SAFETY: made by `create`, and taken out of the block, which is the only place that had it.
    drop(unsafe { Box::from_raw(content) });
}

/// Calls `call` with what is in a buffer, and has the bufferevent look whose buffer it is. `None`, and said, for a buffer
/// that was freed.
///
/// # Safety
/// - `buffer` is null or came from [`create`]; it may have been freed. No other thread uses it.
pub(super) unsafe fn with<T>(
    buffer: *const Evbuffer,
    what: &str,
    call: impl FnOnce(&mut Buffer) -> T,
) -> Option<T> {
    // SAFETY: null, or a block, whose memory is never given back.
    let content = unsafe { buffer.as_ref() }.map_or(ptr::null_mut(), |it| it.content);
    // SAFETY: null, or the content, which is this thread's for the call.
    let Some(buffer) = (unsafe { content.as_mut() }) else {
        warn(&format!("{what}: the evbuffer is null or was freed"));
        return None;
    };
    let before = buffer.len();
    let result = call(buffer);
    let (after, watcher) = (buffer.len(), buffer.watcher);
    if let Some(watcher) = watcher.filter(|_| after != before) {
        watcher.changed(after, after > before);
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::{Buffer, Eol};

    fn lines(text: &[u8], eol: Eol) -> (Vec<Vec<u8>>, Vec<u8>) {
        let mut buffer = Buffer::default();
        buffer.add(text).unwrap();
        let lines = std::iter::from_fn(|| buffer.line(eol)).collect();
        (lines, buffer.bytes().to_vec())
    }

    #[test]
    fn lines_end_as_their_style_says() {
        let text = b"a\r\n\nb\rc\nd\0e";
        let line = |text: &[u8]| text.to_vec();
        let any = vec![line(b"a"), line(b"b"), line(b"c")];
        assert_eq!(lines(text, Eol::Any), (any, line(b"d\0e")));
        let crlf = vec![line(b"a"), line(b""), line(b"b\rc")];
        assert_eq!(lines(text, Eol::Crlf), (crlf, line(b"d\0e")));
        let strict = vec![line(b"a")];
        assert_eq!(
            lines(text, Eol::CrlfStrict),
            (strict, line(b"\nb\rc\nd\0e"))
        );
        let lf = vec![line(b"a\r"), line(b""), line(b"b\rc")];
        assert_eq!(lines(text, Eol::Lf), (lf, line(b"d\0e")));
        let nul = vec![line(b"a\r\n\nb\rc\nd")];
        assert_eq!(lines(text, Eol::Nul), (nul, line(b"e")));
    }

    #[test]
    fn what_is_taken_gives_its_room_to_what_comes() {
        let mut buffer = Buffer::default();
        buffer.add(&[7; 100]).unwrap();
        let room = buffer.bytes.capacity();
        for byte in 0..=255 {
            buffer.drain(50);
            buffer.add(&[byte; 50]).unwrap();
        }
        assert_eq!((buffer.len(), buffer.bytes.capacity()), (100, room));
        assert_eq!(buffer.bytes()[49..51], [254, 255]);
        buffer.drain(1000);
        assert_eq!((buffer.len(), buffer.start), (0, 0));
    }
}
