//! The files that `memscope-preload` leaves; its documentation says what stands where.

use super::report::Sample;

const MAGIC: u64 = u64::from_le_bytes(*b"MEMTRACK");
const VERSION: u64 = 1;
const HEAD_WORDS: usize = 1 << 14;
const PIECE_WORDS: usize = 1 << 13;
const STACK_WORDS: usize = 32;
const COMMAND: usize = 512;
const SAMPLES: usize = 1024;
const FAULTS: usize = 4096;
const FAULT_WORDS: usize = 8;
const MODULES: usize = 6144;

/// A record, with addresses as they were in the process.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) pid: u32,
    pub(super) parent: u32,
    pub(super) began_ns: u64,
    pub(super) ended: bool,
    pub(super) elapsed_ns: u64,
    pub(super) allocations: u64,
    pub(super) frees: u64,
    pub(super) bytes: u64,
    pub(super) bytes_freed: u64,
    pub(super) peak_bytes: u64,
    pub(super) peak_blocks: u64,
    pub(super) no_room: u64,
    pub(super) inherited: (u64, u64),
    pub(super) doubling: u64,
    pub(super) families: bool,
    pub(super) command: String,
    pub(super) samples: Vec<Sample>,
    pub(super) faults: Vec<RawFault>,
    pub(super) modules: Vec<Module>,
    pub(super) stacks: Vec<RawStack>,
}

#[derive(Debug)]
pub(super) struct RawFault {
    pub(super) kind: u64,
    pub(super) allocation: usize,
    pub(super) release: usize,
    pub(super) address: u64,
    pub(super) bytes: u64,
    pub(super) times: u64,
    pub(super) family: u64,
    pub(super) release_family: u64,
}

#[derive(Debug)]
pub(super) struct RawStack {
    pub(super) allocations: u64,
    pub(super) bytes: u64,
    pub(super) frees: u64,
    pub(super) bytes_freed: u64,
    pub(super) at_doubling: u64,
    pub(super) frames: Vec<u64>,
}

/// A part of a file that was mapped as code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Module {
    pub(super) low: u64,
    pub(super) high: u64,
    /// Where in the file it begins.
    pub(super) offset: u64,
    pub(super) path: String,
}

/// Reads a record; the error says what is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Record, String> {
    let words: Vec<u64> = bytes
        .chunks_exact(8)
        .map(|word| u64::from_ne_bytes(word.try_into().unwrap_or_default()))
        .collect();
    match words[..] {
        [MAGIC, VERSION, ..] => {}
        [MAGIC, version, ..] => {
            return Err(format!(
                "is of version {version}, and {VERSION} is read here: build memscope-preload and cargo-assay from the same source"
            ));
        }
        _ => {
            return Err("is no record of memscope-preload, or was cut before its begin".to_owned());
        }
    }
    let pieces = words.get(26).copied().unwrap_or(0);
    let whole = usize::try_from(pieces)
        .ok()
        .and_then(|pieces| pieces.checked_mul(PIECE_WORDS)?.checked_add(HEAD_WORDS))
        .ok_or("has an impossible length")?;
    if words.len() < whole {
        return Err(format!(
            "was cut: {} bytes of {}; there was no room on the disk, or another program cut it",
            bytes.len(),
            whole.saturating_mul(8)
        ));
    }
    Ok(parse(&words[..whole], bytes))
}

fn parse(words: &[u64], bytes: &[u8]) -> Record {
    let text = |at: usize, length: u64, room: usize| {
        let length = usize::try_from(length).unwrap_or(room).min(room);
        String::from_utf8_lossy(&bytes[at * 8..at * 8 + length]).into_owned()
    };
    let inherited = |at: usize| words[at].saturating_sub(words[at + 2]);
    Record {
        pid: words[2] as u32,
        parent: (words[2] >> 32) as u32,
        began_ns: words[3],
        ended: words[4] == 1,
        elapsed_ns: words[5],
        allocations: words[6],
        frees: words[7],
        bytes: words[8],
        bytes_freed: words[9],
        peak_bytes: words[10],
        peak_blocks: words[11],
        no_room: words[17],
        inherited: (inherited(18), inherited(19)),
        doubling: words[22],
        families: words[25] == 1,
        command: text(COMMAND, words[24], 4096)
            .trim_end_matches('\0')
            .replace('\0', " "),
        samples: samples(words),
        faults: faults(words),
        modules: text(MODULES, words[14], (HEAD_WORDS - MODULES) * 8)
            .lines()
            .filter_map(module)
            .collect(),
        stacks: stacks(words),
    }
}

fn samples(words: &[u64]) -> Vec<Sample> {
    let samples = words[SAMPLES..FAULTS].chunks_exact(3);
    let sample = |sample: &[u64]| Sample {
        ns: sample[0],
        bytes: sample[1],
        blocks: sample[2],
    };
    samples.take(count(words[15])).map(sample).collect()
}

fn faults(words: &[u64]) -> Vec<RawFault> {
    let faults = words[FAULTS..MODULES].chunks_exact(FAULT_WORDS);
    let fault = |fault: &[u64]| RawFault {
        kind: fault[0],
        allocation: count(fault[1]),
        release: count(fault[2]),
        address: fault[3],
        bytes: fault[4],
        times: fault[5],
        family: fault[6],
        release_family: fault[7],
    };
    faults.take(count(words[13])).map(fault).collect()
}

fn stacks(words: &[u64]) -> Vec<RawStack> {
    let stacks = words[HEAD_WORDS..].chunks_exact(STACK_WORDS);
    let stack = |stack: &[u64]| RawStack {
        allocations: stack[0],
        bytes: stack[1],
        frees: stack[2],
        bytes_freed: stack[3],
        at_doubling: stack[5],
        frames: stack[8..]
            .iter()
            .copied()
            .take_while(|frame| *frame != 0)
            .collect(),
    };
    stacks.take(count(words[12])).map(stack).collect()
}

fn count(word: u64) -> usize {
    usize::try_from(word).unwrap_or(usize::MAX)
}

/// Reads `7f0000001000-7f0000002000 r-xp 00001000 08:01 42    /lib/libc.so.6`.
fn module(line: &str) -> Option<Module> {
    let mut fields = line.split_ascii_whitespace();
    let (low, high) = fields.next()?.split_once('-')?;
    let offset = fields.nth(1)?;
    let number = |text: &str| u64::from_str_radix(text, 16).ok();
    // The path is the rest of the line after the inode, and may hold blanks.
    let mut rest = line;
    for _ in 0..5 {
        rest = rest.trim_start();
        rest = &rest[rest.find(' ').unwrap_or(rest.len())..];
    }
    Some(Module {
        low: number(low)?,
        high: number(high)?,
        offset: number(offset)?,
        path: rest.trim_start().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(words: &[u64]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_ne_bytes()).collect()
    }

    fn head() -> Vec<u64> {
        let mut words = vec![0; HEAD_WORDS + PIECE_WORDS];
        words[0] = MAGIC;
        words[1] = VERSION;
        words[26] = 1;
        words
    }

    #[test]
    fn a_record_that_was_cut_says_so() {
        let whole = bytes(&head());
        assert!(read(&whole).is_ok());
        let error = read(&whole[..whole.len() - 8]).unwrap_err();
        assert!(
            error.starts_with("was cut: 196600 bytes of 196608"),
            "{error}"
        );
        assert!(read(&whole[..4]).unwrap_err().contains("no record"));
        assert!(read(b"").unwrap_err().contains("no record"));
    }

    #[test]
    fn another_version_says_so() {
        let mut words = head();
        words[1] = 2;
        assert!(read(&bytes(&words)).unwrap_err().contains("version 2"));
    }

    #[test]
    fn counts_that_are_too_large_read_what_is_there() {
        let mut words = head();
        for at in [12, 13, 14, 15, 24] {
            words[at] = u64::MAX;
        }
        let record = read(&bytes(&words)).unwrap();
        assert_eq!((record.stacks.len(), record.faults.len()), (256, 256));
    }

    #[test]
    fn a_module_has_its_path_with_blanks() {
        let line = "7f01-7f02 r-xp 00001000 08:01 42                     /a b/c.so (deleted)";
        assert_eq!(
            module(line),
            Some(Module {
                low: 0x7f01,
                high: 0x7f02,
                offset: 0x1000,
                path: "/a b/c.so (deleted)".to_owned()
            })
        );
        assert_eq!(module("nonsense"), None);
    }
}
