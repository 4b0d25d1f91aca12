//! The crate's own tests, with the checks of the standard library and without.

use assay_evidence::{BugClass, LayerName};

use super::{Layer, Mode, Need, Planted, Workbench};

use crate::tools::Tools;

pub(crate) struct Unit;

impl Layer for Unit {
    fn name(&self) -> LayerName {
        LayerName::Unit
    }

    fn need(&self, tools: &Tools) -> Need {
        Need::ready(format!("rustc {}", tools.rustc))
    }

    fn modes(&self, _: &Workbench<'_>) -> Vec<Mode> {
        let debug = Mode {
            doctests: true,
            ..Mode::plain("debug", "unit")
        };
        let release = |name, checks| {
            Mode::plain(name, "unit").cargo(&["--release"]).profile(
                "RELEASE",
                &[
                    ("DEBUG_ASSERTIONS", checks),
                    ("OVERFLOW_CHECKS", checks),
                    ("DEBUG", "line-tables-only"),
                ],
            )
        };
        let mut wrapping = release("release-wrapping", "false");
        wrapping.folder = "unit-wrapping";
        vec![debug, release("release", "true"), wrapping]
    }

    fn planted(&self, mode: &Mode) -> Planted {
        if mode.name == "release-wrapping" {
            return Planted::new(include_str!("../../testdata/planted/wrapping.rs"))
                .with("sum_wraps", BugClass::TestFailure)
                .saying("assay control: the sum wrapped");
        }
        Planted::new(include_str!("../../testdata/planted/precondition.rs"))
            .with("index_past_the_end", BugClass::Precondition)
    }
}
