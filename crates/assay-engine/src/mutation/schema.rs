//! Writes mutants into a file's text, beside the original, each as a choice that is made at run time.
//!
//! The idea of compiling all mutants into one program is that of mutant schemata (Untch, Offutt and Harrold,
//! "Mutation analysis using mutant schemata", ISSTA 1993): building takes longer than testing. A choice stands
//! on the line of what it replaces, so that line numbers stay those of the source.

use super::candidate::{Candidate, Form};

/// A file with choices.
#[derive(Clone, Debug, Default)]
pub(super) struct Woven {
    pub(super) text: String,
    /// Where each mutant's own code stands in it: first byte, byte after the last, number.
    pub(super) mutated: Vec<(usize, usize, u32)>,
    /// Where each choice as a whole stands in it.
    choices: Vec<(usize, usize, u32)>,
    /// Mutants that overlap with another one without one holding the other: they found no place.
    pub(super) left_out: Vec<u32>,
}

impl Woven {
    /// A text without choices.
    pub(super) fn plain(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    /// The mutants that a range of bytes speaks of: those whose own code it touches; else the innermost
    /// choices around it.
    pub(super) fn blamed(&self, start: usize, end: usize) -> Vec<u32> {
        let touches =
            |range: &&(usize, usize, u32)| range.0 < end.max(start + 1) && start < range.1;
        let own: Vec<u32> = self
            .mutated
            .iter()
            .filter(touches)
            .map(|range| range.2)
            .collect();
        if !own.is_empty() {
            return own;
        }
        let around = || self.choices.iter().filter(touches);
        let least = around().map(|range| range.1 - range.0).min();
        around()
            .filter(|range| Some(range.1 - range.0) == least)
            .map(|range| range.2)
            .collect()
    }

    /// The bytes of the lines that a range touches.
    pub(super) fn lines_of(&self, start: usize, end: usize) -> (usize, usize) {
        let bytes = self.text.as_bytes();
        let start = start.min(bytes.len());
        let end = end.clamp(start, bytes.len());
        let first = bytes[..start].iter().rposition(|byte| *byte == b'\n');
        let last = bytes[end..].iter().position(|byte| *byte == b'\n');
        (
            first.map_or(0, |at| at + 1),
            last.map_or(bytes.len(), |at| end + at),
        )
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.mutated.iter().map(|range| range.2)
    }
}

/// Writes the choices of one file; `link` goes in at its byte, in front of everything else there.
pub(super) fn weave(
    text: &str,
    mutants: &[(u32, &Candidate)],
    link: Option<(usize, String)>,
) -> Woven {
    let mut woven = Woven::default();
    let forest = nest(mutants, &mut woven.left_out);
    let link = link.unwrap_or_default();
    let mut weaver = Weaver {
        text,
        link: Some(link),
        woven,
    };
    weaver.copy(0, text.len(), &forest);
    weaver.woven
}

/// Mutants of one range, and those inside it.
struct Node<'a> {
    from: usize,
    to: usize,
    mutants: Vec<(u32, &'a Candidate)>,
    inner: Vec<Node<'a>>,
}

/// Sorts mutants into a forest by their ranges.
fn nest<'a>(mutants: &[(u32, &'a Candidate)], left_out: &mut Vec<u32>) -> Vec<Node<'a>> {
    let mut sorted: Vec<(u32, &Candidate)> = mutants.to_vec();
    sorted.sort_by_key(|(number, c)| (c.from, usize::MAX - c.to, c.form as u8, *number));
    let mut forest: Vec<Node<'a>> = Vec::new();
    for (number, candidate) in sorted {
        if !place(&mut forest, number, candidate) {
            left_out.push(number);
        }
    }
    forest
}

/// Puts a mutant into the forest, later ranges behind earlier ones. Whether it fits.
fn place<'a>(forest: &mut Vec<Node<'a>>, number: u32, candidate: &'a Candidate) -> bool {
    let (from, to) = (candidate.from, candidate.to);
    if let Some(last) = forest.last_mut()
        && from < last.to
    {
        let same = (last.from, last.to) == (from, to);
        if same && last.mutants[0].1.form == candidate.form {
            last.mutants.push((number, candidate));
            return true;
        }
        return to <= last.to && place(&mut last.inner, number, candidate);
    }
    forest.push(Node {
        from,
        to,
        mutants: vec![(number, candidate)],
        inner: Vec::new(),
    });
    true
}

struct Weaver<'a> {
    text: &'a str,
    link: Option<(usize, String)>,
    woven: Woven,
}

impl Weaver<'_> {
    /// Copies bytes `from..to` with the choices of `nodes`.
    fn copy(&mut self, from: usize, to: usize, nodes: &[Node<'_>]) {
        let mut at = from;
        for node in nodes {
            self.plain(at, node.from);
            self.choice(node);
            at = node.to;
        }
        self.plain(at, to);
    }

    fn plain(&mut self, from: usize, to: usize) {
        let mut from = from;
        if let Some((at, _)) = self
            .link
            .as_ref()
            .filter(|(at, _)| from <= *at && *at <= to)
        {
            let at = *at;
            self.woven.text.push_str(&self.text[from..at]);
            if let Some((_, link)) = self.link.take() {
                self.woven.text.push_str(&link);
            }
            from = at;
        }
        self.woven.text.push_str(&self.text[from..to]);
    }

    fn choice(&mut self, node: &Node<'_>) {
        let start = self.woven.text.len();
        let is_expression = node.mutants[0].1.form == Form::Expression;
        self.push(if is_expression { "(" } else { "" });
        for (number, candidate) in &node.mutants {
            let path = if candidate.in_macro {
                "$crate::__assay"
            } else {
                "assay_probe"
            };
            self.push(&format!("if {path}::mutant({number}) {{ "));
            let from = self.woven.text.len();
            self.push(&candidate.mutated);
            let to = self.woven.text.len();
            self.woven.mutated.push((from, to, *number));
            self.push(" } else ");
        }
        self.push("{ ");
        self.copy(node.from, node.to, &node.inner);
        self.push(if is_expression { " })" } else { " }" });
        let end = self.woven.text.len();
        let numbers = node.mutants.iter().map(|(number, _)| (start, end, *number));
        self.woven.choices.extend(numbers);
    }

    fn push(&mut self, text: &str) {
        self.woven.text.push_str(text);
    }
}
