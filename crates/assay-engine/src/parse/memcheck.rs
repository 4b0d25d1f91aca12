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
    let errors = report(xml).errors.into_iter();
    let ours = errors.filter(|error| {
        let mut frames = error.stacks.iter().flatten();
        built.is_none_or(|built| frames.any(|frame| Path::new(&frame.object).starts_with(built)))
    });
    ours.filter_map(Error::into_finding).collect()
}

/// What a process left, as far as it came.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    pub(crate) errors: Vec<Error>,
    /// Whether the file has its end.
    pub(crate) is_whole: bool,
}

/// An error or a leak.
#[derive(Debug, Default)]
pub(crate) struct Error {
    pub(crate) unique: String,
    pub(crate) kind: String,
    pub(crate) what: String,
    pub(crate) labels: Vec<String>,
    pub(crate) stacks: Vec<Vec<RawFrame>>,
    pub(crate) times: u64,
    pub(crate) leaked_bytes: u64,
    pub(crate) leaked_blocks: u64,
}

/// A frame as it stands in the file; what is missing is empty.
#[derive(Debug, Default)]
pub(crate) struct RawFrame {
    pub(crate) address: u64,
    pub(crate) object: String,
    pub(crate) function: String,
    folder: String,
    file: String,
    pub(crate) line: Option<u32>,
}

/// Reads an output file.
pub(crate) fn report(xml: &str) -> Report {
    let mut reader = Reader::from_str(xml);
    let mut state = State::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => state.open(tag.name().as_ref()),
            Ok(Event::End(tag)) => state.close(tag.name().as_ref()),
            Ok(Event::Text(text)) => state.text.push_str(&text),
            Ok(Event::GeneralRef(name)) => {
                state.text.push_str(entity(&name));
            }
            Ok(Event::Eof) | Err(_) => return state.report,
            Ok(_) => {}
        }
    }
}

#[derive(Default)]
struct State {
    report: Report,
    text: String,
    is_in_arguments: bool,
    error: Option<Error>,
    frame: Option<RawFrame>,
    /// How often it was seen, of the pair of that and of an error.
    times: u64,
}

impl State {
    fn open(&mut self, tag: &str) {
        self.text.clear();
        match tag {
            "argv" => self.is_in_arguments = true,
            "error" => {
                self.error = Some(Error {
                    times: 1,
                    ..Error::default()
                });
            }
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
            if tag == "frame" {
                self.end_frame();
            } else {
                frame.put(tag, text);
            }
        } else if let Some(error) = &mut self.error {
            if tag == "error" {
                self.report.errors.extend(self.error.take());
            } else {
                error.put(tag, text);
            }
        } else {
            self.put(tag, text);
        }
    }

    /// What stands outside of errors.
    fn put(&mut self, tag: &str, text: &str) {
        match tag {
            "pid" => self.report.pid = text.parse().unwrap_or(0),
            "ppid" => self.report.parent = text.parse().unwrap_or(0),
            "exe" | "arg" if self.is_in_arguments => self.report.command.push(text.to_owned()),
            "argv" => self.is_in_arguments = false,
            "count" => self.times = text.parse().unwrap_or(1),
            "unique" => {
                let errors = &mut self.report.errors;
                for error in errors.iter_mut().filter(|error| error.unique == text) {
                    error.times = self.times;
                }
            }
            "valgrindoutput" => self.report.is_whole = true,
            _ => {}
        }
    }

    fn end_frame(&mut self) {
        if let (Some(frame), Some(error)) = (self.frame.take(), &mut self.error)
            && let Some(stack) = error.stacks.last_mut()
        {
            stack.push(frame);
        }
    }
}

impl Error {
    fn put(&mut self, tag: &str, text: &str) {
        match tag {
            "unique" => text.clone_into(&mut self.unique),
            "kind" => text.clone_into(&mut self.kind),
            "what" | "text" => text.clone_into(&mut self.what),
            "auxwhat" => self.labels.push(text.to_owned()),
            "leakedbytes" => self.leaked_bytes = text.parse().unwrap_or(0),
            "leakedblocks" => self.leaked_blocks = text.parse().unwrap_or(0),
            _ => {}
        }
    }

    /// The label of each stack.
    pub(crate) fn stack_labels(&self) -> impl Iterator<Item = &'static str> {
        let first = first_label(&self.kind, &self.what);
        let others = self.labels.iter().map(|text| aux_label(text));
        std::iter::once(first)
            .chain(others.collect::<Vec<_>>())
            .chain(std::iter::repeat("and"))
    }

    /// One line, without numbers of its place in the file.
    pub(crate) fn title(&self) -> String {
        title_of(&self.kind, &self.what)
    }

    fn into_finding(self) -> Option<RawFinding> {
        let class = class_of(&self.kind)?;
        let mut finding = RawFinding::new(class, self.title());
        let labels = self.stack_labels();
        for (stack, label) in self.stacks.iter().zip(labels) {
            finding.stack(label, stack.iter().map(RawFrame::to_frame).collect());
        }
        Some(finding)
    }
}

impl RawFrame {
    fn put(&mut self, tag: &str, text: &str) {
        match tag {
            "ip" => {
                let digits = text.trim_start_matches("0x");
                self.address = u64::from_str_radix(digits, 16).unwrap_or(0);
            }
            "fn" => text.clone_into(&mut self.function),
            "obj" => text.clone_into(&mut self.object),
            "dir" => text.clone_into(&mut self.folder),
            "file" => text.clone_into(&mut self.file),
            "line" => self.line = text.parse().ok(),
            _ => {}
        }
    }

    /// The path of the source file.
    pub(crate) fn source(&self) -> Option<String> {
        match (self.folder.as_str(), self.file.as_str()) {
            (_, "") => None,
            ("", file) => Some(file.to_owned()),
            (folder, file) => Some(format!("{folder}/{file}")),
        }
    }

    fn to_frame(&self) -> Frame {
        Frame {
            function: super::frames::tidy_function(&self.function),
            file: self.source(),
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
