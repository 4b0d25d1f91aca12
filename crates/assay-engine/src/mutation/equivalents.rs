//! The reviewed list of mutants that change nothing a test could see.
//!
//! ```toml
//! [[equivalent]]
//! mutant = "1f0c9a27be55"
//! reason = "the fence in `notify` comes before it and orders more"
//! reviewer = "A. Name"
//! date = "2026-05-04"
//! ```

use std::path::Path;

use assay_evidence::Equivalent;
use serde::Deserialize;

use crate::Error;

/// The file's name beside a manifest.
pub(crate) const NAME: &str = "assay-mutants.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    equivalent: Vec<Equivalent>,
}

/// Reads the list that was asked for, or the one beside the subject's manifest where there is one.
pub(crate) fn load(asked: Option<&Path>, manifest: &Path) -> Result<Vec<Equivalent>, Error> {
    let beside = manifest.with_file_name(NAME);
    let path = match asked {
        Some(path) => path,
        None if beside.exists() => &beside,
        None => return Ok(Vec::new()),
    };
    let wrong = |message: String| Error::Equivalents {
        path: path.to_path_buf(),
        message,
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    parse(&text).map_err(wrong)
}

fn parse(text: &str) -> Result<Vec<Equivalent>, String> {
    let file: File = toml_edit::de::from_str(text).map_err(|error| error.to_string())?;
    let mut seen = Vec::new();
    for entry in &file.equivalent {
        for (what, said) in [
            ("reason", &entry.reason),
            ("reviewer", &entry.reviewer),
            ("date", &entry.date),
        ] {
            if said.trim().is_empty() {
                return Err(format!("the entry of `{}` has no {what}", entry.mutant));
            }
        }
        if seen.contains(&&entry.mutant) {
            return Err(format!("`{}` stands twice", entry.mutant));
        }
        seen.push(&entry.mutant);
    }
    Ok(file.equivalent)
}

#[cfg(test)]
mod tests {
    use super::parse;

    const ENTRY: &str = "[[equivalent]]\nmutant = \"1f0c\"\nreason = \"the mask\"\nreviewer = \"A. Name\"\ndate = \"2026-05-04\"\n";

    #[test]
    fn an_entry_says_why_who_and_when() {
        assert_eq!(parse(ENTRY).unwrap()[0].mutant, "1f0c");
        assert_eq!(parse("").unwrap(), []);
        for said in ["the mask", "A. Name", "2026-05-04"] {
            let error = parse(&ENTRY.replace(said, " ")).unwrap_err();
            assert!(error.contains("1f0c"), "{error}");
        }
        assert!(parse(&ENTRY.replace("reviewer", "reviever")).is_err());
    }

    #[test]
    fn no_mutant_stands_twice() {
        let error = parse(&format!("{ENTRY}{ENTRY}")).unwrap_err();
        assert!(error.contains("stands twice"), "{error}");
    }
}
