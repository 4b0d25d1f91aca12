//! Valgrind's memcheck, by its XML output.
//!
//! The file is read by events, not as a tree: a process that was killed leaves it unfinished, and what
//! it reported until then counts.

use std::path::Path;

use assay_evidence::{BugClass, Frame};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::RawFinding;

/// Every error in an output file, whole or broken off; with a folder, those that code from there had a part in.
pub(crate) fn findings(xml: &str, built: Option<&Path>) -> Vec<RawFinding> {
    let mut reader = Reader::from_str(xml);
    let mut state = State {
        built,
        ..State::default()
    };
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => state.open(tag.name().as_ref()),
            Ok(Event::End(tag)) => state.close(tag.name().as_ref()),
            Ok(Event::Text(text)) => state.text.push_str(&text),
            Ok(Event::GeneralRef(name)) => {
                state.text.push_str(entity(&name));
            }
            Ok(Event::Eof) | Err(_) => return state.found,
            Ok(_) => {}
        }
    }
}

#[derive(Default)]
struct State<'a> {
    built: Option<&'a Path>,
    found: Vec<RawFinding>,
    text: String,
    error: Option<Error>,
    frame: Option<RawFrame>,
}

#[derive(Default)]
struct Error {
    kind: String,
    what: String,
    labels: Vec<String>,
    stacks: Vec<Vec<Frame>>,
    /// Whether a frame lies in what was asked for.
    is_ours: bool,
}

#[derive(Default)]
struct RawFrame {
    function: String,
    folder: String,
    file: String,
    line: Option<u32>,
}

impl State<'_> {
    fn open(&mut self, tag: &str) {
        self.text.clear();
        match tag {
            "error" => self.error = Some(Error::default()),
            "frame" => self.frame = Some(RawFrame::default()),
            "stack" => {
                if let Some(error) = &mut self.error {
                    error.stacks.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, tag: &str) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if let Some(frame) = &mut self.frame {
            match tag {
                "fn" => text.clone_into(&mut frame.function),
                "obj" => {
                    let ours = self
                        .built
                        .is_none_or(|built| Path::new(text).starts_with(built));
                    if let Some(error) = &mut self.error {
                        error.is_ours |= ours;
                    }
                }
                "dir" => text.clone_into(&mut frame.folder),
                "file" => text.clone_into(&mut frame.file),
                "line" => frame.line = text.parse().ok(),
                "frame" => self.end_frame(),
                _ => {}
            }
            return;
        }
        let Some(error) = &mut self.error else { return };
        match tag {
            "kind" => text.clone_into(&mut error.kind),
            "what" | "text" => text.clone_into(&mut error.what),
            "auxwhat" => error.labels.push(text.to_owned()),
            "error" => {
                let error = self.error.take().unwrap_or_default();
                if error.is_ours || self.built.is_none() {
                    self.found.extend(error.into_finding());
                }
            }
            _ => {}
        }
    }

    fn end_frame(&mut self) {
        let (Some(frame), Some(error)) = (self.frame.take(), &mut self.error) else {
            return;
        };
        if let Some(stack) = error.stacks.last_mut() {
            stack.push(frame.into_frame());
        }
    }
}

impl Error {
    fn into_finding(self) -> Option<RawFinding> {
        let class = class_of(&self.kind)?;
        let mut finding = RawFinding::new(class, title_of(&self.kind, &self.what));
        let first = first_label(&self.kind, &self.what);
        let labels = std::iter::once(first).chain(self.labels.iter().map(|text| aux_label(text)));
        for (stack, label) in self
            .stacks
            .into_iter()
            .zip(labels.chain(std::iter::repeat("and")))
        {
            finding.stack(label, stack);
        }
        Some(finding)
    }
}

impl RawFrame {
    fn into_frame(self) -> Frame {
        let file = match (self.folder.as_str(), self.file.as_str()) {
            (_, "") => None,
            ("", file) => Some(file.to_owned()),
            (folder, file) => Some(format!("{folder}/{file}")),
        };
        Frame {
            function: super::frames::tidy_function(&self.function),
            file,
            line: self.line,
            column: None,
        }
    }
}

fn class_of(kind: &str) -> Option<BugClass> {
    Some(match kind {
        "InvalidRead" | "InvalidWrite" | "InvalidJump" | "InvalidMemPool" => BugClass::OutOfBounds,
        "InvalidFree" => BugClass::InvalidFree,
        "MismatchedFree" => BugClass::WrongLayout,
        "UninitCondition" | "UninitValue" | "SyscallParam" | "ClientCheck" => {
            BugClass::UninitialisedRead
        }
        "Overlap" => BugClass::OtherUndefined,
        "Leak_DefinitelyLost" => BugClass::Leak,
        // Still reachable, possibly and indirectly lost blocks are no errors here; nor is a large size.
        _ => return None,
    })
}

fn title_of(kind: &str, what: &str) -> String {
    let what = what.split(" in loss record").next().unwrap_or(what);
    let mut text = what.to_owned();
    if kind == "Leak_DefinitelyLost" {
        text = text.replace(" are definitely lost", "");
        return format!("leak: {text}");
    }
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

fn first_label(kind: &str, what: &str) -> &'static str {
    match kind {
        "InvalidWrite" => "write",
        "InvalidFree" | "MismatchedFree" => "free",
        "Leak_DefinitelyLost" => "allocated here",
        "UninitCondition" | "UninitValue" => "use",
        _ if what.contains("points to") => "system call",
        _ => "read",
    }
}

fn aux_label(text: &str) -> &'static str {
    if text.contains("free'd") {
        "freed here"
    } else if text.contains("created by") {
        "created here"
    } else {
        "allocated here"
    }
}

fn entity(name: &str) -> &str {
    match name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        _ => "?",
    }
}

/// An access to freed memory is told from one outside its block by the second stack.
pub(crate) fn refine(found: &mut [RawFinding]) {
    for finding in found {
        let freed = finding
            .stacks
            .iter()
            .any(|stack| stack.label == "freed here");
        if freed && finding.class == BugClass::OutOfBounds {
            finding.class = BugClass::UseAfterFree;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::*;

    fn read(file: &str) -> Vec<RawFinding> {
        let mut found = findings(&recorded(&format!("lab/memcheck/{file}.xml")), None);
        refine(&mut found);
        found
    }

    #[test]
    fn every_kind_has_its_class() {
        for (file, class) in [
            ("heap_over_read", BugClass::OutOfBounds),
            ("heap_over_write", BugClass::OutOfBounds),
            ("use_after_free", BugClass::UseAfterFree),
            ("double_free", BugClass::InvalidFree),
            ("leak", BugClass::Leak),
            ("uninit_branch", BugClass::UninitialisedRead),
        ] {
            assert_eq!(read(file)[0].class, class, "{file}");
        }
        assert_eq!(read("a_passes"), []);
    }

    #[test]
    fn an_uninitialised_branch_has_its_origin() {
        let found = read("uninit_branch");
        let labels: Vec<&str> = found[0].stacks.iter().map(|s| s.label.as_str()).collect();
        assert_eq!(labels, ["use", "created here"]);
        let top = &found[0].stacks[0].frames[0];
        assert_eq!(
            (top.function.as_str(), top.line),
            ("lab::uninit_branch", Some(42))
        );
        assert!(
            top.file
                .as_deref()
                .is_some_and(|file| file.ends_with("/src/lib.rs"))
        );
    }

    #[test]
    fn names_with_angle_brackets_survive() {
        let found = read("uninit_branch");
        let functions = found[0].stacks[1]
            .frames
            .iter()
            .map(|f| f.function.as_str());
        assert!(
            functions
                .clone()
                .any(|f| f.contains("with_capacity_in<u8, alloc::alloc::Global>"))
        );
    }

    #[test]
    fn a_file_that_breaks_off_keeps_its_errors() {
        let xml = recorded("lab/memcheck/heap_over_read.xml");
        let end = xml.find("</error>").expect("an error") + "</error>".len();
        assert_eq!(findings(&xml[..end + 20], None).len(), 1);
    }

    #[test]
    fn of_a_command_only_reports_with_code_that_was_built_count() {
        let xml = recorded("lab/memcheck/heap_over_read.xml");
        let folder = Path::new("/target/memcheck");
        assert_eq!(findings(&xml, Some(folder)).len(), 1);
        assert_eq!(findings(&xml, Some(Path::new("/elsewhere"))), []);
    }
}
