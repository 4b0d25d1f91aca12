//! Calls that allocated.

use crate::symbols::{self, Symbol};

/// A call that allocated what is live, in whatever scopes.
///
/// ```
/// use memscope::report::Report;
/// use memscope::{Scope, Scoped, Stacks};
///
/// #[global_allocator]
/// static ALLOCATOR: Scoped = Scoped::system().with_stacks(Stacks::Unwind);
///
/// let scope = Scope::new("work");
/// let kept = scope.run(|| vec![0_u8; 12_345]);
/// let report = Report::take();
/// let site = report.sites().iter().find(|site| site.bytes == 12_345).unwrap();
/// assert!(site.frames.iter().any(|frame| frame.name().contains("main")));
/// # drop(kept);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Site {
    /// Blocks that are live.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The calls, innermost first, without those of the allocator. An address where calls were inlined is several frames.
    pub frames: Vec<Frame>,
}

/// A call.
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// for site in memscope::report::Report::take().sites() {
///     assert!(site.frames.iter().all(|frame| !frame.name().is_empty()));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// Where the call returns to.
    pub address: usize,
    /// The calling function, where the program has symbols.
    pub function: Option<String>,
    /// The file of the call, where the program has debug information (lines are enough).
    pub file: Option<String>,
    /// The line of the call.
    pub line: Option<u32>,
    is_own: bool,
}

impl Site {
    pub(super) fn new(frames: Vec<Frame>) -> Self {
        Self {
            blocks: 0,
            bytes: 0,
            frames,
        }
    }

    /// File, line and function of the innermost call that is in none of the standard library, `alloc`, `core` and this
    /// crate.
    ///
    /// ```
    /// for site in memscope::report::Report::take().sites() {
    ///     println!("{}", site.location().unwrap_or_default());
    /// }
    /// ```
    #[must_use]
    pub fn location(&self) -> Option<String> {
        let own = self.own()?;
        let (file, line) = (own.file.as_ref()?, own.line?);
        Some(format!("{file}:{line} ({})", own.name()))
    }

    /// The file of that call.
    ///
    /// ```
    /// let report = memscope::report::Report::take();
    /// assert_eq!(report.sites().iter().filter(|site| site.file() == Some("nowhere")).count(), 0);
    /// ```
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.own()?.file.as_deref()
    }

    fn own(&self) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.is_own())
    }
}

impl Frame {
    /// The function, or the address where that has no name.
    ///
    /// ```
    /// for frame in memscope::report::Report::take().sites().iter().flat_map(|site| &site.frames) {
    ///     println!("{}", frame.name());
    /// }
    /// ```
    #[must_use]
    pub fn name(&self) -> String {
        let address = || format!("{:#x}", self.address);
        self.function.clone().unwrap_or_else(address)
    }

    /// Name, file and line.
    pub(super) fn place(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{} ({file}:{line})", self.name()),
            _ => self.name(),
        }
    }

    fn of(address: usize, symbol: Symbol) -> Self {
        Self {
            address,
            is_own: symbol.is_own(),
            function: symbol.function,
            file: symbol.file,
            line: symbol.line,
        }
    }

    /// The calls that return to an address.
    pub(super) fn all_of(address: usize) -> Vec<Self> {
        let mut symbols = symbols::resolve(address);
        if symbols.is_empty() {
            symbols.push(Symbol::default());
        }
        symbols
            .into_iter()
            .map(|symbol| Self::of(address, symbol))
            .collect()
    }

    pub(super) fn is_own(&self) -> bool {
        self.is_own
    }

    pub(super) fn is_of_allocator(&self) -> bool {
        self.function
            .as_deref()
            .is_some_and(symbols::is_of_allocator)
    }
}
