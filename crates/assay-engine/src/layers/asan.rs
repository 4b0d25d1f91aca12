//! AddressSanitizer with LeakSanitizer.

use assay_evidence::{BugClass, LayerName};

use super::mode::vars;
use super::{Heard, Layer, Mode, Need, Planted, Workbench};
use crate::parse::{self, RawFinding};
use crate::tools::Tools;

pub(crate) struct Asan;

impl Layer for Asan {
    fn name(&self) -> LayerName {
        LayerName::Asan
    }

    fn need(&self, tools: &Tools) -> Need {
        match &tools.asan {
            Ok(()) => Need::ready(format!("rustc {}", tools.rustc))
                .noting(
                    "the standard library is not instrumented: an access inside it is not checked",
                )
                .noting_missing(&tools.symbolizer),
            Err(reason) => Need::NotRun(reason.clone()),
        }
    }

    fn modes(&self, bench: &Workbench<'_>) -> Vec<Mode> {
        let memory = bench.limits.memory_bytes >> 20;
        let options = format!(
            "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:\
             alloc_dealloc_mismatch=1:detect_odr_violation=0:allocator_may_return_null=1:\
             abort_on_error=0:malloc_context_size=40:hard_rss_limit_mb={memory}"
        );
        let mut run_env = vars([
            ("ASAN_OPTIONS", &options),
            ("LSAN_OPTIONS", "print_suppressions=0"),
        ]);
        run_env.extend(bench.tools.symbolizer_env("ASAN_SYMBOLIZER_PATH"));
        vec![Mode {
            doctests: true,
            bound_memory: false,
            patience: 3,
            run_env,
            ..Mode::plain("debug", "asan")
                .bootstrap()
                .unchecked()
                .cargo(&["--target", &bench.tools.host])
                .rustflags(&["-Zsanitizer=address", "-Cforce-frame-pointers=yes"])
        }]
    }

    fn planted(&self, _: &Mode) -> Planted {
        Planted::new(include_str!("../../testdata/planted/heap.rs"))
            .with("reads_past_the_end", BugClass::OutOfBounds)
            .with("loses_a_block", BugClass::Leak)
    }

    fn findings(&self, heard: &Heard) -> Vec<RawFinding> {
        parse::asan::findings(&heard.output.stderr)
    }
}
