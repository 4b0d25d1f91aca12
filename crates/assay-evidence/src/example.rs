//! The evidence that the documentation's examples work on.

use crate::*;

impl Evidence {
    /// A small audit, as it could have been: one site that three layers executed, one that nothing
    /// did, an accepted leak. Its verdict is INCOMPLETE.
    ///
    /// It serves the examples of this documentation and is no record of a real run.
    #[doc(hidden)]
    #[must_use]
    pub fn example() -> Self {
        let read = site("5e1f0b7c", 4, "ring::Slot<T>::read", Operation::PointerRead);
        let write = site(
            "9a42d3e1",
            9,
            "ring::Slot<T>::write",
            Operation::PointerWrite,
        );
        let runs = vec![
            run(LayerName::Unit, "debug"),
            run(LayerName::Alloc, "debug"),
            run(LayerName::Asan, "debug"),
        ];
        let hits = runs.iter().map(|r| Hit {
            site: read.id.clone(),
            run: r.id.clone(),
            count: 12,
        });
        let hits: Vec<Hit> = hits.collect();
        let controls = runs.iter().map(control).collect();
        let mut evidence = Self {
            schema_version: SCHEMA_VERSION,
            tool: ToolVersion {
                name: "cargo-assay".into(),
                version: "0.1.0".into(),
            },
            completion: Completion::Complete,
            subject: subject(),
            environment: Environment {
                host: "x86_64-unknown-linux-gnu".into(),
                processors: 2,
                tools: vec![ToolVersion {
                    name: "rustc".into(),
                    version: "1.95.0".into(),
                }],
            },
            files: vec![SourceFile {
                path: "src/slot.rs".into(),
                sha256: String::new(),
                text: SOURCE.into(),
            }],
            sites: vec![read, write],
            atomics: Vec::new(),
            layers: LayerName::ALL.map(|name| layer(name, &runs)).into(),
            findings: vec![leak(&runs[2])],
            runs,
            hits,
            controls,
            baselines: vec![Baseline {
                layer: LayerName::Unit,
                status: BaselineStatus::Passed,
                tests: 7,
                run_ms: 210,
                command: None,
            }],
            mutants: mutants(),
            equivalents: Vec::new(),
            measurements: Vec::new(),
            allowances: vec![Allowance {
                class: BugClass::Leak,
                at: "ring::Slot<T>::read".into(),
                reason: "the registry lives as long as the process".into(),
                matched: vec!["leak-1".into()],
            }],
        };
        evidence.sort();
        evidence
    }
}

const SOURCE: &str = "impl<T> Slot<T> {
    pub(crate) fn read(&self) -> T {
        // SAFETY: the slot is full (invariant 2), and only this consumer reads it.
        unsafe { self.cell.get().read() }
    }

    pub(crate) fn write(&self, value: T) {
        // SAFETY: the slot is empty (invariant 2), and only this producer writes it.
        unsafe { self.cell.get().write(value) }
    }
}
";

fn subject() -> Subject {
    Subject {
        package: "ring".into(),
        version: "0.3.0".into(),
        origin: Origin::Workspace,
        driver: "ring".into(),
        exercise: Exercise::Tests,
        features: vec!["default".into()],
        source_sha256: String::new(),
    }
}

fn site(id: &str, line: u32, item: &str, operation: Operation) -> Site {
    Site {
        id: SiteId(id.into()),
        kind: SiteKind::Block,
        item: item.into(),
        span: Span {
            file: "src/slot.rs".into(),
            line,
            column: 9,
            end_line: line,
            end_column: 42,
        },
        expansion: None,
        operations: vec![operation, Operation::CellAccess],
        safety: Some("the slot is full (invariant 2), and only this consumer reads it.".into()),
        built: Built::Yes,
        probe: Probe::Counted,
        seen_by: SeenBy::Both,
    }
}

fn run(layer: LayerName, mode: &str) -> Run {
    Run {
        id: RunId(format!("{layer}/{mode}")),
        layer,
        mode: mode.into(),
        command: CommandLine {
            env: Vec::new(),
            argv: vec!["cargo".into(), "test".into()],
        },
        outcome: if layer == LayerName::Asan {
            Outcome::Failed
        } else {
            Outcome::Passed
        },
        tests: TestCounts {
            passed: 7,
            ..TestCounts::default()
        },
        cases: Vec::new(),
        seed: None,
        repeats: 1,
        build_ms: 2100,
        run_ms: 340,
        log_sha256: String::new(),
        log: format!("logs/{layer}-{mode}.txt"),
        cached: false,
    }
}

fn control(run: &Run) -> Control {
    Control {
        run: run.id.clone(),
        class: run.layer.classes()[0],
        caught: true,
        caught_in: 1,
        executions: 1,
        detail: "the planted bug was reported".into(),
    }
}

fn layer(name: LayerName, runs: &[Run]) -> Layer {
    let status = if runs.iter().any(|r| r.layer == name) {
        LayerStatus::Ran
    } else {
        LayerStatus::NotRun {
            reason: "not asked for".into(),
        }
    };
    Layer {
        name,
        status,
        tool: None,
        notes: Vec::new(),
    }
}

/// One that a test noticed, and one in code that it does not look at closely.
fn mutants() -> Vec<Mutant> {
    let mutant = |id: &str, site: &str, line, said| Mutant {
        id: id.into(),
        operator: Operator::OffByOne,
        sites: vec![SiteId(site.into())],
        item: "ring::Slot<T>".into(),
        span: Span {
            file: "src/slot.rs".into(),
            line,
            column: 18,
            end_line: line,
            end_column: 33,
        },
        original: "self.cell.get()".into(),
        replacement: "self.cell.get() + 1".into(),
        unviable: None,
        answers: vec![Answer {
            layer: LayerName::Unit,
            tests: 2,
            reaching: 2,
            said,
        }],
    };
    let noticed = Said::Killed {
        test: Some("it::reads_what_was_written".into()),
        by: "left: 0, right: 7".into(),
    };
    vec![
        mutant("0c5de1", "5e1f0b7c", 4, noticed),
        mutant("77a1b2", "9a42d3e1", 9, Said::Survived),
    ]
}

fn leak(run: &Run) -> Finding {
    Finding {
        id: "leak-1".into(),
        class: BugClass::Leak,
        severity: Severity::Leak,
        confidence: Confidence::Firm,
        sites: Vec::new(),
        title: "24 bytes leaked in 1 allocation".into(),
        span: None,
        stacks: Vec::new(),
        sightings: vec![Sighting {
            run: run.id.clone(),
            test: Some("it::registry_outlives_the_ring".into()),
            seen: 1,
            executions: 1,
        }],
        reproduce: None,
        allowed_by: Some(0),
    }
}
