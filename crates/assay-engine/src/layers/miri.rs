//! The Miri interpreter, under both aliasing models.

use assay_evidence::{BugClass, Exercise, LayerName, LayerStatus};

use super::mode::vars;
use super::{Heard, Layer, Mode, Need, Planted, Runner, Workbench};
use crate::parse::{self, RawFinding};
use crate::tools::Tools;

pub(crate) struct Miri;

impl Layer for Miri {
    fn name(&self) -> LayerName {
        LayerName::Miri
    }

    fn need(&self, tools: &Tools) -> Need {
        match tools.miri() {
            Ok(version) => Need::ready(format!("miri {version}")),
            Err(reason) => Need::NotRun(reason),
        }
    }

    fn brought(&self, bench: &Workbench<'_>) -> Result<Option<String>, String> {
        match bench.exercise {
            Exercise::Command { .. } => Err(LayerStatus::NOT_INTERPRETED.to_owned()),
            _ => Ok(None),
        }
    }

    fn modes(&self, _: &Workbench<'_>) -> Vec<Mode> {
        let mode = |name, model: &str| {
            let flags = format!("-Zmiri-disable-isolation -Zmiri-seed=0{model}");
            Mode {
                toolchain: Some("+nightly"),
                run_env: vars([("MIRIFLAGS", flags.as_str())]),
                runner: Runner::Miri,
                patience: 4,
                hang_is_finding: false,
                seed: Some(0),
                ..Mode::plain(name, "miri")
            }
        };
        vec![
            mode("stacked-borrows", ""),
            mode("tree-borrows", " -Zmiri-tree-borrows"),
        ]
    }

    fn planted(&self, _: &Mode) -> Planted {
        Planted::new(include_str!("../../testdata/planted/aliasing.rs"))
            .with("uses_a_reference_after_its_owner_wrote", BugClass::Aliasing)
    }

    fn findings(&self, heard: &Heard) -> Vec<RawFinding> {
        parse::miri::findings(&heard.output.stderr)
    }

    fn cut(&self, heard: &Heard) -> Option<String> {
        parse::miri::unsupported(&heard.output.stderr)
    }
}
