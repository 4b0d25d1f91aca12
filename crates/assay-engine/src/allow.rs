//! The allow-list: findings that the user accepts, each with a reason.
//!
//! ```toml
//! [[allow]]
//! class = "data-race"
//! at = "crossbeam_utils::atomic::seq_lock::SeqLock::optimistic_read"
//! reason = "a seqlock discards what it read when the stamp changed"
//! ```

use std::fs;
use std::path::Path;

use assay_evidence::{Allowance, BugClass, Evidence, Finding, Site};
use serde::Deserialize;

use crate::Error;
use crate::symbol::outside_generics;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    allow: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    class: BugClass,
    at: String,
    reason: String,
}

/// Reads the allow-list that was asked for, or `assay.toml` beside the subject's manifest where it exists.
pub(crate) fn load(asked: Option<&Path>, manifest: &Path) -> Result<Vec<Allowance>, Error> {
    let beside = manifest.with_file_name("assay.toml");
    let path = match asked {
        Some(path) => path,
        None if beside.exists() => &beside,
        None => return Ok(Vec::new()),
    };
    let wrong = |message: String| Error::AllowList {
        path: path.to_path_buf(),
        message,
    };
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    parse(&text).map_err(wrong)
}

fn parse(text: &str) -> Result<Vec<Allowance>, String> {
    let file: File = toml_edit::de::from_str(text).map_err(|error| error.to_string())?;
    for entry in &file.allow {
        if entry.reason.trim().is_empty() {
            return Err(format!("the entry at `{}` has no reason", entry.at));
        }
        if entry.at.trim().is_empty() {
            return Err("an entry has an empty `at`".to_owned());
        }
    }
    let accepted = file.allow.into_iter().map(|entry| Allowance {
        class: entry.class,
        at: entry.at,
        reason: entry.reason,
        matched: Vec::new(),
    });
    Ok(accepted.collect())
}

/// Marks the findings that an entry accepts. The first entry that fits wins.
pub(crate) fn apply(evidence: &mut Evidence) {
    let Evidence {
        allowances,
        findings,
        sites,
        ..
    } = evidence;
    for finding in findings {
        let fitting = allowances
            .iter_mut()
            .enumerate()
            .find(|(_, entry)| fits(entry, finding, sites));
        if let Some((index, entry)) = fitting {
            finding.allowed_by = u32::try_from(index).ok();
            entry.matched.push(finding.id.clone());
            entry.matched.sort();
        }
    }
}

fn fits(entry: &Allowance, finding: &Finding, sites: &[Site]) -> bool {
    if entry.class != finding.class {
        return false;
    }
    let attributed = sites.iter().filter(|site| finding.sites.contains(&site.id));
    let mut frames = finding.stacks.iter().flat_map(|stack| &stack.frames);
    attributed
        .into_iter()
        .any(|site| site.id.0 == entry.at || names(&site.item, &entry.at))
        || frames.any(|frame| names(&frame.function, &entry.at))
}

/// Whether a function path as a tool prints it (generics and hashes included) names the item `at`.
fn names(function: &str, at: &str) -> bool {
    let plain = without_generics(function);
    let at = without_generics(at);
    let mut starts = plain.match_indices(&at).map(|(start, _)| start);
    starts.any(|start| {
        let before = plain[..start].ends_with("::") || start == 0;
        let rest = &plain[start + at.len()..];
        before && (rest.is_empty() || rest.starts_with("::"))
    })
}

/// `a::B<T>::c` and `<a::B<T>>::c` are `a::B::c`.
fn without_generics(path: &str) -> String {
    let path = path.strip_prefix('<').unwrap_or(path);
    outside_generics(path).replace("::::", "::")
}

#[cfg(test)]
mod tests {
    use assay_evidence::BugClass;

    use super::{names, parse};

    #[test]
    fn an_entry_needs_a_known_class_and_a_reason() {
        let good = "[[allow]]\nclass = \"leak\"\nat = \"a::b\"\nreason = \"on purpose\"\n";
        assert_eq!(parse(good).unwrap()[0].class, BugClass::Leak);
        assert!(parse(&good.replace("leak", "lake")).is_err());
        assert!(
            parse(&good.replace("on purpose", " "))
                .unwrap_err()
                .contains("a::b")
        );
        assert!(parse("[[alow]]\n").is_err());
    }

    #[test]
    fn a_path_is_matched_at_its_boundaries_and_without_generics() {
        assert!(names("a::B<u8>::c", "a::B::c"));
        assert!(names("<a::B<u8>>::c", "a::B::c"));
        assert!(names("a::b::c::h0123456789abcdef", "b::c"));
        assert!(names("a::b::{{closure}}", "a::b"));
        assert!(!names("aa::b", "a::b"));
        assert!(!names("a::bc", "a::b"));
    }
}
