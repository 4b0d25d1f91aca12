//! Names of return addresses.

/// A function that an address lies in, or that was inlined there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Symbol {
    pub(crate) function: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
}

impl Symbol {
    /// Whether it is the program's own: of none of the standard library, `alloc`, `core` and this crate.
    pub(crate) fn is_own(&self) -> bool {
        self.function
            .as_deref()
            .is_some_and(|name| !is_of_library(name))
            && self
                .file
                .as_deref()
                .is_some_and(|file| !is_library_file(file))
            && self.line.is_some()
    }

    /// File, line and function, as far as they are known.
    pub(crate) fn place(&self) -> Option<String> {
        let function = self.function.as_deref().unwrap_or_default();
        Some(format!(
            "{}:{} ({function})",
            self.file.as_ref()?,
            self.line?
        ))
    }
}

/// The functions that a return address lies in, the innermost inlined one first.
#[cfg(feature = "enabled")]
pub(crate) fn resolve(address: usize) -> Vec<Symbol> {
    let mut found = Vec::new();
    // The address is the one to return to: the call is before it.
    let call = std::ptr::without_provenance_mut(address.wrapping_sub(1));
    backtrace::resolve(call, |symbol| {
        found.push(Symbol {
            function: symbol.name().map(|name| format!("{name:#}")),
            file: symbol.filename().map(|file| file.display().to_string()),
            line: symbol.lineno(),
        });
    });
    found
}

#[cfg(not(feature = "enabled"))]
pub(crate) fn resolve(_address: usize) -> Vec<Symbol> {
    Vec::new()
}

/// Where the innermost call is that is the program's own.
pub(crate) fn location(frames: &[usize]) -> Option<String> {
    let mut symbols = frames.iter().flat_map(|frame| resolve(*frame));
    symbols.find(Symbol::is_own).and_then(|own| own.place())
}

/// Whether a function is one of those through which every allocation goes.
fn is_of_library(name: &str) -> bool {
    matches!(
        krate(name),
        "alloc" | "core" | "std" | "memscope" | "hashbrown" | "allocator_api2" | "__rustc"
    ) || is_of_allocator(name)
}

/// Whether a function is between the allocator's interface and this crate's notes.
pub(crate) fn is_of_allocator(name: &str) -> bool {
    let path = path(name);
    krate(name) == "memscope"
        || ["__rust", "_Unwind", "alloc::alloc::"]
            .iter()
            .any(|start| path.starts_with(start))
}

fn path(name: &str) -> &str {
    let path = name.trim_start_matches(['<', '&', '[']);
    path.strip_prefix("dyn ").unwrap_or(path)
}

fn krate(name: &str) -> &str {
    let krate = path(name).split("::").next().unwrap_or_default();
    krate.split([' ', '<', '[']).next().unwrap_or_default()
}

/// Whether a file is of the standard library or of this crate. Names of inlined functions may lack their path.
fn is_library_file(file: &str) -> bool {
    let path = std::path::Path::new(file);
    let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
    let is_memscope = |pair: &[&str]| {
        let version = pair[0].strip_prefix("memscope");
        pair[1] == "src" && version.is_some_and(|it| it.is_empty() || it.starts_with('-'))
    };
    let is_std = |part: &&str| matches!(*part, "rustc" | "rustlib");
    // What the standard library is built of lies in `/rust/deps`.
    parts.windows(2).any(is_memscope)
        || parts.windows(2).any(|pair| *pair == ["rust", "deps"])
        || parts.iter().any(is_std)
}
