//! The planted bug: a test target of ours in the scratch copy, that each run has to catch.
//!
//! It is built by the same command, with the same flags, into the same target folder as the exercise,
//! and runs in the same environment. A layer that does not notice it was not awake, and its pass is void.

use std::fs;
use std::path::PathBuf;

use assay_evidence::{BugClass, Control, LayerName, RunId};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::drive::{Rig, Target, Tree};
use crate::layers::{Heard, Planted};
use crate::process::Ended;

/// What the names of control targets start with.
pub(crate) const PREFIX: &str = "assay_control_";

/// A control in a tree; dropping it takes it out again.
#[derive(Debug)]
pub(crate) struct Placed {
    /// The target's name.
    pub(crate) name: String,
    file: PathBuf,
    manifest: PathBuf,
    /// The manifest's text from before, where it had to be changed.
    before: Option<String>,
}

impl Placed {
    /// Writes the target into the driver's package.
    pub(crate) fn new(tree: &Tree, layer: LayerName, planted: &Planted) -> Result<Self, String> {
        let name = format!("{PREFIX}{layer}");
        let folder = tree.driver_dir.join("tests");
        let file = folder.join(format!("{name}.rs"));
        let failed = |error: std::io::Error| format!("the control could not be written: {error}");
        fs::create_dir_all(&folder).map_err(failed)?;
        let manifest = tree.driver_manifest.clone();
        let text = fs::read_to_string(&manifest).map_err(failed)?;
        let link = if planted.needs_probe { LINK } else { "" };
        let source = format!("{link}{}", planted.source);
        fs::write(&file, source).map_err(failed)?;
        let declared = declare(&text, &name);
        if let Some(declared) = &declared {
            fs::write(&manifest, declared).map_err(failed)?;
        }
        Ok(Self {
            name,
            file,
            manifest,
            before: declared.map(|_| text),
        })
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        // What stays behind would only be built again.
        drop(fs::remove_file(&self.file));
        if let Some(text) = &self.before {
            drop(fs::write(&self.manifest, text));
        }
    }
}

/// The manifest with the target, where cargo would not find the file by itself.
fn declare(text: &str, name: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let package = document.get("package")?;
    let switched = package.get("autotests").and_then(Item::as_bool);
    let edition = package.get("edition").and_then(Item::as_str);
    // The first edition looks for targets only where none is declared.
    let old = package.get("edition").is_none() || edition == Some("2015");
    let has_tests = document.contains_key("test");
    let found = switched.unwrap_or(!(old && has_tests));
    if found {
        return None;
    }
    let mut table = Table::new();
    table.insert("name", value(name));
    table.insert("path", value(format!("tests/{name}.rs")));
    let tests = document
        .entry("test")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    tests.as_array_of_tables_mut()?.push(table);
    Some(document.to_string())
}

/// What makes the control link the probe, on which the driver depends: a crate that nobody names is not linked.
const LINK: &str = "extern crate assay_probe;\n";

/// Runs the planted tests as often as the exercise was repeated.
pub(crate) fn run(
    rig: &mut Rig<'_>,
    id: &RunId,
    planted: &Planted,
    targets: &[Target],
) -> Vec<Control> {
    let Some(target) = targets.first() else {
        return not_built(id, planted, "cargo did not build the control's target");
    };
    rig.start_clock();
    let executions = rig.mode.repeats.max(1);
    let mut controls = Vec::new();
    for (test, class) in &planted.tests {
        let mut caught_in = 0;
        let mut detail = String::new();
        for _ in 0..executions {
            let heard = rig.alone(target, test);
            match caught(rig, &heard, *class, planted.saying) {
                Ok(said) => {
                    caught_in += 1;
                    detail = said;
                }
                Err(why) if caught_in == 0 => detail = why,
                Err(_) => {}
            }
        }
        controls.push(Control {
            run: id.clone(),
            class: *class,
            caught: caught_in > 0,
            caught_in,
            executions,
            detail,
        });
    }
    controls
}

/// The controls of a run that had none.
pub(crate) fn not_built(id: &RunId, planted: &Planted, error: &str) -> Vec<Control> {
    planted
        .tests
        .iter()
        .map(|(_, class)| Control {
            run: id.clone(),
            class: *class,
            caught: false,
            caught_in: 0,
            executions: 0,
            detail: format!("the control did not build: {error}"),
        })
        .collect()
}

/// What the layer said of the planted bug, or why that does not count.
fn caught(
    rig: &Rig<'_>,
    heard: &Heard,
    class: BugClass,
    saying: Option<&str>,
) -> Result<String, String> {
    if let Some(words) = saying {
        let said = heard.output.text().contains(words);
        return if said && heard.output.ended == Ended::Exited(101) {
            Ok(words.to_owned())
        } else {
            Err(format!(
                "the planted test ended as {:?}",
                heard.output.ended
            ))
        };
    }
    let reports = rig.reports(heard);
    if let Some(report) = reports.iter().find(|report| report.class == class) {
        return Ok(report.title.clone());
    }
    Err(match reports.first() {
        Some(other) => format!("reported as {}: {}", other.class, other.title),
        None => format!(
            "no report; the planted test ended as {:?}",
            heard.output.ended
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_finds_its_tests_stays_as_it_is() {
        assert_eq!(
            declare("[package]\nname = \"a\"\nedition = \"2021\"\n", "c"),
            None
        );
        assert_eq!(declare("[package]\nname = \"a\"\n", "c"), None);
    }

    #[test]
    fn a_manifest_that_does_not_gets_the_target() {
        let off = "[package]\nname = \"a\"\nedition = \"2021\"\nautotests = false\n";
        assert!(
            declare(off, "c")
                .expect("a change")
                .contains("[[test]]\nname = \"c\"")
        );
        let old = "[package]\nname = \"a\"\n\n[[test]]\nname = \"t\"\n";
        let changed = declare(old, "c").expect("a change");
        assert_eq!(changed.matches("[[test]]").count(), 2, "{changed}");
    }
}
