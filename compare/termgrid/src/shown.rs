//! What a terminal shows, in the words of termgrid.

use std::fmt;
use termgrid::{Attributes, Color};

/// A column of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A character with what combines with it; nothing in the right half of a wide one.
    pub text: String,
    pub foreground: Color,
    pub background: Color,
    pub attributes: Attributes,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    pub places: Vec<Place>,
    /// Whether the next line goes on with this one.
    pub wrapped: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Line and column.
    pub cursor: (usize, usize),
    pub pending_wrap: bool,
    pub lines: Vec<Line>,
    /// What has scrolled out, from the oldest.
    pub history: Vec<Line>,
}

impl Line {
    /// Without spaces at the end.
    pub fn text(&self) -> String {
        let text: String = self.places.iter().map(|it| it.text.as_str()).collect();
        text.trim_end().to_owned()
    }
}

impl Shown {
    /// The text of history and screen, whatever rows it is wrapped into, without blank lines at the end.
    pub fn text(&self) -> Vec<String> {
        let mut lines = vec![String::new()];
        for line in self.history.iter().chain(&self.lines) {
            let all = line.places.iter().map(|it| it.text.as_str());
            let last = lines.last_mut().expect("there is one");
            last.extend(all);
            if !line.wrapped {
                last.truncate(last.trim_end().len());
                lines.push(String::new());
            }
        }
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// The first of what differs, in words; nothing if all is the same.
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self == other {
            return None;
        }
        let cursors = [self, other].map(|it| (it.cursor, it.pending_wrap));
        if cursors[0] != cursors[1] {
            return Some(format!("cursors {:?} and {:?}", cursors[0], cursors[1]));
        }
        if self.history.len() != other.history.len() {
            let counts = [self, other].map(|it| it.history.len());
            return Some(format!("{} and {} lines of history", counts[0], counts[1]));
        }
        let both = |it: &Self| it.history.clone().into_iter().chain(it.lines.clone());
        let mut pairs = both(self).zip(both(other)).enumerate();
        let (at, (own, its)) = pairs.find(|(_, (own, its))| own != its)?;
        let mut places = own.places.iter().zip(&its.places).enumerate();
        let place = places.find(|(_, (own, its))| own != its);
        Some(format!(
            "line {at} of history and screen: {own:?} and {its:?}, {place:?}"
        ))
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.wrapped { " (goes on)" } else { "" };
        write!(f, "{:?}{end}", self.text())
    }
}
