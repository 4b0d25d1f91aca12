//! Lines of C that call this library: a number for each, and what stands behind it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, c_char, c_int};
use std::fmt;
use std::panic::Location;

use crate::sync::{Mutex, MutexGuard, lock};

/// Numbers fit into this many bits; 0 is a call without a line, and stands for further lines when all are given out.
pub(crate) const BITS: u32 = 20;

/// The number of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site(u32);

impl Site {
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    pub(crate) const fn to_bits(self) -> u32 {
        self.0
    }

    #[inline]
    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits & ((1 << BITS) - 1))
    }

    /// The number of a line of Rust.
    pub(crate) fn of_rust(location: &Location<'_>) -> Self {
        memscope::outside(|| {
            let mut sites = lock(&SITES);
            let file = sites.name(location.file());
            sites.number(Line {
                file,
                line: location.line(),
            })
        })
    }

    pub(crate) fn line(self) -> Line {
        let sites = lock(&SITES);
        sites
            .lines
            .get(self.0.wrapping_sub(1) as usize)
            .copied()
            .unwrap_or(Line {
                file: "unknown file",
                line: 0,
            })
    }
}

/// A file and a line, for as long as the process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return f.write_str("a call without a line");
        }
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// File names are copied: that of a plug-in is gone when the plug-in is.
#[derive(Debug)]
pub(crate) struct Sites {
    names: BTreeSet<&'static str>,
    numbers: BTreeMap<Line, Site>,
    lines: Vec<Line>,
}

static SITES: Mutex<Sites> = Mutex::new(Sites {
    names: BTreeSet::new(),
    numbers: BTreeMap::new(),
    lines: Vec::new(),
});

/// Keeps other threads from new lines.
pub(crate) fn hold() -> MutexGuard<'static, Sites> {
    lock(&SITES)
}

/// How many lines a thread finds without the lock.
const CACHED: usize = 256;

#[derive(Clone, Copy)]
struct Known {
    file: usize,
    line: u32,
    site: Site,
}

thread_local! {
    static CACHE: [Cell<Known>; CACHED] = const {
        [const { Cell::new(Known { file: 0, line: 0, site: Site::NONE }) }; CACHED]
    };
}

/// The number of a line.
///
/// # Safety
/// - `file` is null, or leads to a string that ends with a zero byte and does not change.
#[inline]
pub(crate) unsafe fn of(file: *const c_char, line: c_int) -> Site {
    let line = line.cast_unsigned();
    CACHE.with(|cache| {
        let at = (file.addr() >> 3) ^ (line as usize).wrapping_mul(0x9E5);
        let place = &cache[at % CACHED];
        let known = place.get();
        if known.file == file.addr() && known.line == line {
            return known.site;
        }
        // SAFETY: the caller's contract is the same.
        let site = unsafe { look_up(file, line) };
        let file = file.addr();
        place.set(Known { file, line, site });
        site
    })
}

/// # Safety
/// - As [`of`].
#[cold]
#[inline(never)]
unsafe fn look_up(file: *const c_char, line: u32) -> Site {
    if file.is_null() {
        return Site::NONE;
    }
    // SAFETY: a string by the caller's contract.
    let file = unsafe { CStr::from_ptr(file) };
    // What is kept here is nobody's leak, in a program whose Rust side is counted too.
    memscope::outside(|| {
        let mut sites = lock(&SITES);
        let file = sites.name(&file.to_string_lossy());
        sites.number(Line { file, line })
    })
}

/// A copy of a name that stays.
///
/// # Safety
/// - `name` is null, or leads to a string that ends with a zero byte.
pub(crate) unsafe fn name(name: *const c_char) -> &'static str {
    if name.is_null() {
        return "unnamed";
    }
    // SAFETY: a string by the caller's contract.
    let name = unsafe { CStr::from_ptr(name) };
    memscope::outside(|| lock(&SITES).name(&name.to_string_lossy()))
}

impl Sites {
    fn name(&mut self, name: &str) -> &'static str {
        if let Some(known) = self.names.get(name) {
            return known;
        }
        let name: &'static str = Box::leak(name.into());
        self.names.insert(name);
        name
    }

    fn number(&mut self, line: Line) -> Site {
        if let Some(known) = self.numbers.get(&line) {
            return *known;
        }
        if self.lines.len() + 1 >= 1 << BITS {
            return Site::NONE;
        }
        self.lines.push(line);
        let site = Site(self.lines.len() as u32);
        self.numbers.insert(line, site);
        site
    }
}
