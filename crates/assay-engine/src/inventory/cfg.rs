//! Conditions of conditional compilation: read from attributes, evaluated against what the compiler reported.

use std::collections::BTreeSet;
use std::fmt;

use super::source::Source;

/// A condition as it stands in `#[cfg(...)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cfg {
    /// `all(...)`.
    All(Vec<Cfg>),
    /// `any(...)`.
    Any(Vec<Cfg>),
    /// `not(...)`.
    Not(Box<Cfg>),
    /// A name, or `true` or `false`.
    Name(String),
    /// `key = "value"`.
    Pair(String, String),
    /// Something else, kept as written and never decided.
    Other(String),
}

impl fmt::Display for Cfg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, name: &str, parts: &[Self]| {
            write!(f, "{name}(")?;
            for (index, part) in parts.iter().enumerate() {
                write!(f, "{}{part}", if index == 0 { "" } else { ", " })?;
            }
            f.write_str(")")
        };
        match self {
            Self::All(parts) => list(f, "all", parts),
            Self::Any(parts) => list(f, "any", parts),
            Self::Not(inner) => write!(f, "not({inner})"),
            Self::Name(name) => f.write_str(name),
            Self::Pair(key, value) => write!(f, "{key} = \"{value}\""),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl Cfg {
    /// Reads the condition in tokens `from..to` of a file.
    pub(crate) fn parse(source: &Source, from: usize, to: usize) -> Self {
        let other = || Self::Other(source.compact(from, to));
        if !source.is_ident(from) {
            return other();
        }
        let name = source.word(from);
        if from + 1 >= to {
            return Self::Name(name.to_owned());
        }
        if source.is_punct(from + 1, b'=') && from + 3 == to {
            let literal = source.word(from + 2);
            let value = literal
                .trim_start_matches(['r', '#'])
                .trim_end_matches('#')
                .trim_matches('"');
            return Self::Pair(name.to_owned(), value.to_owned());
        }
        let Some(close) = source.group_end(from + 1).filter(|close| close + 1 == to) else {
            return other();
        };
        let mut parts = split_commas(source, from + 2, close)
            .into_iter()
            .map(|(from, to)| Self::parse(source, from, to));
        match name {
            "all" => Self::All(parts.collect()),
            "any" => Self::Any(parts.collect()),
            "not" => parts
                .next()
                .map_or_else(other, |part| Self::Not(Box::new(part))),
            _ => other(),
        }
    }

    /// The negation, without doubling it.
    pub(crate) fn negate(&self) -> Self {
        match self {
            Self::Not(inner) => (**inner).clone(),
            _ => Self::Not(Box::new(self.clone())),
        }
    }

    /// Whether the condition can hold only in a test build.
    pub(crate) fn needs_test(&self) -> bool {
        self.evaluate(&|part| match part {
            Self::Name(name) if name == "test" => Some(false),
            Self::Name(name) if name == "doctest" => Some(false),
            _ => None,
        }) == Some(false)
    }

    /// Three-valued evaluation: none where `known` does not decide.
    fn evaluate(&self, known: &dyn Fn(&Self) -> Option<bool>) -> Option<bool> {
        let values = |parts: &[Self]| {
            parts
                .iter()
                .map(|part| part.evaluate(known))
                .collect::<Vec<_>>()
        };
        match self {
            Self::All(parts) => {
                let values = values(parts);
                if values.contains(&Some(false)) {
                    Some(false)
                } else {
                    values
                        .iter()
                        .all(|value| *value == Some(true))
                        .then_some(true)
                }
            }
            Self::Any(parts) => {
                let values = values(parts);
                if values.contains(&Some(true)) {
                    Some(true)
                } else {
                    values
                        .iter()
                        .all(|value| *value == Some(false))
                        .then_some(false)
                }
            }
            Self::Not(inner) => inner.evaluate(known).map(|value| !value),
            Self::Name(name) if name == "true" => Some(true),
            Self::Name(name) if name == "false" => Some(false),
            Self::Name(_) | Self::Pair(..) => known(self),
            Self::Other(_) => None,
        }
    }
}

/// Ranges of tokens between the commas of `from..to`, groups skipped, empty ones left out.
pub(crate) fn split_commas(source: &Source, from: usize, to: usize) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut begin = from;
    let mut at = from;
    while at < to {
        if let Some(close) = source.group_end(at) {
            at = close;
        } else if source.is_punct(at, b',') {
            parts.push((begin, at));
            begin = at + 1;
        }
        at += 1;
    }
    parts.push((begin, to));
    parts.retain(|(from, to)| from < to);
    parts
}

/// What a build sets, as `rustc --print cfg` and cargo tell it.
#[derive(Clone, Debug, Default)]
pub(crate) struct CfgSet(BTreeSet<String>);

impl CfgSet {
    /// Adds a line as the compiler prints it: `unix` or `target_os="linux"`.
    pub(crate) fn insert(&mut self, line: &str) {
        self.0.insert(line.trim().to_owned());
    }

    /// Adds a feature.
    pub(crate) fn insert_feature(&mut self, feature: &str) {
        self.0.insert(format!("feature=\"{feature}\""));
    }

    /// Adds all of another set.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// Whether the condition holds; none if it cannot be told.
    pub(crate) fn holds(&self, cfg: &Cfg) -> Option<bool> {
        cfg.evaluate(&|part| match part {
            Cfg::Name(name) => Some(self.0.contains(name)),
            Cfg::Pair(key, value) => Some(self.0.contains(&format!("{key}=\"{value}\""))),
            _ => None,
        })
    }
}

/// The conditions that remove a site, written as one attribute would; none if none of them does.
pub(crate) fn removed_by(cfgs: &[Cfg], set: &CfgSet) -> Option<String> {
    let mut failing: Vec<&Cfg> = Vec::new();
    for cfg in cfgs {
        if set.holds(cfg) == Some(false) && !failing.contains(&cfg) {
            failing.push(cfg);
        }
    }
    match failing.as_slice() {
        [] => None,
        [one] => Some(format!("cfg({one})")),
        many => Some(format!(
            "cfg({})",
            Cfg::All(many.iter().copied().cloned().collect())
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cfg(text: &str) -> Cfg {
        let source = Source::new(String::new(), text.to_owned()).expect("lexes");
        Cfg::parse(&source, 0, source.len())
    }

    fn linux() -> CfgSet {
        let mut set = CfgSet::default();
        for line in ["unix", "target_os=\"linux\"", "debug_assertions"] {
            set.insert(line);
        }
        set.insert_feature("std");
        set
    }

    #[test]
    fn conditions_read_back_as_they_were_written() {
        for text in [
            "windows",
            "all(unix, not(feature = \"std\"))",
            "any()",
            "target_arch = \"aarch64\"",
        ] {
            assert_eq!(cfg(text).to_string(), text);
        }
    }

    #[test]
    fn conditions_are_evaluated_against_the_build() {
        let holds = |text| linux().holds(&cfg(text));
        assert_eq!(holds("all(unix, feature = \"std\")"), Some(true));
        assert_eq!(holds("any(windows, loom)"), Some(false));
        assert_eq!(holds("not(miri)"), Some(true));
        assert_eq!(holds("version(\"1.2\")"), None);
        assert_eq!(holds("any(unix, version(\"1.2\"))"), Some(true));
    }

    #[test]
    fn only_conditions_that_imply_test_need_it() {
        assert!(cfg("test").needs_test());
        assert!(cfg("all(test, unix)").needs_test());
        assert!(!cfg("any(test, feature = \"std\")").needs_test());
        assert!(!cfg("not(test)").needs_test());
    }

    #[test]
    fn removing_conditions_are_joined_into_one() {
        let cfgs = [cfg("windows"), cfg("unix"), cfg("loom"), cfg("windows")];
        assert_eq!(
            removed_by(&cfgs, &linux()).as_deref(),
            Some("cfg(all(windows, loom))")
        );
        assert_eq!(removed_by(&cfgs[1..2], &linux()), None);
    }
}
