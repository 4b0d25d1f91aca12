//! Prometheus' text format, version 0.0.4.

use std::fmt::Write as _;

use super::escape::label;
use super::{Counters, NameCounters};
use crate::usage::Usage;

struct Family<T> {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    value: fn(&T) -> u64,
}

const PROCESS: [Family<Usage>; 6] = [
    Family {
        name: "memscope_live_bytes",
        kind: "gauge",
        help: "Bytes that are allocated and not freed.",
        value: Usage::live_bytes,
    },
    Family {
        name: "memscope_live_blocks",
        kind: "gauge",
        help: "Blocks that are allocated and not freed.",
        value: Usage::live,
    },
    Family {
        name: "memscope_allocations_total",
        kind: "counter",
        help: "Blocks that were allocated.",
        value: |usage| usage.allocs,
    },
    Family {
        name: "memscope_frees_total",
        kind: "counter",
        help: "Blocks that were freed.",
        value: |usage| usage.frees,
    },
    Family {
        name: "memscope_allocated_bytes_total",
        kind: "counter",
        help: "Bytes that were allocated; a change of size allocates the new one.",
        value: |usage| usage.bytes_allocated,
    },
    Family {
        name: "memscope_freed_bytes_total",
        kind: "counter",
        help: "Bytes that were freed; a change of size frees the old one.",
        value: |usage| usage.bytes_freed,
    },
];

const NAMES: [Family<NameCounters>; 4] = [
    Family {
        name: "memscope_scopes",
        kind: "gauge",
        help: "Scopes that have not finished, by name.",
        value: |name| name.scopes,
    },
    Family {
        name: "memscope_scopes_ended",
        kind: "gauge",
        help: "Scopes that nobody can enter any more and that wait for their last blocks, by name.",
        value: |name| name.ended,
    },
    Family {
        name: "memscope_scope_live_bytes",
        kind: "gauge",
        help: "Live bytes of the scopes that have not finished, by name.",
        value: |name| name.own.live_bytes(),
    },
    Family {
        name: "memscope_scope_live_blocks",
        kind: "gauge",
        help: "Live blocks of the scopes that have not finished, by name.",
        value: |name| name.own.live(),
    },
];

impl Counters {
    /// The content type of [`to_prometheus`](Self::to_prometheus).
    pub const PROMETHEUS_CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// The counters in Prometheus' text format: of the process, and of the unfinished scopes with the label `scope`.
    ///
    /// ```
    /// let text = memscope::report::Counters::take().to_prometheus();
    /// assert!(text.contains("# TYPE memscope_live_bytes gauge\nmemscope_live_bytes "));
    /// ```
    #[must_use]
    pub fn to_prometheus(&self) -> String {
        let mut text = String::new();
        for family in &PROCESS {
            family.head(&mut text);
            family.line(&mut text, "", &self.process);
        }
        for family in &NAMES {
            family.head(&mut text);
            for name in &self.names {
                let labels = format!("{{scope=\"{}\"}}", label(name.name));
                family.line(&mut text, &labels, name);
            }
        }
        text
    }
}

impl<T> Family<T> {
    fn head(&self, text: &mut String) {
        let Self {
            name, kind, help, ..
        } = self;
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&self, text: &mut String, labels: &str, of: &T) {
        let _ = writeln!(text, "{}{labels} {}", self.name, (self.value)(of));
    }
}
