//! Tests that need not pass, by name.

use crate::package::Subject;

/// A line for each: the subject, the test, the reason.
const LIST: &str = include_str!("../excluded.txt");

pub struct Exclusions(Vec<(&'static str, &'static str)>);

impl Exclusions {
    pub fn of(subject: &Subject) -> Self {
        let lines = LIST.lines().filter(|line| !line.starts_with('#'));
        let about = |line: &'static str| {
            let (name, line) = line.split_once(' ')?;
            (name == subject.name).then(|| line.trim().split_once(": "))?
        };
        Self(lines.filter_map(about).collect())
    }

    pub fn reason(&self, test: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| *name == test);
        found.map(|(_, reason)| *reason)
    }
}
