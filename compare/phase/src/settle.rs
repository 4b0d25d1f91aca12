//! Has the machine's memory behind it before anything is timed.
//!
//! A virtual machine may get its memory from its host when it is first written to. That costs some
//! milliseconds for two MiB, and is charged to whichever program is the first to get the page: mostly
//! the one that asks for huge pages, since small ones are handed from program to program.

/// Left to the system and to other programs.
const SPARED_KIB: usize = 2 << 20;
const BLOCK_BYTES: usize = 64 << 20;

/// Writes to the memory that is free, and frees it again. Takes about a minute for 20 GB that the host
/// has not given yet, and seconds otherwise.
pub fn touch_free_memory() {
    let kib = available_kib().unwrap_or(0).saturating_sub(SPARED_KIB);
    let count = (kib << 10) / BLOCK_BYTES;
    eprintln!("using {count} blocks of 64 MiB once");
    let blocks: Vec<Vec<u8>> = (0..count).map(|_| vec![1; BLOCK_BYTES]).collect();
    drop(std::hint::black_box(blocks));
}

/// What can be had without swapping, as Linux estimates it.
fn available_kib() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
