//! Valgrind's memcheck: uninitialised reads, and the code that no sanitizer instruments.

use assay_evidence::{BugClass, LayerName};

use super::{Heard, Layer, Mode, Need, Planted, Runner, Workbench};
use crate::parse::{self, RawFinding};
use crate::tools::Tools;

pub(crate) struct Memcheck;

const ARGUMENTS: [&str; 13] = [
    "--tool=memcheck",
    "--leak-check=full",
    "--show-leak-kinds=all",
    "--errors-for-leak-kinds=definite",
    "--track-origins=yes",
    "--track-fds=yes",
    "--malloc-fill=AA",
    "--free-fill=BB",
    "--error-exitcode=99",
    "--num-callers=40",
    "--child-silent-after-fork=yes",
    "--fair-sched=yes",
    "--xml=yes",
];

impl Layer for Memcheck {
    fn name(&self) -> LayerName {
        LayerName::Memcheck
    }

    fn need(&self, tools: &Tools) -> Need {
        match &tools.valgrind {
            Ok(version) => Need::ready(format!("valgrind {version}")),
            Err(reason) => Need::NotRun(reason.clone()),
        }
    }

    fn modes(&self, _: &Workbench<'_>) -> Vec<Mode> {
        // The lowest optimisation keeps it bearable.
        let mode = Mode::plain("debug", "memcheck")
            .unchecked()
            .profile("DEV", &[("OPT_LEVEL", "1"), ("DEBUG", "true")]);
        vec![Mode {
            runner: Runner::Valgrind(ARGUMENTS.map(str::to_owned).to_vec()),
            patience: 20,
            hang_is_finding: false,
            ..mode
        }]
    }

    fn planted(&self, _: &Mode) -> Planted {
        Planted::new(include_str!("../../testdata/planted/uninitialised.rs"))
            .with("branches_on_garbage", BugClass::UninitialisedRead)
    }

    fn findings(&self, heard: &Heard) -> Vec<RawFinding> {
        let built = heard.built.as_deref();
        let reports = heard.xml.iter();
        let mut found: Vec<RawFinding> = reports
            .flat_map(|xml| parse::memcheck::findings(xml, built))
            .collect();
        parse::memcheck::refine(&mut found);
        found
    }
}
