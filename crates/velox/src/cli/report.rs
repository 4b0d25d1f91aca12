//! What a run tells of itself, as JSON or as text.

use serde::Serialize;
use velox::pipeline::{Drops, InFlight, Snapshot};
use velox::telemetry::{Summary, Timed};
use velox::{Flushes, Top};

/// The version of the lines of JSON. It changes when a field goes or means something else.
const SCHEMA: u32 = 1;

/// One line: what happened until a moment, and since the line before.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    schema_version: u32,
    /// Since the start.
    pub(crate) elapsed_ns: u64,
    pub(crate) generated: u64,
    pub(crate) output: u64,
    #[serde(serialize_with = "drops")]
    pub(crate) dropped: Drops,
    #[serde(serialize_with = "in_flight")]
    pub(crate) in_flight: InFlight,
    /// Generated less output, dropped and in flight: 0.
    pub(crate) lost: i64,
    #[serde(serialize_with = "flushes")]
    pub(crate) flushes: Flushes,
    /// Since the line before; of the whole run on the last.
    pub(crate) generated_per_s: u64,
    pub(crate) output_per_s: u64,
    pub(crate) latency_ns: Latency,
    pub(crate) top: Best,
    /// On the last line only.
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    pub(crate) last: Option<Last>,
}

/// What the last line has.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Last {
    /// What ended the run: `signal`, `count`, `duration` or `end` of the source.
    pub(crate) ended_by: &'static str,
    pub(crate) stages: usize,
    /// The state of all books and orders, as a number.
    pub(crate) book_hash: String,
    /// All transactions that were put out, in their order, as a number.
    pub(crate) output_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<Input>,
    pub(crate) refused: Refusals,
}

/// What was read of a file.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Input {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    pub(crate) faults: u64,
    pub(crate) skipped_bytes: u64,
}

/// Why the books refused transactions.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Refusals {
    pub(crate) unknown: u64,
    pub(crate) duplicate: u64,
    pub(crate) empty: u64,
    pub(crate) excess: u64,
    pub(crate) instrument: u64,
    pub(crate) book: u64,
    /// What was in flight behind the one where the file stopped making sense.
    pub(crate) behind: u64,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Latency {
    #[serde(serialize_with = "summary")]
    pub(crate) send: Summary,
    #[serde(serialize_with = "summary")]
    pub(crate) book: Summary,
    #[serde(serialize_with = "summary")]
    pub(crate) bundle: Summary,
    #[serde(serialize_with = "summary")]
    pub(crate) end_to_end: Summary,
}

impl Latency {
    pub(crate) fn of(mut summary: impl FnMut(Timed) -> Summary) -> Self {
        let [send, book, bundle, end_to_end] = Timed::ALL.map(&mut summary);
        Self {
            send,
            book,
            bundle,
            end_to_end,
        }
    }

    pub(crate) const fn all(&self) -> [(Timed, Summary); 4] {
        [
            (Timed::Send, self.send),
            (Timed::Book, self.book),
            (Timed::Bundle, self.bundle),
            (Timed::EndToEnd, self.end_to_end),
        ]
    }
}

/// The best prices of one instrument, in ticks.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Best {
    pub(crate) instrument: u16,
    pub(crate) bid: Option<i32>,
    pub(crate) ask: Option<i32>,
}

impl Best {
    pub(crate) fn of(instrument: u16, top: Top) -> Self {
        Self {
            instrument,
            bid: top.bid.map(|it| it.ticks()),
            ask: top.ask.map(|it| it.ticks()),
        }
    }
}

impl Report {
    /// What happened until now, with rates since `before`: its time, and what was generated and put out until then.
    pub(crate) fn new(
        elapsed_ns: u64,
        snapshot: &Snapshot,
        before: (u64, u64, u64),
        latency: Latency,
        top: Best,
    ) -> Self {
        let (then_ns, generated, output) = before;
        let per_second = |count: u64| {
            let ns = u128::from(elapsed_ns.saturating_sub(then_ns).max(1));
            u64::try_from(u128::from(count) * 1_000_000_000 / ns).unwrap_or(u64::MAX)
        };
        Self {
            schema_version: SCHEMA,
            elapsed_ns,
            generated: snapshot.generated,
            output: snapshot.output,
            dropped: snapshot.drops,
            in_flight: snapshot.in_flight,
            lost: snapshot.lost(),
            flushes: snapshot.flushes,
            generated_per_s: per_second(snapshot.generated - generated),
            output_per_s: per_second(snapshot.output - output),
            latency_ns: latency,
            top,
            last: None,
        }
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("it has no maps but by name")
    }

    /// What the last line says, for people.
    pub(crate) fn text(&self) -> String {
        use std::fmt::Write;
        let mut text = String::new();
        let seconds = self.elapsed_ns as f64 / 1e9;
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{} generated in {seconds:.3} s ({}/s), {} put out, {} dropped, {} lost",
            self.generated,
            self.generated_per_s,
            self.output,
            self.dropped.total(),
            self.lost
        );
        let _ = writeln!(
            text,
            "dropped: {} newest, {} oldest, {} refused by the book",
            self.dropped.newest, self.dropped.oldest, self.dropped.refused
        );
        let flushes = self.flushes;
        let _ = writeln!(
            text,
            "bundles: {} full, {} timeout, {} shutdown",
            flushes.full, flushes.timeout, flushes.shutdown
        );
        for (timed, summary) in self.latency_ns.all() {
            if summary.count > 0 {
                let _ = writeln!(
                    text,
                    "{:>10}: p50 {} p90 {} p99 {} p99.9 {} max {} ns",
                    timed.name(),
                    summary.p50,
                    summary.p90,
                    summary.p99,
                    summary.p999,
                    summary.max
                );
            }
        }
        if let Some(last) = &self.last {
            if let Some(input) = &last.input {
                let _ = writeln!(
                    text,
                    "input: {} messages in {} bytes, {} faults, {} bytes skipped",
                    input.messages, input.bytes, input.faults, input.skipped_bytes
                );
            }
            let _ = write!(
                text,
                "ended by {}; book {}, output {}",
                last.ended_by, last.book_hash, last.output_hash
            );
        }
        text
    }
}

fn drops<S: serde::Serializer>(drops: &Drops, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shape {
        newest: u64,
        oldest: u64,
        refused: u64,
        total: u64,
    }
    let Drops {
        newest,
        oldest,
        refused,
    } = *drops;
    Shape {
        newest,
        oldest,
        refused,
        total: drops.total(),
    }
    .serialize(to)
}

fn in_flight<S: serde::Serializer>(it: &InFlight, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shape {
        ingress: u64,
        ring_book: u64,
        ring_bundles: u64,
        bundle: u64,
        ring_output: u64,
        total: u64,
    }
    let InFlight {
        ingress,
        ring_book,
        ring_bundles,
        bundle,
        ring_output,
    } = *it;
    Shape {
        ingress,
        ring_book,
        ring_bundles,
        bundle,
        ring_output,
        total: it.total(),
    }
    .serialize(to)
}

fn flushes<S: serde::Serializer>(it: &Flushes, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shape {
        full: u64,
        timeout: u64,
        manual: u64,
        shutdown: u64,
    }
    let Flushes {
        full,
        timeout,
        manual,
        shutdown,
    } = *it;
    Shape {
        full,
        timeout,
        manual,
        shutdown,
    }
    .serialize(to)
}

fn summary<S: serde::Serializer>(it: &Summary, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shape {
        count: u64,
        p50: u64,
        p90: u64,
        p99: u64,
        p999: u64,
        max: u64,
        mean: u64,
    }
    let Summary {
        count,
        p50,
        p90,
        p99,
        p999,
        max,
        mean,
    } = *it;
    Shape {
        count,
        p50,
        p90,
        p99,
        p999,
        max,
        mean,
    }
    .serialize(to)
}
