//! The report of the checking allocator, and the end of the process.
//!
//! ```text
//! assay-alloc: wrong-layout a block of 24 bytes was claimed to have 12 bytes
//! assay-alloc: allocated 24 bytes aligned to 8, freed as 12 bytes aligned to 8
//! assay-alloc: found here
//! assay-alloc: stack begin
//!    0: ...
//! assay-alloc: stack end
//! assay-alloc: allocated here
//! assay-alloc: stack begin
//! ...
//! ```
//!
//! The stack that says most stands first: where it was found, or, for a block that was written to
//! after it was freed, where it was freed.

use core::cell::Cell;
use core::fmt::Write;
use std::backtrace::Backtrace;
use std::collections::BTreeMap;
use std::format;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::string::{String, ToString};
use std::vec::Vec;

use crate::depot::Frames;
use crate::fault::{Fault, Operation};
use crate::raw::{capture, module_of, write};
use crate::sync::atomic::{AtomicBool, Ordering};

std::thread_local! {
    static IN_PROGRESS: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is writing a report: its blocks are neither checked nor kept.
pub(crate) fn in_progress() -> bool {
    IN_PROGRESS.try_with(Cell::get).unwrap_or(false)
}

/// Writes the report and aborts. The first thread that comes here writes, the others wait for the end.
pub(crate) fn abort(fault: &Fault, stack: impl Fn(u32) -> Frames) -> ! {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    IN_PROGRESS.with(|flag| flag.set(true));
    // ORDERING: Relaxed; the flag publishes nothing.
    while TAKEN.swap(true, Ordering::Relaxed) {
        std::thread::park();
    }
    write(fault.to_string().as_bytes());
    let found = ("found here", found_here as fn() -> String);
    let allocated = stack(fault.history.allocated);
    let freed = stack(fault.history.freed);
    if fault.operation == Operation::Recheck {
        section("freed here", &described(&freed));
        section("allocated here", &described(&allocated));
        section(found.0, &found.1());
    } else {
        section(found.0, &found.1());
        section("freed here", &described(&freed));
        section("allocated here", &described(&allocated));
    }
    std::process::abort()
}

/// The line about memory that was not freed.
pub(crate) fn live(bytes: usize, blocks: usize) {
    write(format!("assay-alloc: live {bytes} bytes in {blocks} blocks\n").as_bytes());
}

fn section(label: &str, stack: &str) {
    if !stack.is_empty() {
        let text = format!(
            "assay-alloc: {label}\nassay-alloc: stack begin\n{}\nassay-alloc: stack end\n",
            stack.trim_end()
        );
        write(text.as_bytes());
    }
}

/// This thread's stack, by std. A thread that panics may hold the lock that std takes for it.
fn found_here() -> String {
    if std::thread::panicking() {
        described(&capture())
    } else {
        Backtrace::force_capture().to_string()
    }
}

/// A stack from the depot in the form of std's.
fn described(frames: &Frames) -> String {
    let mut text = String::new();
    let addresses: Vec<usize> = frames
        .iter()
        .copied()
        .take_while(|&at| at != 0)
        // A return address lies behind its call.
        .map(|at| at - 1)
        .collect();
    let known = resolve(&addresses);
    let mut number = 0;
    for address in addresses {
        for (function, place) in known.get(&address).map_or(&[][..], Vec::as_slice) {
            if function.contains("assay_probe::") && number == 0 {
                continue;
            }
            let _ = writeln!(text, "{number:4}: {function}\n             at {place}");
            number += 1;
        }
    }
    text
}

/// A function and its place, innermost inlined one first.
type Calls = Vec<(String, String)>;

/// What stands at these addresses, by binutils' `addr2line`; file and offset where that is absent.
fn resolve(addresses: &[usize]) -> BTreeMap<usize, Calls> {
    let mut known = BTreeMap::new();
    let mut modules: BTreeMap<PathBuf, Vec<(usize, usize)>> = BTreeMap::new();
    for &address in addresses {
        if let Some((path, offset)) = module_of(address) {
            let place = format!("{}+{offset:#x}", path.display());
            known.insert(address, Vec::from([(String::from("<unknown>"), place)]));
            modules.entry(path).or_default().push((address, offset));
        }
    }
    for (path, places) in modules {
        let output = Command::new("addr2line")
            .args(["-a", "-i", "-f", "-C", "-e"])
            .arg(&path)
            .args(places.iter().map(|(_, offset)| format!("{offset:#x}")))
            .env_remove("ASSAY_HITS")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        if let Ok(output) = output {
            let found = parse(&String::from_utf8_lossy(&output.stdout));
            for ((address, _), calls) in places.iter().zip(found) {
                if calls.first().is_some_and(|(function, _)| function != "??") {
                    known.insert(*address, calls);
                }
            }
        }
    }
    known
}

/// For each address a line that begins with `0x`, then pairs of lines: function, place.
fn parse(text: &str) -> Vec<Calls> {
    let mut found: Vec<Calls> = Vec::new();
    let mut function = None;
    for line in text.lines() {
        if line.starts_with("0x") {
            found.push(Calls::new());
        } else if let Some(function) = function.take() {
            found
                .last_mut()
                .into_iter()
                .for_each(|calls| calls.push((function_name(function), line.into())));
        } else {
            function = Some(line);
        }
    }
    found
}

/// The name without the hash that older manglings end with.
fn function_name(name: &str) -> String {
    let hash = |tail: &str| tail.len() == 17 && tail.starts_with('h');
    match name.rsplit_once("::") {
        Some((path, tail)) if hash(tail) => path.into(),
        _ => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inlined_calls_of_one_address_stay_together() {
        let text = "0x0000000000001234\ninner::h0123456789abcdef\n/a.rs:3\nouter\n/b.rs:4 (discriminator 2)\n\
                    0x0000000000001300\n??\n??:0\n";
        let calls = |pairs: &[(&str, &str)]| -> Calls {
            pairs.iter().map(|&(f, p)| (f.into(), p.into())).collect()
        };
        assert_eq!(
            parse(text),
            [
                calls(&[("inner", "/a.rs:3"), ("outer", "/b.rs:4 (discriminator 2)")]),
                calls(&[("??", "??:0")]),
            ]
        );
        assert!(parse("").is_empty());
    }

    #[test]
    fn a_hash_is_cut_off_and_a_function_named_like_one_is_not() {
        assert_eq!(function_name("a::b::h0123456789abcdef"), "a::b");
        assert_eq!(function_name("a::hash"), "a::hash");
        assert_eq!(function_name("main"), "main");
    }
}
