//! Readers that lie about what they read.

use crate::countdown::tick;
use crate::liar::Script;
use std::fmt;
use std::io::{self, Read};

/// A reader that reads what another one reads, and says something else about it.
///
/// Without further calls it is honest. `read` [`tick`](crate::countdown::tick)s. It looks at every byte
/// of the buffer before it fills it, as a safe reader may: under Miri, or a memory sanitizer, a caller
/// that passes memory without a value is found.
///
/// # Examples
///
/// ```
/// use adversary::liar::{LyingRead, script};
/// use std::io::Read;
///
/// let mut reader = LyingRead::new(&b"abc"[..]).claims(script::only(0, 4096));
/// let mut buffer = [0; 8];
/// assert_eq!(reader.read(&mut buffer)?, 4096);
/// assert_eq!(&buffer, b"abc\0\0\0\0\0");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct LyingRead<R> {
    inner: R,
    claims: Option<Script<usize>>,
    error: Option<(u64, io::ErrorKind)>,
    calls: u64,
    seen: Vec<u8>,
}

impl<R: Read> LyingRead<R> {
    /// An honest one, as long as nothing else is asked of it.
    ///
    /// ```
    /// use std::io::Read;
    ///
    /// let mut text = String::new();
    /// adversary::liar::LyingRead::new(&b"abc"[..]).read_to_string(&mut text)?;
    /// assert_eq!(text, "abc");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub const fn new(inner: R) -> Self {
        Self {
            inner,
            claims: None,
            error: None,
            calls: 0,
            seen: Vec::new(),
        }
    }

    /// Returns lengths by a script; the honest answer is the length that was read.
    ///
    /// ```
    /// use adversary::liar::{LyingRead, script};
    /// use std::io::Read;
    ///
    /// let mut reader = LyingRead::new(std::io::empty()).claims(script::always(1));
    /// assert_eq!(reader.read(&mut [])?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn claims(mut self, script: impl FnMut(u64, usize) -> usize + 'static) -> Self {
        self.claims = Some(Box::new(script));
        self
    }

    /// Fails in one call, before it reads.
    ///
    /// ```
    /// use adversary::liar::LyingRead;
    /// use std::io::{ErrorKind, Read};
    ///
    /// let mut reader = LyingRead::new(&b"ab"[..]).fails_at(1, ErrorKind::Other);
    /// assert_eq!(reader.read(&mut [0])?, 1);
    /// assert!(reader.read(&mut [0]).is_err());
    /// assert_eq!(reader.read(&mut [0])?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn fails_at(mut self, call: u64, kind: io::ErrorKind) -> Self {
        self.error = Some((call, kind));
        self
    }

    /// What stood in the buffer of the last call before it was filled.
    ///
    /// Old secrets, or the pattern with which an allocator fills fresh memory, say that a caller passes on
    /// what it should not.
    ///
    /// ```
    /// use adversary::liar::LyingRead;
    /// use std::io::Read;
    ///
    /// let mut reader = LyingRead::new(&b"abc"[..]);
    /// reader.read(&mut [7, 7])?;
    /// assert_eq!(reader.seen(), [7, 7]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn seen(&self) -> &[u8] {
        &self.seen
    }
}

impl<R: Read> Read for LyingRead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        tick();
        let call = self.calls;
        self.calls += 1;
        // Byte by byte, with a decision on each: a copy alone is nothing that Miri objects to.
        self.seen.clear();
        self.seen
            .extend(buffer.iter().map(|byte| if *byte == 0 { 0 } else { *byte }));
        if let Some((_, kind)) = self.error.filter(|(at, _)| *at == call) {
            return Err(kind.into());
        }
        let read = self.inner.read(buffer)?;
        Ok(match &mut self.claims {
            Some(script) => script(call, read),
            None => read,
        })
    }
}

impl<R: fmt::Debug> fmt::Debug for LyingRead<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LyingRead")
            .field("inner", &self.inner)
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}
