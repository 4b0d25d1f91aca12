//! One finding in full: what it means, where it is, who saw it, and how to see it again.

use std::fmt::Write as _;

use super::escape::{one_line, visible};
use super::excerpt;
use super::facts::Facts;
use super::terminal::Layout;
use crate::{BugClass, Evidence, Finding, LayerName};

/// One finding with its source, every frame of its stacks, the argument of its sites, the layers that see
/// its class, and the command that shows it again.
///
/// ```
/// use assay_evidence::{Evidence, render};
/// let evidence = Evidence::example();
/// let text = render::explain(&evidence, &evidence.findings[0], render::Layout::default());
/// assert!(text.contains("What it means:"));
/// ```
#[must_use]
pub fn explain(evidence: &Evidence, finding: &Finding, layout: Layout) -> String {
    let facts = Facts::of(evidence);
    let mut text = excerpt::finding(&facts, finding, layout.colour, layout.width);
    let layers = LayerName::ALL
        .into_iter()
        .filter(|layer| layer.classes().contains(&finding.class));
    let layers: Vec<_> = layers.map(LayerName::as_str).collect();
    let _ = write!(text, "\n\nWhat it means: {}\n", meaning(finding.class));
    if !layers.is_empty() {
        let _ = writeln!(text, "Layers that see this class: {}", layers.join(", "));
    }
    for site in finding.sites.iter().filter_map(|id| facts.site(id)) {
        let argument = site.safety.as_deref().unwrap_or("none is written");
        let place = format!("{}:{}", one_line(&site.span.file), site.span.line);
        let _ = writeln!(text, "\nThe argument of {place}:\n  {}", indented(argument));
    }
    // The excerpt shows the short ones whole.
    for stack in finding
        .stacks
        .iter()
        .filter(|s| s.frames.len() > excerpt::FRAMES)
    {
        let _ = writeln!(text, "\n{}:", one_line(&stack.label));
        for (index, frame) in stack.frames.iter().enumerate() {
            let _ = writeln!(text, "  {index:>3}  {}", super::facts::frame(frame));
        }
    }
    text
}

fn indented(text: &str) -> String {
    visible(text)
        .lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join("\n  ")
}

/// The class in a sentence, for a reader who meets it for the first time.
const fn meaning(class: BugClass) -> &'static str {
    match class {
        BugClass::OutOfBounds => {
            "memory past the end, or before the start, of an allocation was read or written"
        }
        BugClass::UseAfterFree => "memory was used after it was freed or its scope had ended",
        BugClass::InvalidFree => {
            "memory was freed twice, or something was freed that is no allocation"
        }
        BugClass::WrongLayout => {
            "memory was freed or resized with another size or alignment than it was allocated with"
        }
        BugClass::UninitialisedRead => {
            "a decision or a value depends on memory that was never written"
        }
        BugClass::DataRace => {
            "two threads access the same memory, one of them writes, and nothing orders the accesses"
        }
        BugClass::Aliasing => {
            "a reference or pointer was used after another access had invalidated it under the aliasing model"
        }
        BugClass::Misaligned => "an access has a weaker alignment than its type needs",
        BugClass::InvalidValue => {
            "a value was made that its type does not allow, such as a bool of 2"
        }
        BugClass::Precondition => {
            "an unsafe function of the standard library was called outside its contract; its debug check saw it"
        }
        BugClass::MemoryFault => "the process was ended by the memory protection of the processor",
        BugClass::OtherUndefined => "the program did something that the language leaves undefined",
        BugClass::Leak => "memory was neither freed nor reachable when the process ended",
        BugClass::Deadlock => "threads wait for each other, and none can go on",
        BugClass::Hang => "a test did not end within its time; `--timeout` raises it",
        BugClass::TestFailure => {
            "a test of the crate fails, and no layer reports undefined behaviour for it"
        }
        BugClass::MissingSafety => {
            "an unsafe site does not say why it is sound, so that nobody can check the argument"
        }
    }
}
