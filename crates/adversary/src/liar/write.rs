//! Writers that lie about what they have written.

use crate::countdown::tick;
use crate::liar::Script;
use std::fmt;
use std::io::{self, Write};

/// A writer that writes what it is given to another one, and says something else about it.
///
/// Without further calls it is honest. `write` and `flush` [`tick`](crate::countdown::tick).
///
/// # Examples
///
/// ```
/// use adversary::liar::{LyingWrite, script};
/// use std::io::Write;
///
/// let mut writer = LyingWrite::new(Vec::new()).claims(script::only(0, 4096));
/// assert_eq!(writer.write(b"abc")?, 4096);
/// assert_eq!(writer.write(b"de")?, 2);
/// assert_eq!(writer.into_inner(), b"abcde");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct LyingWrite<W> {
    inner: W,
    claims: Option<Script<usize>>,
    error: Option<(u64, io::ErrorKind)>,
    calls: u64,
}

impl<W: Write> LyingWrite<W> {
    /// An honest one, as long as nothing else is asked of it.
    ///
    /// ```
    /// use std::io::Write;
    ///
    /// let mut writer = adversary::liar::LyingWrite::new(Vec::new());
    /// writer.write_all(b"abc")?;
    /// assert_eq!(writer.into_inner(), b"abc");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub const fn new(inner: W) -> Self {
        Self {
            inner,
            claims: None,
            error: None,
            calls: 0,
        }
    }

    /// Returns lengths by a script; the honest answer is the length that was written.
    ///
    /// ```
    /// use adversary::liar::{LyingWrite, script};
    /// use std::io::{ErrorKind, Write};
    ///
    /// let mut stuck = LyingWrite::new(Vec::new()).claims(script::always(0));
    /// assert_eq!(stuck.write_all(b"abc").unwrap_err().kind(), ErrorKind::WriteZero);
    /// ```
    #[must_use]
    pub fn claims(mut self, script: impl FnMut(u64, usize) -> usize + 'static) -> Self {
        self.claims = Some(Box::new(script));
        self
    }

    /// Fails in one call of `write` or `flush`, before it writes.
    ///
    /// ```
    /// use adversary::liar::LyingWrite;
    /// use std::io::{ErrorKind, Write};
    ///
    /// let mut writer = LyingWrite::new(Vec::new()).fails_at(1, ErrorKind::StorageFull);
    /// assert_eq!(writer.write(b"ab")?, 2);
    /// assert!(writer.flush().is_err());
    /// assert!(writer.flush().is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn fails_at(mut self, call: u64, kind: io::ErrorKind) -> Self {
        self.error = Some((call, kind));
        self
    }

    /// The writer within.
    ///
    /// ```
    /// assert_eq!(adversary::liar::LyingWrite::new(vec![1]).into_inner(), [1]);
    /// ```
    pub fn into_inner(self) -> W {
        self.inner
    }

    /// Counts a call, and fails if it is the one.
    fn call(&mut self) -> io::Result<u64> {
        tick();
        let call = self.calls;
        self.calls += 1;
        match self.error {
            Some((at, kind)) if at == call => Err(kind.into()),
            _ => Ok(call),
        }
    }
}

impl<W: Write> Write for LyingWrite<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let call = self.call()?;
        let written = self.inner.write(buffer)?;
        Ok(match &mut self.claims {
            Some(script) => script(call, written),
            None => written,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call()?;
        self.inner.flush()
    }
}

impl<W: fmt::Debug> fmt::Debug for LyingWrite<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LyingWrite")
            .field("inner", &self.inner)
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}
