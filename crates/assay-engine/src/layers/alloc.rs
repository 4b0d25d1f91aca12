//! The tests under the probe's checking allocator.

use assay_evidence::{BugClass, LayerName};

use super::{Heard, Layer, Mode, Need, Planted, Workbench};
use crate::parse::{self, RawFinding};
use crate::tools::Tools;

/// What the compiler says of a program with two.
const CONFLICT: &str = "conflicts with global allocator";

pub(crate) struct Alloc;

impl Layer for Alloc {
    fn name(&self) -> LayerName {
        LayerName::Alloc
    }

    fn need(&self, tools: &Tools) -> Need {
        Need::ready(format!(
            "assay-probe {}, rustc {}",
            env!("CARGO_PKG_VERSION"),
            tools.rustc
        ))
    }

    fn modes(&self, _: &Workbench<'_>) -> Vec<Mode> {
        let mode = Mode {
            doctests: true,
            spares: Some("#[global_allocator]"),
            ..Mode::plain("debug", "alloc")
        };
        vec![mode.unchecked().rustflags(&["--cfg", "assay_alloc"])]
    }

    fn planted(&self, _: &Mode) -> Planted {
        Planted::new(include_str!("../../testdata/planted/wrong_layout.rs"))
            .with("freed_as_half_its_size", BugClass::WrongLayout)
            .by_the_probe()
    }

    fn findings(&self, heard: &Heard) -> Vec<RawFinding> {
        parse::alloc::findings(&heard.output.stderr)
    }

    /// A doctest is built by itself, so that others go on without one that has an allocator.
    fn cut(&self, heard: &Heard) -> Option<String> {
        let text = heard.output.text();
        text.contains(CONFLICT).then(|| {
            "it has a `#[global_allocator]` of its own, and there can be one only".to_owned()
        })
    }

    fn unbuildable(&self, error: &str) -> Option<String> {
        error.contains(CONFLICT).then(|| {
            "the package has a `#[global_allocator]` of its own, and there can be one only"
                .to_owned()
        })
    }
}
