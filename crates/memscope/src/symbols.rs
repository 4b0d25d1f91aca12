//! Names of return addresses.

/// Where the innermost call is that is the program's own.
#[cfg(feature = "enabled")]
pub(crate) fn location(frames: &[usize]) -> Option<String> {
    let mut found = None;
    for frame in frames {
        // The address is the one to return to: the call is before it.
        let call = std::ptr::without_provenance_mut(frame.wrapping_sub(1));
        backtrace::resolve(call, |symbol| {
            let name = symbol.name().map(|name| format!("{name:#}"));
            let is_own = name.as_deref().is_some_and(|name| !is_of_library(name));
            let is_own_file = symbol.filename().is_some_and(|file| !is_library_file(file));
            if let (true, None, Some(file), Some(line)) = (
                is_own && is_own_file,
                &found,
                symbol.filename(),
                symbol.lineno(),
            ) {
                let name = name.unwrap_or_default();
                found = Some(format!("{}:{line} ({name})", file.display()));
            }
        });
        if found.is_some() {
            break;
        }
    }
    found
}

#[cfg(not(feature = "enabled"))]
pub(crate) fn location(_frames: &[usize]) -> Option<String> {
    None
}

/// Whether a function is one of those through which every allocation goes.
#[cfg(feature = "enabled")]
fn is_of_library(name: &str) -> bool {
    let path = name.trim_start_matches(['<', '&', '[']);
    let path = path.strip_prefix("dyn ").unwrap_or(path);
    let krate = path.split("::").next().unwrap_or_default();
    let krate = krate.split([' ', '<', '[']).next().unwrap_or_default();
    matches!(
        krate,
        "alloc" | "core" | "std" | "memscope" | "hashbrown" | "allocator_api2" | "__rustc"
    ) || path.starts_with("__rust")
        || path.starts_with("_Unwind")
}

/// Whether a file is of the standard library or of this crate. Names of inlined functions may lack their path.
#[cfg(feature = "enabled")]
fn is_library_file(file: &std::path::Path) -> bool {
    let parts: Vec<_> = file.iter().filter_map(|part| part.to_str()).collect();
    let is_memscope = |pair: &[&str]| {
        let version = pair[0].strip_prefix("memscope");
        pair[1] == "src" && version.is_some_and(|it| it.is_empty() || it.starts_with('-'))
    };
    let is_std = |part: &&str| matches!(*part, "rustc" | "rustlib");
    parts.windows(2).any(is_memscope) || parts.iter().any(is_std)
}
