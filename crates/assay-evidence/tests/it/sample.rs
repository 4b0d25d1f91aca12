//! A hand-written audit of a ring buffer, and small changes to it.

use assay_evidence::*;

/// A ring buffer whose audit is complete: three sites, a declaration, every layer that it needs.
pub(crate) fn supported() -> Evidence {
    let runs: Vec<Run> = [
        (LayerName::Unit, "debug"),
        (LayerName::Unit, "release"),
        (LayerName::Alloc, "debug"),
        (LayerName::Asan, "debug"),
        (LayerName::Tsan, "debug"),
        (LayerName::Memcheck, "release"),
        (LayerName::Miri, "stacked borrows"),
        (LayerName::Miri, "tree borrows"),
        (LayerName::Loom, "models"),
    ]
    .map(|(layer, mode)| run(layer, mode))
    .into();
    let sites = vec![
        site(
            "a1c05e7d",
            28,
            "ring::Producer<T>::push",
            Operation::PointerWrite,
        ),
        site(
            "b7730f12",
            42,
            "ring::Consumer<T>::pop",
            Operation::PointerRead,
        ),
        Site {
            kind: SiteKind::Impl,
            ..site("c09d44aa", 16, "ring::Shared<T>", Operation::ImplSync)
        },
        Site {
            kind: SiteKind::ExternBlock,
            probe: Probe::Declaration,
            operations: Vec::new(),
            ..site("d5b81e60", 53, "ring::sys", Operation::ForeignCall)
        },
    ];
    let executable = sites.iter().filter(|s| s.probe == Probe::Counted);
    let hits = executable.flat_map(|s| {
        runs.iter().map(|r| Hit {
            site: s.id.clone(),
            run: r.id.clone(),
            count: 4096,
        })
    });
    let mut evidence = Evidence {
        schema_version: SCHEMA_VERSION,
        tool: ToolVersion {
            name: "cargo-assay".into(),
            version: "0.1.0".into(),
        },
        completion: Completion::Complete,
        subject: subject(),
        environment: environment(),
        files: vec![SourceFile {
            path: "src/raw/ring.rs".into(),
            sha256: "c4ca4238a0b923820dcc509a6f75849b5c4ca4238a0b923820dcc509a6f75849".into(),
            text: SOURCE.into(),
        }],
        atomics: vec![
            atomic(31, "self.shared.tail", "store", "Release"),
            atomic(39, "self.shared.tail", "load", "Acquire"),
        ],
        layers: LayerName::ALL.map(|name| layer(name, &runs)).into(),
        hits: hits.collect(),
        controls: runs.iter().map(control).collect(),
        sites,
        runs,
        findings: Vec::new(),
        baselines: Vec::new(),
        mutants: Vec::new(),
        equivalents: Vec::new(),
        measurements: Vec::new(),
        allowances: Vec::new(),
    };
    evidence.sort();
    evidence
        .validate()
        .expect("the sample keeps the invariants");
    evidence
}

fn subject() -> Subject {
    Subject {
        package: "ring".into(),
        version: "0.3.1".into(),
        origin: Origin::Workspace,
        driver: "ring".into(),
        exercise: Exercise::Tests,
        features: vec!["default".into(), "std".into()],
        source_sha256: "8f14e45fceea167a5a36dedd4bea2543c0f1a1b27a1a1f0d2f1e5d6c7b8a9f00".into(),
    }
}

fn environment() -> Environment {
    Environment {
        host: "x86_64-unknown-linux-gnu".into(),
        processors: 2,
        tools: vec![
            ToolVersion {
                name: "cargo".into(),
                version: "1.95.0".into(),
            },
            ToolVersion {
                name: "rustc".into(),
                version: "1.95.0 (59807616e 2026-03-21)".into(),
            },
            ToolVersion {
                name: "valgrind".into(),
                version: "3.19.0".into(),
            },
        ],
    }
}

pub(crate) const SOURCE: &str = include_str!("sample_source.txt");

pub(crate) fn site(id: &str, line: u32, item: &str, operation: Operation) -> Site {
    Site {
        id: SiteId(id.into()),
        kind: SiteKind::Block,
        item: item.into(),
        span: span(line),
        expansion: None,
        operations: vec![operation],
        safety: Some("the slot belongs to this side (invariant 2).".into()),
        built: Built::Yes,
        probe: Probe::Counted,
        seen_by: SeenBy::Both,
    }
}

/// The unsafe code on a line of the source.
pub(crate) fn span(line: u32) -> Span {
    let index = usize::try_from(line - 1).expect("small");
    let text = SOURCE.lines().nth(index).expect("the source has the line");
    let from = text.find("unsafe").expect("an unsafe site stands there");
    let to = text.rfind('}').expect("it ends on the line") + 1;
    let column = |at: usize| u32::try_from(at + 1).expect("small");
    Span {
        file: "src/raw/ring.rs".into(),
        line,
        column: column(from),
        end_line: line,
        end_column: column(to),
    }
}

pub(crate) fn run(layer: LayerName, mode: &str) -> Run {
    Run {
        id: RunId(format!("{layer}/{mode}")),
        layer,
        mode: mode.into(),
        command: CommandLine {
            env: vec![("RUSTFLAGS".into(), format!("--cfg layer_{layer}"))],
            argv: ["cargo", "test", "--no-fail-fast"].map(String::from).into(),
        },
        outcome: Outcome::Passed,
        tests: TestCounts {
            passed: 42,
            ignored: 1,
            ..TestCounts::default()
        },
        cases: vec![TestCase {
            name: "it::soak_for_an_hour".into(),
            status: TestStatus::Ignored,
            detail: None,
        }],
        seed: (layer == LayerName::Tsan).then_some(7),
        repeats: if layer == LayerName::Tsan { 20 } else { 1 },
        build_ms: 4_200,
        run_ms: 1_310,
        log_sha256: String::new(),
        log: format!("logs/{layer}.txt"),
        cached: false,
    }
}

pub(crate) fn control(run: &Run) -> Control {
    Control {
        run: run.id.clone(),
        class: run.layer.classes()[0],
        caught: true,
        caught_in: run.repeats,
        executions: run.repeats,
        detail: "the planted bug was reported".into(),
    }
}

fn layer(name: LayerName, runs: &[Run]) -> Layer {
    let status = if runs.iter().any(|r| r.layer == name) {
        LayerStatus::Ran
    } else {
        LayerStatus::NotApplicable {
            reason: "the crate has no shuttle models".into(),
        }
    };
    Layer {
        name,
        status,
        tool: Some(format!("{name} 1.0")),
        notes: Vec::new(),
    }
}

fn atomic(line: u32, place: &str, operation: &str, ordering: &str) -> Atomic {
    Atomic {
        span: Span {
            file: "src/raw/ring.rs".into(),
            line,
            column: 9,
            end_line: line,
            end_column: 40,
        },
        item: "ring::Shared<T>".into(),
        place: place.into(),
        operation: operation.into(),
        orderings: vec![ordering.into()],
    }
}

/// A firm finding of a class, seen once in each of the runs.
pub(crate) fn finding(id: &str, class: BugClass, sites: &[&str], runs: &[&str]) -> Finding {
    Finding {
        id: id.into(),
        class,
        severity: class.severity(),
        confidence: Confidence::Firm,
        sites: sites.iter().map(|s| SiteId((*s).into())).collect(),
        title: format!("{class} in a slot"),
        span: None,
        stacks: Vec::new(),
        sightings: runs
            .iter()
            .map(|r| Sighting {
                run: RunId((*r).into()),
                test: None,
                seen: 1,
                executions: 1,
            })
            .collect(),
        reproduce: None,
        allowed_by: None,
    }
}

/// A mutant of one site, with what layers said of it.
pub(crate) fn mutant(id: &str, site: &Site, answers: &[(LayerName, Said)]) -> Mutant {
    let answer = |(layer, said): &(LayerName, Said)| Answer {
        layer: *layer,
        tests: 3,
        reaching: 5,
        said: said.clone(),
    };
    Mutant {
        id: id.into(),
        operator: Operator::OffByOne,
        sites: vec![site.id.clone()],
        item: site.item.clone(),
        span: site.span.clone(),
        original: "tail".into(),
        replacement: "tail + 1".into(),
        unviable: None,
        answers: answers.iter().map(answer).collect(),
    }
}

/// What a layer says that noticed a mutant.
pub(crate) fn killed(by: &str) -> Said {
    Said::Killed {
        test: Some("it::wraps_around".into()),
        by: by.into(),
    }
}

/// Says that a layer was asked about mutants.
pub(crate) fn ask(evidence: &mut Evidence, layer: LayerName) {
    if evidence.baselines.iter().all(|b| b.layer != layer) {
        evidence.baselines.push(Baseline {
            layer,
            status: BaselineStatus::Passed,
            tests: 42,
            run_ms: 1_200,
            command: None,
        });
        evidence.sort();
    }
}

/// An entry of the list of equivalents.
pub(crate) fn equivalent(mutant: &str) -> Equivalent {
    Equivalent {
        mutant: mutant.into(),
        reason: "the mask brings the index back".into(),
        reviewer: "N. N.".into(),
        date: "2026-05-04".into(),
    }
}

/// Accepts a finding by an allow-list entry of its own.
pub(crate) fn allow(evidence: &mut Evidence, id: &str) {
    let index = u32::try_from(evidence.allowances.len()).expect("the test names one");
    let finding = evidence
        .findings
        .iter_mut()
        .find(|f| f.id == id)
        .expect("the test names one");
    finding.allowed_by = Some(index);
    evidence.allowances.push(Allowance {
        class: finding.class,
        at: "ring::Shared<T>".into(),
        reason: "a sequence lock, see the design note".into(),
        matched: vec![id.into()],
    });
}

/// Takes a layer away as if its tool had not been there.
pub(crate) fn without(evidence: &Evidence, layer: LayerName) -> Evidence {
    let mut e = evidence.clone();
    for record in &mut e.layers {
        if record.name == layer {
            record.status = LayerStatus::NotRun {
                reason: "its tool was not found".into(),
            };
        }
    }
    let gone = |run: &RunId| {
        evidence
            .runs
            .iter()
            .any(|r| &r.id == run && r.layer == layer)
    };
    e.runs.retain(|r| r.layer != layer);
    e.hits.retain(|h| !gone(&h.run));
    e.controls.retain(|c| !gone(&c.run));
    e.findings.retain_mut(|f| {
        let had = !f.sightings.is_empty();
        f.sightings.retain(|s| !gone(&s.run));
        !had || !f.sightings.is_empty()
    });
    for baseline in e.baselines.iter_mut().filter(|b| b.layer == layer) {
        baseline.status = BaselineStatus::NotRun {
            reason: "its tool was not found".into(),
        };
    }
    for mutant in &mut e.mutants {
        mutant.answers.retain(|a| a.layer != layer);
    }
    let left: Vec<String> = e.findings.iter().map(|f| f.id.clone()).collect();
    for allowance in &mut e.allowances {
        allowance.matched.retain(|id| left.contains(id));
    }
    e
}
