//! Looking at everything at once: what is live, how much there is, giving memory back.

use super::chunk::Live;
use super::os::Purge;
use super::state::{CENTRAL, heed_forks};
use super::{debug, thread};
use crate::config::PurgePolicy;

/// What is live in the region, and where.
#[derive(Clone, Copy, Default)]
pub(crate) struct LiveTotals {
    pub(crate) objects: usize,
    pub(crate) bytes: usize,
    /// Chunks with something live.
    pub(crate) chunks: usize,
    /// Spans, which have one object each.
    pub(crate) spans: usize,
}

/// Figures about the region.
#[derive(Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) chunks_total: usize,
    pub(crate) chunks_used: usize,
    pub(crate) chunks_free: usize,
    pub(crate) chunks_abandoned: usize,
    pub(crate) span_bytes_total: usize,
    pub(crate) span_bytes_used: usize,
    pub(crate) span_bytes_free: usize,
}

/// What is live. Exact when no other thread allocates or frees meanwhile.
pub(crate) fn live() -> LiveTotals {
    heed_forks();
    let (waiting, waiting_bytes, waiting_spans) = debug::waiting();
    let mut totals = all_live();
    totals.objects = totals.objects.saturating_sub(waiting);
    totals.bytes = totals.bytes.saturating_sub(waiting_bytes);
    totals.spans = totals.spans.saturating_sub(waiting_spans);
    totals
}

fn all_live() -> LiveTotals {
    CENTRAL.with(|central| {
        let mut totals = LiveTotals::default();
        for words in central.chunks.used() {
            let Live { objects, bytes } = words.live();
            totals.objects += objects;
            totals.bytes += bytes;
            totals.chunks += usize::from(objects > 0);
        }
        for (_, bytes) in central.spans.live() {
            totals.objects += 1;
            totals.bytes += usize::try_from(bytes).unwrap_or(usize::MAX);
            totals.spans += 1;
        }
        totals
    })
}

/// Figures about the region.
pub(crate) fn figures() -> Figures {
    heed_forks();
    CENTRAL.with(|central| {
        let (chunks, spans) = (central.chunks.figures(), central.spans.figures());
        Figures {
            chunks_total: chunks.total,
            chunks_used: chunks.used,
            chunks_free: chunks.free,
            chunks_abandoned: chunks.abandoned,
            span_bytes_total: spans.total_bytes,
            span_bytes_used: spans.used_bytes,
            span_bytes_free: spans.free_bytes,
        }
    })
}

/// Gives free memory back to the system, what this thread keeps included.
pub(crate) fn purge(policy: PurgePolicy) {
    let how = match policy {
        PurgePolicy::Never => return,
        PurgePolicy::Free => Purge::Free,
        PurgePolicy::DontNeed => Purge::DontNeed,
    };
    heed_forks();
    thread::with(thread::Local::release_spans);
    CENTRAL.with(|central| {
        central.chunks.purge(how);
        central.spans.purge(how);
    });
}
