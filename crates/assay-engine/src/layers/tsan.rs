//! ThreadSanitizer, over an instrumented standard library where there is one.

use assay_evidence::{BugClass, LayerName};

use super::mode::vars;
use super::{Heard, Layer, Mode, Need, Planted, Workbench};
use crate::parse::{self, RawFinding};
use crate::tools::Tools;

pub(crate) struct Tsan;

/// Whether the standard library can be built with the sanitizer.
fn instrumented_std(tools: &Tools) -> Result<String, String> {
    let nightly = tools.nightly.as_ref().map_err(Clone::clone)?;
    nightly.rust_src.clone()?;
    nightly.tsan.clone()?;
    Ok(nightly.rustc.clone())
}

impl Layer for Tsan {
    fn name(&self) -> LayerName {
        LayerName::Tsan
    }

    fn need(&self, tools: &Tools) -> Need {
        let need = match (instrumented_std(tools), &tools.tsan) {
            (Ok(rustc), _) => Need::ready(format!("rustc {rustc}"))
                .noting("standard library built with the sanitizer"),
            (Err(reason), Ok(())) => Need::ready(format!("rustc {}", tools.rustc)).noting(
                &format!("standard library not instrumented, so no race that it reports is sure: {reason}"),
            ),
            (Err(_), Err(reason)) => return Need::NotRun(reason.clone()),
        };
        need.noting_missing(&tools.symbolizer)
    }

    fn modes(&self, bench: &Workbench<'_>) -> Vec<Mode> {
        let mut run_env = vars([(
            "TSAN_OPTIONS",
            "halt_on_error=0:exitcode=66:history_size=7:second_deadlock_stack=1:\
             allocator_may_return_null=1",
        )]);
        run_env.extend(bench.tools.symbolizer_env("TSAN_SYMBOLIZER_PATH"));
        let base = Mode {
            bound_memory: false,
            patience: 5,
            run_env,
            repeats: bench.limits.repeats.max(1),
            ..Mode::plain("debug", "tsan")
        };
        let base = base
            .unchecked()
            .cargo(&["--target", &bench.tools.host])
            .rustflags(&["-Zsanitizer=thread"]);
        let mode = if instrumented_std(bench.tools).is_ok() {
            Mode {
                toolchain: Some("+nightly"),
                ..base.cargo(&["-Zbuild-std"])
            }
        } else {
            base.bootstrap()
                .rustflags(&["-Cunsafe-allow-abi-mismatch=sanitizer"])
        };
        vec![mode]
    }

    fn planted(&self, _: &Mode) -> Planted {
        Planted::new(include_str!("../../testdata/planted/race.rs"))
            .with("counter_is_lost", BugClass::DataRace)
    }

    fn findings(&self, heard: &Heard) -> Vec<RawFinding> {
        parse::tsan::findings(&heard.output.stderr)
    }

    fn doubt(&self, finding: &RawFinding, bench: &Workbench<'_>) -> Option<String> {
        let whole = instrumented_std(bench.tools).is_ok();
        (!whole && finding.class == BugClass::DataRace).then(|| {
            "the standard library is not instrumented, so what orders the accesses may be hidden in it".to_owned()
        })
    }
}
