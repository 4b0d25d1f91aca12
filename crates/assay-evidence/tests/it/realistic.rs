//! The ring buffer as a first audit finds it: with bugs, gaps, and text that wants to be markup.

use assay_evidence::*;

use crate::sample::{self, SOURCE, allow, finding, site, without};

/// Text of an audited crate that every renderer has to make inert.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script> \u{1b}[31m `x` |a| [b](javascript:c) \u{202e} ]]> https://example.org @you";

/// A refuted crate with a finding of every weight, a void layer and one that is not installed.
pub(crate) fn refuted() -> Evidence {
    let mut e = without(&sample::supported(), LayerName::Memcheck);
    let reason = "valgrind was not found on PATH".into();
    layer(&mut e, LayerName::Memcheck).status = LayerStatus::NotRun { reason };
    layer(&mut e, LayerName::Tsan)
        .notes
        .push("the standard library is not instrumented".into());
    sites(&mut e);
    findings(&mut e);
    let missed = e
        .controls
        .iter_mut()
        .find(|c| c.run.0 == "loom/models")
        .expect("it ran");
    (missed.caught, missed.caught_in) = (false, 0);
    mutants(&mut e);
    e.sort();
    e.validate().expect("the sample keeps the invariants");
    e
}

fn layer(evidence: &mut Evidence, name: LayerName) -> &mut Layer {
    evidence
        .layers
        .iter_mut()
        .find(|l| l.name == name)
        .expect("every layer has a record")
}

fn sites(e: &mut Evidence) {
    e.hits
        .retain(|h| h.site.0 != "c09d44aa" || h.run.0.starts_with("unit"));
    e.sites.push(Site {
        built: Built::No {
            condition: "cfg(windows)".into(),
        },
        seen_by: SeenBy::Syntax,
        ..site(
            "e07c2b19",
            58,
            "ring::sys::sched_yield",
            Operation::ForeignCall,
        )
    });
    let place = |line| Span {
        file: "src/iter.rs".into(),
        line,
        column: 9,
        end_line: line + 1,
        end_column: 10,
    };
    e.files.push(SourceFile {
        path: "src/iter.rs".into(),
        sha256: String::new(),
        text: format!(
            "// {HOSTILE}\r\nfn it() {{\n    each! {{\n        unsafe {{ next() }}\n    }}\n}}\n"
        ),
    });
    e.sites.push(Site {
        span: place(4),
        item: format!("ring::iter::{HOSTILE}"),
        safety: None,
        expansion: Some(Expansion {
            macro_name: "each".into(),
            calls: vec![place(3)],
        }),
        operations: vec![Operation::UncheckedIndex, Operation::UnsafeCall],
        probe: Probe::Uncounted {
            reason: "in the output of a procedural macro".into(),
        },
        ..site("f4411d90", 28, "", Operation::UnsafeCall)
    });
    e.files.sort_by(|a, b| a.path.cmp(&b.path));
}

fn findings(e: &mut Evidence) {
    let run = e
        .runs
        .iter_mut()
        .find(|r| r.id.0 == "asan/debug")
        .expect("it ran");
    run.outcome = Outcome::Failed;
    run.tests = TestCounts {
        passed: 40,
        failed: 1,
        ignored: 1,
        ..TestCounts::default()
    };
    let test = "it::pop_after_wraparound";
    run.cases.push(TestCase {
        name: test.into(),
        status: TestStatus::Failed,
        detail: None,
    });
    run.cases.sort_by(|a, b| a.name.cmp(&b.name));

    let mut read = finding(
        "oob-3f9c21",
        BugClass::OutOfBounds,
        &["b7730f12"],
        &["asan/debug"],
    );
    read.title = "heap-buffer-overflow: read of 8 bytes just past an allocation of 64 bytes".into();
    read.span = Some(Span {
        column: 26,
        end_column: 60,
        ..sample::span(42)
    });
    read.sightings[0].test = Some(test.into());
    read.stacks = vec![
        stack(
            "read",
            &[
                ("ring::Consumer<u64>::pop", Some(("src/raw/ring.rs", 42))),
                ("it::pop_after_wraparound", Some(("tests/it/main.rs", 88))),
                (
                    "core::ops::function::FnOnce::call_once",
                    Some(("/rustc/59807616/library/core/src/ops/function.rs", 250)),
                ),
            ],
        ),
        stack(
            "allocated here",
            &[
                (
                    "alloc::alloc::alloc",
                    Some(("/rustc/59807616/library/alloc/src/alloc.rs", 95)),
                ),
                ("ring::channel<u64>", Some(("src/raw/ring.rs", 5))),
            ],
        ),
    ];
    read.reproduce = Some(CommandLine {
        env: vec![(
            "RUSTFLAGS".into(),
            "-Zsanitizer=address -Cdebug-assertions".into(),
        )],
        argv: [
            "cargo",
            "test",
            "--test",
            "it",
            "--",
            "--exact",
            "pop_after_wraparound",
        ]
        .map(String::from)
        .into(),
    });
    e.findings.push(read);

    let mut race = finding("race-77aa02", BugClass::DataRace, &[], &["tsan/debug"]);
    race.confidence = Confidence::Inconclusive {
        reason: "one stack has no frame in the audited crate, and std is not instrumented".into(),
    };
    race.title = HOSTILE.into();
    race.sightings[0].seen = 3;
    race.sightings[0].executions = 20;
    race.stacks = vec![stack(
        HOSTILE,
        &[
            (HOSTILE, Some(("javascript:x/../\u{7}", 0))),
            ("std::thread::park", None),
        ],
    )];
    e.findings.push(race);

    let mut leak = finding("leak-01", BugClass::Leak, &[], &["asan/debug"]);
    leak.title = "24 bytes leaked in 1 allocation".into();
    e.findings.push(leak);
    allow(e, "leak-01");
    e.findings.push(finding(
        "doc-01",
        BugClass::MissingSafety,
        &["f4411d90"],
        &[],
    ));
}

fn stack(label: &str, frames: &[(&str, Option<(&str, u32)>)]) -> Stack {
    let frame = |(function, place): &(&str, Option<(&str, u32)>)| Frame {
        function: (*function).into(),
        file: place.map(|(file, _)| file.into()),
        line: place.map(|(_, line)| line),
        column: None,
    };
    Stack {
        label: label.into(),
        frames: frames.iter().map(frame).collect(),
    }
}

fn mutants(e: &mut Evidence) {
    let miri = e
        .runs
        .iter_mut()
        .find(|r| r.id.0 == "miri/tree borrows")
        .expect("it ran");
    miri.tests.cut = 1;
    miri.cases.insert(
        0,
        TestCase {
            name: "it::blocks_on_a_futex".into(),
            status: TestStatus::Cut,
            detail: Some("unsupported operation: can't call foreign function `futex`".into()),
        },
    );
    let site = |id: &str| e.sites.iter().find(|s| s.id.0 == id).expect("it is there");
    let survivor = Mutant {
        operator: Operator::WeakenOrdering,
        span: Span {
            column: 9,
            end_column: 56,
            ..sample::span(28)
        },
        original: "Ordering::Release".into(),
        replacement: "Ordering::Relaxed".into(),
        ..sample::mutant("11", site("c09d44aa"), &[(LayerName::Miri, Said::Survived)])
    };
    let noticed = sample::killed("heap-buffer-overflow");
    let noticed = sample::mutant("22", site("a1c05e7d"), &[(LayerName::Asan, noticed)]);
    let slow = Said::TimedOut {
        test: "it::wraps_around".into(),
        limit_ms: 400,
        baseline_ms: 390,
    };
    let answers = [(LayerName::Asan, Said::Unreached), (LayerName::Miri, slow)];
    let slow = sample::mutant("33", site("b7730f12"), &answers);
    let equivalent = sample::mutant("44", site("b7730f12"), &[(LayerName::Asan, Said::Survived)]);
    let unviable = Mutant {
        unviable: Some(format!("mismatched types {HOSTILE}")),
        replacement: String::new(),
        ..sample::mutant("55", site("a1c05e7d"), &[])
    };
    e.mutants
        .extend([survivor, noticed, slow, equivalent, unviable]);
    e.equivalents.push(Equivalent {
        reason: format!("the mask brings it back {HOSTILE}"),
        ..sample::equivalent("44")
    });
    for layer in [LayerName::Asan, LayerName::Miri] {
        sample::ask(e, layer);
    }
    e.baselines.push(Baseline {
        layer: LayerName::Loom,
        status: BaselineStatus::Void {
            reason: format!("loom::wraps fails {HOSTILE}"),
        },
        tests: 0,
        run_ms: 0,
        command: None,
    });
}

/// A crate with many sites, for layout.
pub(crate) fn large(sites: u32) -> Evidence {
    let mut e = refuted();
    let base = sample::supported();
    let kinds = [SiteKind::Block, SiteKind::Function, SiteKind::Impl];
    for i in 0..sites {
        let model = &base.sites[usize::try_from(i % 3).expect("small")];
        let id = SiteId(format!("{:08x}", 0x1000_0000 + i * 7919));
        let line = i * 5 + 3;
        e.sites.push(Site {
            id: id.clone(),
            kind: kinds[usize::try_from(i % 3).expect("small")],
            item: format!("ring::bulk::Segment<T, N>::operation_{i}"),
            span: Span {
                file: "src/bulk.rs".into(),
                line,
                column: 5,
                end_line: line + 1,
                end_column: 6,
            },
            built: if i % 17 == 5 {
                Built::No {
                    condition: "cfg(target_arch = \"aarch64\")".into(),
                }
            } else {
                Built::Yes
            },
            ..model.clone()
        });
        let layers = e.runs.iter().enumerate().filter(|(n, _)| {
            i % 11 != 4 && !(i + u32::try_from(*n).expect("small")).is_multiple_of(5)
        });
        let hits: Vec<Hit> = layers
            .filter(|_| i % 17 != 5)
            .map(|(n, r)| Hit {
                site: id.clone(),
                run: r.id.clone(),
                count: u64::from(i + 1).pow(2) * 13u64.pow(u32::try_from(n % 4).expect("small")),
            })
            .collect();
        e.hits.extend(hits);
    }
    let line = |n: u32| match n % 5 {
        3 => format!("    unsafe fn operation_{}(&mut self) {{", n / 5),
        4 => "    }".to_string(),
        0 => format!("    // SAFETY: see invariant {} of Segment.", n % 7),
        _ => String::new(),
    };
    e.files.push(SourceFile {
        path: "src/bulk.rs".into(),
        sha256: String::new(),
        text: (1..sites * 5 + 6).map(|n| line(n) + "\n").collect(),
    });
    e.files.sort_by(|a, b| a.path.cmp(&b.path));
    e.sort();
    e.validate().expect("the sample keeps the invariants");
    assert!(SOURCE.contains("unsafe"));
    e
}
