//! The compiler flags that the user's own builds would get.
//!
//! A variable with flags replaces those of cargo's configuration, so flags of ours go behind the user's.

use std::path::{Path, PathBuf};

use crate::inventory::cfg::{Cfg, CfgSet};
use crate::inventory::source::Source;

/// The variable that holds flags apart by a unit separator, so that one may hold a space.
pub(crate) const VARIABLE: &str = "CARGO_ENCODED_RUSTFLAGS";

/// Joins flags as [`VARIABLE`] takes them.
pub(crate) fn encode(flags: &[String]) -> String {
    flags.join("\u{1f}")
}

/// The flags that cargo would use in `directory`, by its own order: the variables, then `target.*.rustflags`, then
/// `build.rustflags`.
pub(crate) fn of_user(directory: &Path, host: &str, cfgs: &CfgSet) -> Vec<String> {
    if let Ok(encoded) = std::env::var(VARIABLE) {
        return encoded
            .split('\u{1f}')
            .filter(|flag| !flag.is_empty())
            .map(str::to_owned)
            .collect();
    }
    if let Ok(flags) = std::env::var("RUSTFLAGS") {
        return flags.split_whitespace().map(str::to_owned).collect();
    }
    let mut of_target = Vec::new();
    let mut of_build = Vec::new();
    // The closest file comes first and its flags last.
    for file in config_files(directory).iter().rev() {
        let Some(config) = read(file) else { continue };
        if let Some(targets) = config
            .get("target")
            .and_then(toml_edit::Item::as_table_like)
        {
            for (key, table) in targets.iter() {
                if key == host || condition_holds(key, cfgs) {
                    of_target.extend(table.get("rustflags").map(flags).unwrap_or_default());
                }
            }
        }
        of_build.extend(
            config
                .get("build")
                .and_then(|build| build.get("rustflags"))
                .map(flags)
                .unwrap_or_default(),
        );
    }
    if of_target.is_empty() {
        of_build
    } else {
        of_target
    }
}

/// Cargo's configuration files that apply in a folder, the closest first.
pub(crate) fn config_files(directory: &Path) -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let above = directory.ancestors().map(|folder| folder.join(".cargo"));
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in above.chain(home) {
        // The name without extension is the older one, and wins where both stand.
        let file = ["config", "config.toml"]
            .map(|name| folder.join(name))
            .into_iter()
            .find(|file| file.is_file());
        files.extend(file.filter(|file| !files.contains(file)));
    }
    files
}

fn read(file: &Path) -> Option<toml_edit::DocumentMut> {
    std::fs::read_to_string(file).ok()?.parse().ok()
}

fn flags(item: &toml_edit::Item) -> Vec<String> {
    if let Some(text) = item.as_str() {
        return text.split_whitespace().map(str::to_owned).collect();
    }
    let list = item.as_array().into_iter().flatten();
    list.filter_map(toml_edit::Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn condition_holds(key: &str, cfgs: &CfgSet) -> bool {
    let Some(inner) = key
        .strip_prefix("cfg(")
        .and_then(|rest| rest.strip_suffix(')'))
    else {
        return false;
    };
    let source = Source::new(String::new(), inner.to_owned());
    source.is_ok_and(|source| cfgs.holds(&Cfg::parse(&source, 0, source.len())) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_of_targets_are_evaluated() {
        let mut cfgs = CfgSet::default();
        cfgs.insert("target_os=\"linux\"");
        assert!(condition_holds("cfg(target_os = \"linux\")", &cfgs));
        assert!(condition_holds("cfg(all())", &cfgs));
        assert!(!condition_holds("cfg(windows)", &cfgs));
        assert!(!condition_holds("x86_64-unknown-linux-gnu", &cfgs));
    }

    #[test]
    fn flags_may_be_a_text_or_a_list() {
        let document: toml_edit::DocumentMut = "a = \"-C x --cfg y\"\nb = [\"--cfg\", \"z w\"]"
            .parse()
            .expect("toml");
        assert_eq!(flags(&document["a"]), ["-C", "x", "--cfg", "y"]);
        assert_eq!(flags(&document["b"]), ["--cfg", "z w"]);
    }
}
