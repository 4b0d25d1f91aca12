//! tracing's registry, which keeps the memory of closed spans for later ones.

use super::support::{Block, overwrite};
use crate::subject::phase;
use std::sync::atomic::{AtomicUsize, Ordering};
use tracing::span::{Attributes, Id};
use tracing::{Subscriber, info_span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

static OPENED: AtomicUsize = AtomicUsize::new(0);
static CLOSED: AtomicUsize = AtomicUsize::new(0);

/// Puts a block into the extensions of each span, a map that the registry clears and keeps.
struct Blocks;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Blocks {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        let span = context
            .span(id)
            .expect("the registry has the span it announces");
        span.extensions_mut()
            .insert(Block::new(number, 100 + number % 300));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context
            .span(&id)
            .expect("the registry has the span it closes");
        let block = span.extensions_mut().remove::<Block>();
        block.expect("the span has its block").check();
        CLOSED.fetch_add(1, Ordering::Relaxed);
    }
}

/// So many spans open at once that the registry adds pages of slots, which it never gives back.
pub(crate) fn concurrent() {
    let registry = tracing_subscriber::registry().with(Blocks);
    tracing::subscriber::set_global_default(registry).expect("nothing else sets one");
    let mut opened = 0;
    for count in [8, 512, 1_024] {
        for _ in 0..4 {
            phase(|| {
                let spans: Vec<_> = (0..count)
                    .map(|number| info_span!("span", number))
                    .collect();
                let entered: Vec<_> = spans.iter().take(20).map(tracing::Span::enter).collect();
                info_span!("within").in_scope(|| drop(entered));
            });
            opened += count + 1;
            overwrite();
        }
        // Across phases.
        let spans: Vec<_> = phase(|| {
            (0..count)
                .map(|number| info_span!("kept", number))
                .collect()
        });
        overwrite();
        phase(|| drop(spans));
        opened += count;
    }
    assert_eq!(OPENED.load(Ordering::Relaxed), opened);
    assert_eq!(CLOSED.load(Ordering::Relaxed), opened);
}
