//! Readers that lie about what they read, or have buffered.

use crate::countdown::tick;
use crate::liar::Script;
use std::fmt;
use std::io::{self, BufRead, Read};

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
    shows: Option<Script<usize>>,
    consumes: Option<Script<usize>>,
    error: Option<(u64, io::ErrorKind)>,
    calls: u64,
    consumed: u64,
    /// How many bytes the reader within has buffered.
    buffered: usize,
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
            shows: None,
            consumes: None,
            error: None,
            calls: 0,
            consumed: 0,
            buffered: 0,
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

    /// Shows so many of the bytes that are buffered, by a script; the honest answer is all. More than all is all.
    ///
    /// `fill_buf` that is called again need not show the same: that finds who asks twice.
    ///
    /// ```
    /// use adversary::liar::{LyingRead, script};
    /// use std::io::BufRead;
    ///
    /// let mut reader = LyingRead::new(&b"abc"[..]).shows(script::only(0, 1));
    /// assert_eq!(reader.fill_buf()?, b"a");
    /// assert_eq!(reader.fill_buf()?, b"abc");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn shows(mut self, script: impl FnMut(u64, usize) -> usize + 'static) -> Self {
        self.shows = Some(Box::new(script));
        self
    }

    /// Consumes so many bytes, by a script over the calls of `consume`; the honest answer is what it was told. More than
    /// are buffered are all of them.
    ///
    /// ```
    /// use adversary::liar::{LyingRead, script};
    /// use std::io::BufRead;
    ///
    /// let mut reader = LyingRead::new(&b"abc"[..]).consumes(script::only(0, 0));
    /// reader.fill_buf()?;
    /// reader.consume(2);
    /// assert_eq!(reader.fill_buf()?, b"abc");
    /// reader.consume(2);
    /// assert_eq!(reader.fill_buf()?, b"c");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn consumes(mut self, script: impl FnMut(u64, usize) -> usize + 'static) -> Self {
        self.consumes = Some(Box::new(script));
        self
    }

    /// Fails in one call of `read` or `fill_buf`, before it reads.
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

    /// Fails, if this is the call to fail in.
    fn fail_at(&self, call: u64) -> io::Result<()> {
        match self.error {
            Some((at, kind)) if at == call => Err(kind.into()),
            _ => Ok(()),
        }
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
        self.fail_at(call)?;
        let read = self.inner.read(buffer)?;
        Ok(match &mut self.claims {
            Some(script) => script(call, read),
            None => read,
        })
    }
}

/// `fill_buf` and `consume` tick too. Calls of `read` and of `fill_buf` count together.
impl<R: BufRead> BufRead for LyingRead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        tick();
        let call = self.calls;
        self.calls += 1;
        self.fail_at(call)?;
        let buffer = self.inner.fill_buf()?;
        self.buffered = buffer.len();
        let shown = match &mut self.shows {
            Some(script) => script(call, buffer.len()).min(buffer.len()),
            None => buffer.len(),
        };
        Ok(&buffer[..shown])
    }

    fn consume(&mut self, amount: usize) {
        tick();
        let call = self.consumed;
        self.consumed += 1;
        let amount = match &mut self.consumes {
            Some(script) => script(call, amount).min(self.buffered),
            None => amount,
        };
        self.buffered = self.buffered.saturating_sub(amount);
        self.inner.consume(amount);
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
