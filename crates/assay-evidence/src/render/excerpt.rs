//! Source excerpts in the look of rustc's diagnostics. The interface to `annotate-snippets` is here.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::escape::{one_line, visible};
use super::facts::{Facts, byte_range, frame, sightings};
use crate::{Confidence, Finding, Severity, Span};

/// Frames of a stack that are printed.
pub(super) const FRAMES: usize = 8;

/// A finding with its place in the source, its sites, stacks and sightings.
pub(super) fn finding(facts: &Facts<'_>, finding: &Finding, colour: bool, width: usize) -> String {
    let level = match (&finding.confidence, finding.class.severity()) {
        (Confidence::Firm, Severity::Soundness) => Level::ERROR,
        _ => Level::WARNING,
    };
    let title = one_line(&finding.title);
    let id = format!("{} {}", finding.class, one_line(&finding.id));
    let mut group = Group::with_title(level.primary_title(title).id(id));
    let marks = marks(facts, finding);
    let windows: Vec<Window<'_>> = paths(&marks)
        .into_iter()
        .filter_map(|p| window(facts, p, &marks))
        .collect();
    for window in &windows {
        group = group.element(snippet(window, &marks));
    }
    for (level, note) in notes(facts, finding) {
        group = group.element(level.message(note));
    }
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.term_width(width).render(&[group])
}

/// A place to mark: the finding's own, or one of its sites.
struct Mark<'a> {
    span: &'a Span,
    label: String,
    primary: bool,
}

fn marks<'a>(facts: &Facts<'a>, finding: &'a Finding) -> Vec<Mark<'a>> {
    let own = finding.span.as_ref().map(|span| Mark {
        span,
        label: finding.class.to_string(),
        primary: true,
    });
    let sites = finding.sites.iter().filter_map(|id| facts.site(id));
    let site_mark = |site: &'a crate::Site| Mark {
        span: &site.span,
        label: format!(
            "unsafe site {} in {}",
            one_line(&site.id.0),
            one_line(&site.item)
        ),
        primary: false,
    };
    own.into_iter().chain(sites.map(site_mark)).collect()
}

fn paths<'a>(marks: &[Mark<'a>]) -> Vec<&'a str> {
    let mut paths: Vec<&str> = Vec::new();
    for mark in marks {
        if !paths.contains(&mark.span.file.as_str()) {
            paths.push(&mark.span.file);
        }
    }
    paths
}

/// The lines of a file from a little before its first mark to a little after its last.
struct Window<'a> {
    path: &'a str,
    first_line: u32,
    text: String,
}

/// The window of a file, with the file's columns and nothing in it that acts on a terminal. The
/// renderer's work grows with the text that it gets, so that it gets no more than it shows.
fn window<'a>(facts: &Facts<'_>, path: &'a str, marks: &[Mark<'_>]) -> Option<Window<'a>> {
    const AROUND: u32 = 3;
    let text = facts.text(path)?;
    let spans = || marks.iter().map(|m| m.span).filter(|s| s.file == path);
    let first_line = spans().map(|s| s.line).min()?.saturating_sub(AROUND).max(1);
    let last_line = spans().map(|s| s.end_line).max()?.saturating_add(AROUND);
    let lines = (1_u32..).zip(text.lines());
    let lines = lines
        .skip_while(|(n, _)| *n < first_line)
        .take_while(|(n, _)| *n <= last_line);
    let lines: Vec<&str> = lines.map(|(_, line)| line).collect();
    Some(Window {
        path,
        first_line,
        text: visible(&lines.join("\n")).into_owned(),
    })
}

fn snippet<'t>(
    window: &'t Window<'_>,
    marks: &[Mark<'_>],
) -> Snippet<'t, annotate_snippets::Annotation<'t>> {
    let start = usize::try_from(window.first_line).unwrap_or(1);
    let mut snippet = Snippet::source(window.text.as_str())
        .path(one_line(window.path))
        .line_start(start);
    for mark in marks.iter().filter(|m| m.span.file == window.path) {
        let moved = |line: u32| line.saturating_sub(window.first_line).saturating_add(1);
        let span = Span {
            line: moved(mark.span.line),
            end_line: moved(mark.span.end_line),
            ..mark.span.clone()
        };
        let Some(range) = byte_range(&window.text, &span) else {
            continue;
        };
        let kind = if mark.primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        snippet = snippet.annotation(kind.span(range).label(mark.label.clone()));
    }
    snippet
}

fn notes<'a>(facts: &Facts<'_>, finding: &Finding) -> Vec<(Level<'a>, String)> {
    let mut notes = Vec::new();
    if let Confidence::Inconclusive { reason } = &finding.confidence {
        notes.push((Level::NOTE, format!("inconclusive: {}", one_line(reason))));
    }
    if let Some(span) = finding
        .span
        .as_ref()
        .filter(|s| facts.text(&s.file).is_none())
    {
        notes.push((
            Level::NOTE,
            format!("at {}:{}", one_line(&span.file), span.line),
        ));
    }
    if finding.sites.is_empty() && finding.class.severity() == Severity::Soundness {
        notes.push((Level::NOTE, "attributed to no unsafe site".into()));
    }
    for stack in &finding.stacks {
        let mut lines = vec![format!("{}:", one_line(&stack.label))];
        lines.extend(
            stack
                .frames
                .iter()
                .take(FRAMES)
                .map(|f| format!("  {}", one_line(&frame(f)))),
        );
        if stack.frames.len() > FRAMES {
            lines.push(format!("  and {} more", stack.frames.len() - FRAMES));
        }
        notes.push((Level::NOTE, lines.join("\n")));
    }
    let seen: Vec<String> = sightings(finding).iter().map(|s| one_line(s)).collect();
    if !seen.is_empty() {
        notes.push((Level::NOTE, format!("seen in {}", seen.join("\n        "))));
    }
    if let Some(command) = &finding.reproduce {
        let line = one_line(&crate::shell_line(command));
        notes.push((Level::HELP, format!("show it again: {line}")));
    }
    notes
}
