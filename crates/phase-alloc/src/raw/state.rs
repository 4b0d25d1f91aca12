//! The state of the process: where the region is, whether a phase is active, what was configured.
//!
//! The fast paths read [`ROUTES`] alone: a gate on size for allocation, an extent for deallocation.
//! Whatever needs more than the fast path (no phase, a report, a debug mode) closes them, and costs
//! nothing while it is not used.

use core::ptr;

use super::areas::Areas;
use super::chunk::Chunk;
use super::chunks::{ChunkAt, Chunks};
use super::debug;
use super::lock::Lock;
use super::os::{self, RESERVE_ALIGN};
use super::size::{CHUNK_BYTES, CHUNK_SHIFT, GRANULE_BYTES, GRANULE_SHIFT};
use super::span::Record;
use crate::config::Config;
use crate::sync::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use crate::{named, sites};

/// A smaller region is not worth its metadata.
const REGION_MIN: usize = if cfg!(miri) { 64 << 10 } else { 8 << 20 };
/// Granules are numbered with 32 bits; this is far below.
const REGION_MAX: usize = if usize::BITS >= 64 { 1 << 44 } else { 1 << 30 };

/// A phase is active.
const ACTIVE: u32 = 1;
/// Allocations are counted for a report.
const OBSERVED: u32 = 2;
/// Freed memory is overwritten.
const POISON: u32 = 4;
/// Blocks have guards, and freed ones wait.
const QUARANTINE: u32 = 8;
/// An allocator has told its configuration.
const REGISTERED: u32 = 16;

/// Allocations are recorded with their stacks.
const TRACED: u32 = 32;

/// What the fast paths read.
///
/// # Invariants
///
/// 1. The extents are 0 until `base`, `table`, `spans` and `records` have their values, which they keep:
///    `table` and `records` have an entry for each chunk and granule within the extents.
#[repr(align(64))]
pub(super) struct Routes {
    /// The least size that the fast path allocates.
    gate: AtomicUsize,
    /// The bytes of chunks, while the fast path frees.
    fast_bytes: AtomicUsize,
    base: AtomicPtr<u8>,
    table: AtomicPtr<Chunk>,
    spans: AtomicPtr<u8>,
    records: AtomicPtr<Record>,
    chunk_bytes: AtomicUsize,
    span_bytes: AtomicUsize,
    mode: AtomicU32,
    /// Smaller objects go to the inner allocator.
    min_bytes: AtomicUsize,
}

pub(super) static ROUTES: Routes = Routes {
    gate: AtomicUsize::new(usize::MAX),
    fast_bytes: AtomicUsize::new(0),
    base: AtomicPtr::new(ptr::null_mut()),
    table: AtomicPtr::new(ptr::null_mut()),
    spans: AtomicPtr::new(ptr::null_mut()),
    records: AtomicPtr::new(ptr::null_mut()),
    chunk_bytes: AtomicUsize::new(0),
    span_bytes: AtomicUsize::new(0),
    mode: AtomicU32::new(0),
    min_bytes: AtomicUsize::new(0),
};

/// Where an address is.
pub(super) enum Place {
    Chunk(ChunkAt),
    Span(u32, &'static Record),
    Elsewhere,
}

impl Routes {
    /// Whether the fast path allocates `size` bytes.
    #[inline]
    pub(super) fn admits(&self, size: usize) -> bool {
        // Relaxed: a thread that sees a phase begin or end late allocates elsewhere for a while.
        size >= self.gate.load(Ordering::Relaxed)
    }

    /// Where an address is in the chunks, if it is, and the fast path frees.
    #[inline]
    pub(super) fn fast_offset(&self, address: usize) -> Option<Offset> {
        // ORDERING: Acquire pairs with the Release in `apply`.
        self.offset_below(self.fast_bytes.load(Ordering::Acquire), address)
    }

    /// Whether the fast path frees.
    #[inline]
    pub(super) fn frees_fast(&self) -> bool {
        self.fast_bytes.load(Ordering::Relaxed) != 0
    }

    /// Where an address is.
    #[inline]
    pub(super) fn place(&self, address: usize) -> Place {
        // ORDERING: Acquire pairs with the Release in `install`.
        let bytes = self.chunk_bytes.load(Ordering::Acquire);
        if let Some(offset) = self.offset_below(bytes, address) {
            return Place::Chunk(self.chunk(offset));
        }
        match self.granule(address) {
            Some((start, record)) => Place::Span(start, record),
            None => Place::Elsewhere,
        }
    }

    /// The number and the record of the granule at an address, if it is one of the region's.
    #[inline]
    pub(super) fn granule(&self, address: usize) -> Option<(u32, &'static Record)> {
        // ORDERING: Acquire pairs with the Release in `install`.
        let bytes = self.span_bytes.load(Ordering::Acquire);
        let offset = address.wrapping_sub(self.spans.load(Ordering::Relaxed).addr());
        if offset >= bytes {
            return None;
        }
        let index = offset >> GRANULE_SHIFT;
        let records = self.records.load(Ordering::Relaxed).cast_const();
        // SAFETY: the offset is within the extent (invariant 1), which was published after the table.
        let record = unsafe { &*records.wrapping_add(index) };
        Some((index as u32, record))
    }

    /// The start of a granule.
    #[inline]
    pub(super) fn granule_start(&self, index: u32) -> *mut u8 {
        let spans = self.spans.load(Ordering::Relaxed);
        spans.wrapping_add(index as usize * GRANULE_BYTES)
    }

    /// The record of a granule of a span that the caller has.
    #[inline]
    pub(super) fn record(&self, index: u32) -> &'static Record {
        let records = self.records.load(Ordering::Relaxed).cast_const();
        // SAFETY: who has a span has it from `Spans`, which numbers granules of the region
        // (invariant 1), after they were installed.
        unsafe { &*records.wrapping_add(index as usize) }
    }

    /// The start of a chunk.
    pub(super) fn chunk_start(&self, index: u32) -> *mut u8 {
        let base = self.base.load(Ordering::Relaxed);
        base.wrapping_add(index as usize * CHUNK_BYTES)
    }

    /// The chunk at an offset.
    #[inline]
    pub(super) fn chunk(&self, offset: Offset) -> ChunkAt {
        let table = self.table.load(Ordering::Relaxed).cast_const();
        let index = offset.0 >> CHUNK_SHIFT;
        // SAFETY: an `Offset` is within the extent (invariant 1), which was published after the table.
        let words = unsafe { &*table.wrapping_add(index) };
        #[expect(clippy::cast_possible_truncation, reason = "REGION_MAX bounds it")]
        let index = index as u32;
        ChunkAt { index, words }
    }

    /// The number of a chunk of the table.
    pub(super) fn chunk_of(&self, words: &'static Chunk) -> ChunkAt {
        let bytes = ptr::from_ref(words).addr() - self.table.load(Ordering::Relaxed).addr();
        #[expect(clippy::cast_possible_truncation, reason = "REGION_MAX bounds it")]
        let index = (bytes / size_of::<Chunk>()) as u32;
        ChunkAt { index, words }
    }

    /// `bytes` is an extent that was read with Acquire.
    #[inline]
    fn offset_below(&self, bytes: usize, address: usize) -> Option<Offset> {
        let offset = address.wrapping_sub(self.base.load(Ordering::Relaxed).addr());
        (offset < bytes).then_some(Offset(offset))
    }
}

/// How far behind the first chunk an address is: within the extent of the chunks.
#[derive(Clone, Copy)]
pub(super) struct Offset(usize);

/// What the slow paths have to heed.
#[derive(Clone, Copy)]
pub(super) struct Mode(u32);

impl Mode {
    pub(super) fn is_active(self) -> bool {
        self.0 & ACTIVE != 0
    }

    pub(super) fn is_observed(self) -> bool {
        self.0 & OBSERVED != 0
    }

    pub(super) fn is_traced(self) -> bool {
        self.0 & TRACED != 0
    }

    pub(super) fn poisons(self) -> bool {
        self.0 & (POISON | QUARANTINE) != 0
    }

    pub(super) fn quarantines(self) -> bool {
        self.0 & QUARANTINE != 0
    }
}

/// The current mode.
pub(super) fn mode() -> Mode {
    Mode(ROUTES.mode.load(Ordering::Relaxed))
}

/// Smaller objects go to the inner allocator.
pub(super) fn min_bytes() -> usize {
    ROUTES.min_bytes.load(Ordering::Relaxed)
}

/// The current mode, after `config` was told by the first allocator that is used.
pub(super) fn mode_for(config: &Config) -> Mode {
    if ROUTES.mode.load(Ordering::Relaxed) & REGISTERED == 0 {
        register(config);
    }
    mode()
}

#[cold]
fn register(config: &Config) {
    CENTRAL.with(|central| {
        central.config.get_or_insert(*config);
        central.apply();
    });
}

/// What is under the lock.
pub(super) struct Central {
    pub(super) chunks: Chunks,
    pub(super) spans: Areas,
    /// That of the first allocator that was used; later with what the environment says.
    config: Option<Config>,
    stage: Stage,
    phases: usize,
    observers: usize,
    traced: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Unprepared,
    Ready,
    /// There is no address space: everything goes to the inner allocator.
    Refused,
}

/// The one lock.
pub(super) static CENTRAL: Lock<Central> = Lock::new(Central {
    chunks: Chunks::NONE,
    spans: Areas::NONE,
    config: None,
    stage: Stage::Unprepared,
    phases: 0,
    observers: 0,
    traced: false,
});

impl Central {
    /// Publishes what the phases and observers ask for.
    fn apply(&self) {
        let config = self.config.unwrap_or(Config::DEFAULT);
        let ready = self.stage == Stage::Ready;
        let mut mode = 0;
        for (condition, bit) in [
            (self.config.is_some(), REGISTERED),
            (ready && self.phases > 0, ACTIVE),
            (self.observers > 0, OBSERVED),
            (self.traced, TRACED),
            (config.poison, POISON),
            (config.quarantine, QUARANTINE),
        ] {
            mode |= if condition { bit } else { 0 };
        }
        ROUTES.mode.store(mode, Ordering::Relaxed);
        ROUTES.min_bytes.store(config.min_bytes, Ordering::Relaxed);
        let fast = mode & (OBSERVED | POISON | QUARANTINE) == 0;
        let gate = if fast && mode & ACTIVE != 0 {
            config.min_bytes
        } else {
            usize::MAX
        };
        ROUTES.gate.store(gate, Ordering::Relaxed);
        let bytes = ROUTES.chunk_bytes.load(Ordering::Relaxed);
        // ORDERING: Release pairs with the Acquire in `fast_chunk`: the table is there.
        ROUTES
            .fast_bytes
            .store(if fast { bytes } else { 0 }, Ordering::Release);
    }

    /// Reserves the largest region there is address space for, up to what was asked.
    fn prepare(&mut self, config: Config) {
        self.config = Some(config);
        self.stage = Stage::Refused;
        let mut bytes = config.region_bytes.clamp(REGION_MIN, REGION_MAX);
        while bytes >= REGION_MIN {
            if self.install(Geometry::of(bytes), config.huge_pages) {
                self.stage = Stage::Ready;
                return;
            }
            bytes /= 2;
        }
    }

    #[expect(
        clippy::cast_ptr_alignment,
        reason = "the tables are at multiples of their alignment in an aligned reservation"
    )]
    fn install(&mut self, geometry: Geometry, huge_pages: bool) -> bool {
        let Some(start) = os::reserve(geometry.whole()) else {
            return false;
        };
        let start = start.as_ptr();
        // SAFETY: the tables are the first part of the reservation, in whole pages.
        if !unsafe { os::commit(start, geometry.table_bytes()) } {
            // SAFETY: it was reserved just now, and nothing is in it.
            unsafe { os::unreserve(start, geometry.whole()) };
            return false;
        }
        let table = start.cast::<Chunk>();
        let records = start.wrapping_add(geometry.records_at()).cast::<Record>();
        let base = start.wrapping_add(geometry.table_bytes());
        let spans = base.wrapping_add(geometry.half);
        // SAFETY: the memory is committed, zeroed and aligned, holds that many, is never given back,
        // and all-zero bytes are a `Chunk`.
        let chunks = unsafe { core::slice::from_raw_parts(table.cast_const(), geometry.chunks()) };
        // SAFETY: likewise for a `Record`.
        let granules =
            unsafe { core::slice::from_raw_parts(records.cast_const(), geometry.granules()) };
        // SAFETY: this half of the reservation is for the chunks.
        self.chunks = unsafe { Chunks::over(chunks, base) };
        // SAFETY: the other half is for the spans.
        self.spans = unsafe { Areas::over(granules, spans) };
        if huge_pages {
            // SAFETY: it was reserved.
            unsafe { os::prefer_huge(spans, geometry.half) };
        }
        ROUTES.base.store(base, Ordering::Relaxed);
        ROUTES.table.store(table, Ordering::Relaxed);
        ROUTES.spans.store(spans, Ordering::Relaxed);
        ROUTES.records.store(records, Ordering::Relaxed);
        // ORDERING: Release pairs with the Acquire loads in `place` and `granule`: who sees an extent
        // sees the table behind it.
        ROUTES.chunk_bytes.store(geometry.half, Ordering::Release);
        // ORDERING: likewise.
        ROUTES.span_bytes.store(geometry.half, Ordering::Release);
        true
    }
}

/// Nobody else holds a lock of the crate while the process is doubled. No lock is taken within another
/// elsewhere, so that any order will do.
extern "C" fn before_fork() {
    sites::TRACED.acquire();
    debug::before_fork();
    named::NAMED.acquire();
    CENTRAL.acquire();
}

extern "C" fn after_fork() {
    CENTRAL.release();
    named::NAMED.release();
    debug::after_fork();
    sites::TRACED.release();
}

/// The region: the table of chunks, the records, the chunks, the spans.
#[derive(Clone, Copy)]
struct Geometry {
    /// The bytes of the chunks, and of the spans.
    half: usize,
}

impl Geometry {
    fn of(bytes: usize) -> Self {
        Self {
            half: bytes / 2 / RESERVE_ALIGN * RESERVE_ALIGN,
        }
    }

    fn chunks(self) -> usize {
        self.half >> CHUNK_SHIFT
    }

    fn granules(self) -> usize {
        self.half >> GRANULE_SHIFT
    }

    fn records_at(self) -> usize {
        self.chunks() * size_of::<Chunk>()
    }

    fn table_bytes(self) -> usize {
        let bytes = self.records_at() + self.granules() * size_of::<Record>();
        bytes.next_multiple_of(RESERVE_ALIGN)
    }

    fn whole(self) -> usize {
        self.table_bytes() + 2 * self.half
    }
}

/// Has forks wait for the locks from now on. Before any is taken outside of an allocation: a fork beside
/// that leaves the child with a lock that nobody gives up.
pub(super) fn heed_forks() {
    static DONE: AtomicBool = AtomicBool::new(false);
    if !DONE.load(Ordering::Relaxed) && !DONE.swap(true, Ordering::Relaxed) {
        os::around_fork(before_fork, after_fork);
    }
}

/// Reads the environment if that was asked for, and reserves the region, once. Not inside an allocation:
/// the standard library's functions may allocate.
pub(crate) fn prepare() -> Config {
    heed_forks();
    let state = || CENTRAL.with(|central| (central.config, central.stage));
    let (mut config, stage) = state();
    if stage != Stage::Unprepared {
        return config.unwrap_or(Config::DEFAULT);
    }
    if config.is_none() {
        // Nothing was allocated yet. The global allocator tells its configuration now, if it is ours.
        drop(core::hint::black_box(Box::new(0_u8)));
        config = state().0;
    }
    let config = config.unwrap_or(Config::DEFAULT).with_environment();
    CENTRAL.with(|central| {
        if central.stage == Stage::Unprepared {
            central.prepare(config);
            central.apply();
        }
        central.config.unwrap_or(config)
    })
}

/// The configuration that holds, as far as it is known.
pub(crate) fn config() -> Option<Config> {
    heed_forks();
    CENTRAL.with(|central| {
        central
            .config
            .filter(|_| central.stage != Stage::Unprepared)
    })
}

/// Counts a phase that begins.
pub(crate) fn begin() {
    prepare();
    CENTRAL.with(|central| {
        central.phases += 1;
        central.apply();
    });
}

/// Counts a phase that ends, if there is one. The last one purges as configured.
pub(crate) fn end() {
    heed_forks();
    let last = CENTRAL.with(|central| {
        let last = central.phases == 1;
        central.phases = central.phases.saturating_sub(1);
        central.apply();
        last.then_some(central.config).flatten()
    });
    if let Some(config) = last {
        super::purge(config.purge);
    }
}

/// How many phases are active.
pub(crate) fn phases() -> usize {
    heed_forks();
    CENTRAL.with(|central| central.phases)
}

/// Makes allocations and frees pass through the counters, or no longer.
pub(crate) fn observe(more: bool) {
    heed_forks();
    CENTRAL.with(|central| {
        central.observers = if more {
            central.observers + 1
        } else {
            central.observers.saturating_sub(1)
        };
        central.apply();
    });
}

/// Has what is observed recorded with stacks too, or no longer.
pub(crate) fn trace(on: bool) {
    heed_forks();
    CENTRAL.with(|central| {
        central.traced = on;
        central.apply();
    });
}
