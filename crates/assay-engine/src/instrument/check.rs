//! Builds a copy, and finds the probes that its errors point at.

use std::path::Path;

use assay_evidence::Exercise;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan};
use cargo_metadata::{Message, TargetKind};

use crate::command;
use crate::discover::Plan;
use crate::inventory::lint::LIBRARY;
use crate::scratch::Scratch;
use crate::{Cancel, Error};

use super::edit::Edited;

/// What the compiler made of a copy.
#[derive(Debug)]
pub(crate) enum Checked {
    /// Everything that the exercise needs compiles.
    Builds,
    /// It does not; the errors in order.
    Fails(Vec<Complaint>),
}

/// An error of the compiler.
#[derive(Debug)]
pub(crate) struct Complaint {
    /// Its first line.
    pub(crate) message: String,
    /// As the compiler prints it.
    pub(crate) rendered: String,
    /// Places: file as reported, first byte, byte after the last. Places of macro calls and definitions included.
    places: Vec<(String, usize, usize)>,
}

/// Checks everything that the exercise builds, in a target folder of that name.
pub(crate) fn build(
    plan: &Plan,
    scratch: &Scratch,
    target: &str,
    cancel: &Cancel,
) -> Result<Checked, Error> {
    let mut command = scratch.cargo("check", target);
    command
        .args(["--message-format=json", "--package", &scratch.driver_spec])
        .args(targets(plan));
    let said = command::run(command, cancel)?;
    if said.status.success() {
        return Ok(Checked::Builds);
    }
    let mut complaints: Vec<Complaint> = Message::parse_stream(said.stdout.as_slice())
        .flatten()
        .filter_map(|message| match message {
            Message::CompilerMessage(message) => complaint(&message.message),
            _ => None,
        })
        .collect();
    if complaints.is_empty() {
        let text = said.stderr.trim().to_owned();
        let message = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ")
            .to_owned();
        complaints.push(Complaint {
            message,
            rendered: text,
            places: Vec::new(),
        });
    }
    Ok(Checked::Fails(complaints))
}

/// The targets that the exercise builds; benchmarks are none of them, and may need another toolchain.
fn targets(plan: &Plan) -> Vec<String> {
    let has = |kinds: &[TargetKind]| {
        plan.driver
            .targets
            .iter()
            .any(|target| kinds.iter().any(|kind| target.is_kind(kind.clone())))
    };
    let mut args: Vec<String> = Vec::new();
    match &plan.exercise {
        Exercise::Bin { name } => args.extend(["--bin".to_owned(), name.clone()]),
        Exercise::Example { name } => args.extend(["--example".to_owned(), name.clone()]),
        Exercise::Tests => {
            if has(&LIBRARY) {
                args.push("--lib".to_owned());
            }
            args.extend(["--bins", "--tests", "--examples"].map(str::to_owned));
        }
        Exercise::Command { .. } => {
            if has(&LIBRARY) {
                args.push("--lib".to_owned());
            }
            args.push("--bins".to_owned());
        }
    }
    args
}

fn complaint(message: &Diagnostic) -> Option<Complaint> {
    // The line that only counts the errors before it has no place and no code.
    let is_error = matches!(message.level, DiagnosticLevel::Error | DiagnosticLevel::Ice);
    if !is_error || (message.spans.is_empty() && message.message.starts_with("aborting due to")) {
        return None;
    }
    let mut places = Vec::new();
    for part in std::iter::once(message).chain(&message.children) {
        for span in &part.spans {
            add_places(span, &mut places);
        }
    }
    Some(Complaint {
        message: message.message.clone(),
        rendered: message
            .rendered
            .clone()
            .unwrap_or_else(|| message.message.clone()),
        places,
    })
}

fn add_places(span: &DiagnosticSpan, places: &mut Vec<(String, usize, usize)>) {
    places.push((
        span.file_name.clone(),
        span.byte_start as usize,
        span.byte_end as usize,
    ));
    if let Some(expansion) = &span.expansion {
        add_places(&expansion.span, places);
    }
}

/// The probes that an error's places hold; else those on the places' lines; else those of the places' files.
pub(super) fn blamed(complaint: &Complaint, edited: &[Edited], scratch: &Scratch) -> Vec<usize> {
    let found: Vec<(&Edited, usize, usize)> = complaint
        .places(scratch)
        .filter_map(|(file, start, end)| {
            let edited = edited.iter().find(|edited| edited.file == file)?;
            Some((edited, start, end))
        })
        .collect();
    let mut numbers: Vec<usize> = found
        .iter()
        .flat_map(|(file, start, end)| file.within(*start, *end))
        .collect();
    if numbers.is_empty() {
        numbers = found
            .iter()
            .flat_map(|(file, start, end)| {
                let (start, end) = file.lines_of(*start, *end);
                file.within(start, end)
            })
            .collect();
    }
    if numbers.is_empty() {
        numbers = found.iter().flat_map(|(file, ..)| file.numbers()).collect();
    }
    numbers
}

impl Complaint {
    /// Places in the audited package: the file relative to its root, first byte, byte after the last.
    pub(crate) fn places(&self, scratch: &Scratch) -> impl Iterator<Item = (String, usize, usize)> {
        self.places.iter().filter_map(|(file, start, end)| {
            let known = scratch.path_map.subject_file(file);
            Some((known.or_else(|| own_file(file))?, *start, *end))
        })
    }
}

fn own_file(reported: &str) -> Option<String> {
    let path = Path::new(reported);
    path.is_relative().then(|| reported.replace('\\', "/"))
}
