//! The record file: where its words are, how it begins, grows, and is begun anew in a child of `fork`.

use core::ffi::CStr;

use crate::raw::os::{self, File};
use crate::raw::pages::{self, Place, Words};
use crate::sync::{AtomicU8, AtomicU64, AtomicUsize, Ordering};

pub(crate) const VERSION: u64 = 1;
const MAGIC: u64 = u64::from_le_bytes(*b"MEMTRACK");

pub(crate) const HEAD_WORDS: usize = 1 << 14;
pub(crate) const PIECE_WORDS: usize = 1 << 13;
pub(crate) const PIECES: usize = 4096;

const COMMAND: usize = 512;
const COMMAND_BYTES: usize = 4096;
pub(crate) const SAMPLES: usize = 1024;
pub(crate) const FAULTS: usize = 4096;
const MODULES: usize = 6144;
const MODULES_BYTES: usize = (HEAD_WORDS - MODULES) * 8;
const PATH_BYTES: usize = 512;

/// A word of the head.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word {
    Magic = 0,
    Version = 1,
    Processes = 2,
    Begin = 3,
    Ended = 4,
    Elapsed = 5,
    Allocations = 6,
    Frees = 7,
    Bytes = 8,
    BytesFreed = 9,
    Peak = 10,
    PeakBlocks = 11,
    Stacks = 12,
    Faults = 13,
    ModulesBytes = 14,
    Samples = 15,
    Interval = 16,
    NoRoom = 17,
    Inherited = 18,
    InheritedBytes = 19,
    InheritedFreed = 20,
    InheritedFreedBytes = 21,
    Doubling = 22,
    Families = 25,
    Pieces = 26,
}

static HEAD: Place = Place::new();
static PIECE: [Place; PIECES] = [const { Place::new() }; PIECES];
/// The folder, and behind it the file's name.
static PATH: [AtomicU8; PATH_BYTES] = [const { AtomicU8::new(0) }; PATH_BYTES];
static FOLDER_BYTES: AtomicUsize = AtomicUsize::new(0);
static BEGAN_NS: AtomicU64 = AtomicU64::new(0);

/// A word of the head; `None` where nothing is recorded.
#[inline]
pub(crate) fn word(which: Word) -> Option<&'static AtomicU64> {
    HEAD.get()?.get(which as usize)
}

pub(crate) fn head() -> Option<Words> {
    HEAD.get()
}

#[inline]
pub(crate) fn value(which: Word) -> u64 {
    word(which).map_or(0, |word| word.load(Ordering::Relaxed))
}

/// Adds, and returns the sum.
#[inline]
pub(crate) fn add(which: Word, amount: u64) -> u64 {
    word(which).map_or(0, |word| {
        word.fetch_add(amount, Ordering::Relaxed)
            .wrapping_add(amount)
    })
}

pub(crate) fn set(which: Word, value: u64) {
    if let Some(word) = word(which) {
        word.store(value, Ordering::Relaxed);
    }
}

#[inline]
pub(crate) fn piece(number: usize) -> Option<Words> {
    PIECE.get(number)?.get()
}

pub(crate) fn since_begin_ns() -> u64 {
    os::now_ns().saturating_sub(BEGAN_NS.load(Ordering::Relaxed))
}

/// Creates the file in `folder`.
pub(crate) fn begin(folder: &[u8]) -> Option<()> {
    if !folder.starts_with(b"/") || folder.len() > 400 {
        return None;
    }
    put_path(0, folder);
    FOLDER_BYTES.store(folder.len(), Ordering::Relaxed);
    let file = create()?;
    let head = grown(&file, 0, HEAD_WORDS)?;
    HEAD.set(head);
    set(Word::Magic, MAGIC);
    set(Word::Version, VERSION);
    set(Word::Interval, 64);
    identify();
    if let Some(file) = File::read(c"/proc/self/cmdline") {
        let mut at = 0;
        file.pieces(|piece| {
            let room = COMMAND_BYTES.saturating_sub(at).min(piece.len());
            put_bytes(head, COMMAND * 8 + at, &piece[..room]);
            at += room;
        });
        head[24].store(at as u64, Ordering::Relaxed);
    }
    Some(())
}

fn identify() {
    let (own, parent) = os::processes();
    set(Word::Processes, u64::from(own) | u64::from(parent) << 32);
    set(Word::Begin, os::since_1970_ns());
    BEGAN_NS.store(os::now_ns(), Ordering::Relaxed);
}

/// One piece more; it is called under the lock of the stacks.
pub(crate) fn grow() -> Option<()> {
    let count = value(Word::Pieces) as usize;
    let place = PIECE.get(count)?;
    let offset = (HEAD_WORDS + count * PIECE_WORDS) * 8;
    let file = with_path(File::write)?;
    place.set(grown(&file, offset, PIECE_WORDS)?);
    set(Word::Pieces, count as u64 + 1);
    Some(())
}

fn grown(file: &File, offset: usize, words: usize) -> Option<Words> {
    if !file.extend(offset, words * 8) {
        return None;
    }
    pages::of_file(file, offset, words)
}

/// In a child of `fork`: a file of its own, with all that the parent's has. `false` where there is no room for it; the
/// parent's must not be written to then.
pub(crate) fn separate() -> bool {
    let Some(head) = HEAD.get() else { return true };
    let pieces = value(Word::Pieces) as usize;
    let all = std::iter::once((0, head)).chain(
        (0..pieces)
            .filter_map(|number| Some(((HEAD_WORDS + number * PIECE_WORDS) * 8, piece(number)?))),
    );
    let Some(file) = create() else { return false };
    let copied = all
        .clone()
        .all(|(offset, words)| file.extend(offset, words.len() * 8) && file.put(offset, words));
    if !copied
        || !all
            .clone()
            .all(|(offset, words)| pages::replace(words, &file, offset))
    {
        return false;
    }
    identify();
    true
}

/// A new file, named by the process and a number.
fn create() -> Option<File> {
    let (process, _) = os::processes();
    let folder = FOLDER_BYTES.load(Ordering::Relaxed);
    (0..1000_u32).find_map(|number| {
        let mut name = [0_u8; 40];
        let mut at = 0;
        let parts = [
            Part::Text(b"/"),
            Part::Number(process),
            Part::Text(b"-"),
            Part::Number(number),
        ];
        for part in parts.iter().chain(&[Part::Text(b".track\0")]) {
            at += part.write(&mut name[at..]);
        }
        put_path(folder, &name[..at]);
        with_path(File::create)
    })
}

enum Part {
    Text(&'static [u8]),
    Number(u32),
}

impl Part {
    fn write(&self, into: &mut [u8]) -> usize {
        let mut digits = [0_u8; 10];
        let text = match self {
            Self::Text(text) => text,
            Self::Number(number) => decimal(*number, &mut digits),
        };
        let length = text.len().min(into.len());
        into[..length].copy_from_slice(&text[..length]);
        length
    }
}

fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &[u8] {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 || at == 0 {
            return &digits[at..];
        }
    }
}

fn put_path(at: usize, bytes: &[u8]) {
    for (place, byte) in PATH.iter().skip(at).zip(bytes) {
        place.store(*byte, Ordering::Relaxed);
    }
}

fn with_path<R>(use_it: impl FnOnce(&CStr) -> Option<R>) -> Option<R> {
    let mut bytes = [0_u8; PATH_BYTES];
    for (byte, place) in bytes.iter_mut().zip(&PATH) {
        *byte = place.load(Ordering::Relaxed);
    }
    use_it(CStr::from_bytes_until_nul(&bytes).ok()?)
}

/// Appends to the list of modules; what has no room is left out.
pub(crate) fn append_module(line: &[u8]) {
    let Some(head) = HEAD.get() else { return };
    let at = value(Word::ModulesBytes) as usize;
    if at + line.len() < MODULES_BYTES {
        put_bytes(head, MODULES * 8 + at, line);
        put_bytes(head, MODULES * 8 + at + line.len(), b"\n");
        set(Word::ModulesBytes, (at + line.len() + 1) as u64);
    }
}

/// Writes bytes where zeroes stand.
fn put_bytes(words: Words, at: usize, bytes: &[u8]) {
    for (index, byte) in bytes.iter().enumerate() {
        let place = at + index;
        if let Some(word) = words.get(place / 8) {
            let shift = 8 * (place % 8);
            word.fetch_or((u64::from(*byte) << shift).to_le(), Ordering::Relaxed);
        }
    }
}
