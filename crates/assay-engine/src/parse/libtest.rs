//! The text of libtest, which the test binaries, rustdoc and Miri share.

use std::collections::BTreeMap;

/// What one process of a test binary said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// Tests whose result was printed.
    pub(crate) results: BTreeMap<String, Result>,
    /// Whether the closing summary was printed: the process got through its tests.
    pub(crate) finished: bool,
    /// Tests left out by a filter.
    pub(crate) filtered: u32,
    /// The output of failing tests, by name.
    pub(crate) output: BTreeMap<String, String>,
    /// A test whose name was printed and whose result was not.
    pub(crate) open: Option<String>,
}

/// A test's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Result {
    Passed,
    Failed,
    Ignored,
}

impl Report {
    /// Reads a process's standard output; several summaries are added up.
    pub(crate) fn read(text: &str) -> Self {
        let mut report = Self::default();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("test result: ") {
                report.finished = true;
                report.filtered += number_before(rest, " filtered out");
            } else if let Some(rest) = line.strip_prefix("test ") {
                report.result_line(rest);
            } else if let Some(open) = report.open.take() {
                report.late_result(open, line);
            }
        }
        report.output = outputs(text);
        report
    }

    fn result_line(&mut self, rest: &str) {
        if let Some(open) = self.open.take() {
            // Another thread's line; the open one's result comes later or never.
            self.open = Some(open);
        }
        let Some((name, said)) = rest
            .split_once(" ... ")
            .or_else(|| Some((rest.strip_suffix(" ...")?, "")))
        else {
            return;
        };
        match result_of(said) {
            Some(result) => {
                self.results.insert(bare(name), result);
            }
            None => self.open = Some(bare(name)),
        }
    }

    /// A test that wrote to the terminal itself pushes its result to the end of a later line.
    fn late_result(&mut self, open: String, line: &str) {
        let said = line.trim_end();
        let result = ["ok", "FAILED"].iter().find(|word| said.ends_with(**word));
        match result.and_then(|word| result_of(word)) {
            Some(result) => {
                self.results.insert(open, result);
            }
            None => self.open = Some(open),
        }
    }

    pub(crate) fn count(&self, wanted: Result) -> u32 {
        let count = self
            .results
            .values()
            .filter(|result| **result == wanted)
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// The tests of `--list --format terse`, benchmarks left out.
pub(crate) fn listed(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .map(str::to_owned)
        .collect()
}

/// The same of a program that may say anything; none: it says more than a list has.
pub(crate) fn listed_strictly(text: &str) -> Option<Vec<String>> {
    let is_entry = |line: &str| line.ends_with(": test") || line.ends_with(": benchmark");
    text.lines().all(is_entry).then(|| listed(text))
}

fn result_of(said: &str) -> Option<Result> {
    let said = said.trim();
    if said == "ok" || said.starts_with("ok <") {
        Some(Result::Passed)
    } else if said == "FAILED" || said.starts_with("FAILED <") || said.starts_with("FAILED (") {
        Some(Result::Failed)
    } else if said == "ignored" || said.starts_with("ignored,") {
        Some(Result::Ignored)
    } else {
        None
    }
}

/// The name without what libtest appends to it.
fn bare(name: &str) -> String {
    const SUFFIXES: [&str; 4] = [
        " - should panic",
        " - compile fail",
        " - compile",
        " - no_run",
    ];
    let mut name = name.trim();
    while let Some(shorter) = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)) {
        name = shorter;
    }
    name.to_owned()
}

fn number_before(text: &str, unit: &str) -> u32 {
    text.find(unit)
        .and_then(|end| text[..end].rsplit(' ').next()?.parse().ok())
        .unwrap_or(0)
}

fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut current: Option<(String, String)> = None;
    for line in text.lines() {
        let head = line
            .strip_prefix("---- ")
            .and_then(|rest| rest.strip_suffix(" ----"))
            .and_then(|rest| rest.strip_suffix(" stdout"));
        if let Some(name) = head {
            outputs.extend(current.take());
            current = Some((bare(name), String::new()));
        } else if line == "failures:" {
            outputs.extend(current.take());
        } else if let Some((_, output)) = &mut current {
            output.push_str(line);
            output.push('\n');
        }
    }
    outputs.extend(current);
    outputs
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: &str = "
running 4 tests
test tests::ignored ... ignored, slow
test tests::panics_as_it_should - should panic ... ok
test tests::fails ... FAILED
test src/lib.rs - alias (line 3) - compile fail ... ok

failures:

---- tests::fails stdout ----

thread 'tests::fails' (9) panicked at src/lib.rs:98:26:
one is two

failures:
    tests::fails

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 25 filtered out; finished in 0.00s
";

    #[test]
    fn a_batch_names_every_result() {
        let report = Report::read(BATCH);
        assert!(report.finished);
        assert_eq!(report.filtered, 25);
        assert_eq!(report.results["tests::panics_as_it_should"], Result::Passed);
        assert_eq!(report.results["tests::ignored"], Result::Ignored);
        assert_eq!(report.results["tests::fails"], Result::Failed);
        assert_eq!(
            report.results["src/lib.rs - alias (line 3)"],
            Result::Passed
        );
        assert!(report.output["tests::fails"].contains("one is two"));
        assert_eq!(report.count(Result::Passed), 2);
    }

    #[test]
    fn a_process_that_died_shows_the_test_it_was_in() {
        let report = Report::read("running 2 tests\ntest a ... ok\ntest b ... ");
        assert!(!report.finished);
        assert_eq!(report.open.as_deref(), Some("b"));
        assert_eq!(report.results.len(), 1);
    }

    #[test]
    fn output_between_name_and_result_is_stepped_over() {
        let report = Report::read("test a ... hello\nworld\nok\ntest b ... ok\n");
        assert_eq!(report.results["a"], Result::Passed);
        assert_eq!(report.results["b"], Result::Passed);
    }

    #[test]
    fn a_list_has_tests_and_no_benchmarks() {
        assert_eq!(
            listed("a::b: test\nc: benchmark\n\n1 test, 1 benchmark\n"),
            ["a::b"]
        );
    }

    #[test]
    fn a_program_lists_its_tests_where_it_says_nothing_else() {
        let names = listed_strictly("a: test\nb c: test\nd: benchmark\n");
        assert_eq!(
            names.as_deref(),
            Some(&["a".to_owned(), "b c".to_owned()][..])
        );
        assert_eq!(listed_strictly("a: test\nI was here\n"), None);
        assert_eq!(listed_strictly("test a ... ok\n"), None);
        assert_eq!(listed_strictly(""), Some(Vec::new()));
    }
}
