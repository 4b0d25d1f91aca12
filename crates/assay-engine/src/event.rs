//! What the engine tells while it works. Events are data; the binary renders them.

use std::time::Duration;

use assay_evidence::{LayerName, RunId, Said};

/// One step of an audit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A phase before the layers started, for example `inventory`.
    Phase {
        /// What is being done, as a fragment: `counting unsafe sites`.
        doing: String,
    },
    /// The inventory is complete.
    Inventoried {
        /// Sites that were found.
        sites: usize,
        /// Sites that carry a counter.
        probed: usize,
        /// Source lines that were read.
        lines: usize,
    },
    /// A layer will not run.
    LayerSkipped {
        /// The layer.
        layer: LayerName,
        /// Why.
        reason: String,
    },
    /// A run's build started.
    Building {
        /// The run.
        run: RunId,
    },
    /// A run's tests started.
    Running {
        /// The run.
        run: RunId,
    },
    /// A run ended.
    RunDone {
        /// The run.
        run: RunId,
        /// Build and execution time together.
        took: Duration,
        /// Findings of this run, before they are joined with other runs'.
        findings: usize,
        /// Sites that it executed.
        sites_hit: usize,
        /// Whether it was taken from the cache.
        cached: bool,
    },
    /// The mutants are known.
    MutantsMade {
        /// Mutants, those that do not build included.
        mutants: usize,
        /// Functions in which they stand.
        functions: usize,
    },
    /// A layer is asked about mutants.
    Asking {
        /// The layer.
        layer: LayerName,
        /// Mutants that it could notice and nothing has noticed yet.
        mutants: usize,
    },
    /// A layer has said something of a mutant.
    Asked {
        /// Where the mutant stands, and its operator.
        place: String,
        /// The layer.
        layer: LayerName,
        /// What it said.
        said: Said,
        /// Mutants that it was not yet asked about.
        left: usize,
    },
    /// Something the user should know that is not part of the evidence.
    Warning {
        /// One sentence.
        message: String,
    },
}

/// Where events go.
pub trait Events {
    /// Receives one event.
    fn event(&mut self, event: Event);
}

impl<F: FnMut(Event)> Events for F {
    fn event(&mut self, event: Event) {
        self(event);
    }
}
