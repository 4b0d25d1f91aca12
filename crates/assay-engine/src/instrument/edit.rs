//! Writes counters into a file's text.

use crate::inventory::{Point, Root};

/// A file with counters.
#[derive(Debug)]
pub(super) struct Edited {
    /// The file, relative to the package's root.
    pub(super) file: String,
    /// The new text.
    pub(super) text: String,
    /// Where each counter stands in it: first byte, number.
    probes: Vec<(usize, usize)>,
    /// First byte and length of everything that was inserted, in order.
    pub(super) inserted: Vec<(usize, usize)>,
}

impl Edited {
    /// Numbers of all counters.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> + '_ {
        self.probes.iter().map(|(_, number)| *number)
    }

    /// Numbers of the counters that start in a range of bytes.
    pub(super) fn within(&self, start: usize, end: usize) -> Vec<usize> {
        let inside = self
            .probes
            .iter()
            .filter(|(at, _)| start <= *at && *at < end);
        inside.map(|(_, number)| *number).collect()
    }

    /// The range of bytes of the lines that a range touches.
    pub(super) fn lines_of(&self, start: usize, end: usize) -> (usize, usize) {
        let bytes = self.text.as_bytes();
        let start = start.min(bytes.len());
        let end = end.clamp(start, bytes.len());
        let first = bytes[..start]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let last = bytes[end..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(bytes.len(), |at| end + at);
        (first, last)
    }
}

/// What goes into one file.
#[derive(Debug, Default)]
pub(super) struct Insertions<'a> {
    /// Counters with their numbers.
    pub(super) points: Vec<(usize, &'a Point)>,
    /// The crate root that the file is, if it is one.
    pub(super) root: Option<&'a Root>,
}

/// Inserts the call of each numbered point, and the link to the probe in a crate's root.
pub(super) fn insert(file: &str, text: &str, insertions: &Insertions<'_>) -> Edited {
    let mut inserts: Vec<(usize, String, Option<usize>)> = Vec::new();
    if let Some(root) = insertions.root {
        inserts.push((root.offset as usize, link(root), None));
    }
    for (number, point) in &insertions.points {
        inserts.push((point.offset as usize, call(*number, point), Some(*number)));
    }
    inserts.sort_by_key(|(at, _, number)| (*at, *number));
    let mut out = String::with_capacity(text.len() + inserts.len() * 32);
    let mut probes = Vec::new();
    let mut inserted = Vec::new();
    let mut copied = 0;
    for (at, insert, number) in inserts {
        let Some(before) = text.get(copied..at) else {
            continue;
        };
        out.push_str(before);
        copied = at;
        probes.extend(number.map(|number| (out.len(), number)));
        inserted.push((out.len(), insert.len()));
        out.push_str(&insert);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Edited {
        file: file.to_owned(),
        text: out,
        probes,
        inserted,
    }
}

/// The statement that counts. In a macro's body the path starts at the macro's own crate, because other crates that
/// expand it do not know the probe.
fn call(number: usize, point: &Point) -> String {
    if point.in_macro {
        format!(" $crate::__assay::hit({number}); ")
    } else {
        format!(" assay_probe::hit({number}); ")
    }
}

/// Links the probe even where no site is, and gives macros a path to it.
pub(crate) fn link(root: &Root) -> String {
    let visibility = if root.exports { "pub " } else { "" };
    format!(" #[doc(hidden)] {visibility}extern crate assay_probe as __assay; ")
}

#[cfg(test)]
mod tests {
    use assay_evidence::SiteId;

    use super::*;

    fn point(offset: u32, in_macro: bool) -> Point {
        Point {
            file: "src/lib.rs".to_owned(),
            offset,
            site: SiteId("a".to_owned()),
            in_macro,
        }
    }

    #[test]
    fn counters_stay_on_their_lines() {
        let text = "fn f() { unsafe {\n g() } }\nmacro_rules! m { () => { unsafe { h() } } }\n";
        let first = text.find("unsafe {").expect("there") + 8;
        let second = text.rfind("unsafe {").expect("there") + 8;
        let points = [point(first as u32, false), point(second as u32, true)];
        let root = Root {
            file: "src/lib.rs".to_owned(),
            offset: 0,
            exports: true,
        };
        let insertions = Insertions {
            points: vec![(0, &points[0]), (1, &points[1])],
            root: Some(&root),
        };
        let edited = insert("src/lib.rs", text, &insertions);
        let expected = [
            " #[doc(hidden)] pub extern crate assay_probe as __assay; fn f() { unsafe { assay_probe::hit(0); ",
            " g() } }",
            "macro_rules! m { () => { unsafe { $crate::__assay::hit(1);  h() } } }",
        ];
        assert_eq!(edited.text.lines().collect::<Vec<_>>(), expected);
        assert_eq!(edited.within(0, edited.text.len()), [0, 1]);
        let (start, end) = edited.lines_of(3, 4);
        assert_eq!(edited.within(start, end), [0]);
    }
}
