//! Dependency edges between the crates of the house.

use std::path::Path;

use anyhow::Result;
use cargo_metadata::{DependencyKind, MetadataCommand};

use super::Violation;

/// Who may depend on whom. `docs/` and ARCHITECTURE.md say why.
const ALLOWED: &[(&str, &[&str])] = &[
    ("cargo-assay", &["assay-engine", "assay-evidence"]),
    ("assay-engine", &["assay-evidence"]),
    ("velox", &["spsc-ring"]),
    ("memscope", &["block-guard", "memscope-macros"]),
    ("assay-probe", &["block-guard"]),
    ("phase-alloc", &["block-guard"]),
    ("memscope-capi", &["memscope"]),
    ("evloop-capi", &["evloop", "termgrid"]),
    ("evterm", &["evloop", "termgrid"]),
    ("idmap", &["idmap-derive"]),
];

/// Crates that any other may have as a development dependency.
const TEST_KIT: &[&str] = &["adversary"];

pub(super) fn check(root: &Path) -> Result<Vec<Violation>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()?;
    let members: Vec<&str> = metadata.packages.iter().map(|p| p.name.as_str()).collect();
    let mut violations = Vec::new();
    for package in &metadata.packages {
        for dependency in &package.dependencies {
            let to = dependency.name.as_str();
            if !members.contains(&to) {
                continue;
            }
            let development = dependency.kind == DependencyKind::Development;
            if !is_allowed(package.name.as_str(), to, development) {
                violations.push(Violation::new(
                    &format!("{}/Cargo.toml", folder(package.name.as_str())),
                    0,
                    format!("`{}` may not depend on `{to}`", package.name),
                ));
            }
        }
    }
    Ok(violations)
}

fn folder(package: &str) -> String {
    if package == "xtask" {
        package.to_owned()
    } else {
        format!("crates/{package}")
    }
}

fn is_allowed(from: &str, to: &str, development: bool) -> bool {
    let listed = ALLOWED
        .iter()
        .any(|(name, targets)| *name == from && targets.contains(&to));
    listed || (development && TEST_KIT.contains(&to))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn an_edge_that_the_table_lists_is_allowed_and_its_reverse_is_not() {
        assert!(is_allowed("cargo-assay", "assay-engine", false));
        assert!(!is_allowed("assay-engine", "cargo-assay", false));
    }

    #[test]
    fn the_test_kit_is_a_development_dependency_only() {
        assert!(is_allowed("spsc-ring", "adversary", true));
        assert!(!is_allowed("spsc-ring", "adversary", false));
    }

    #[test]
    fn the_auditor_links_no_building_block() {
        assert!(!is_allowed("assay-engine", "spsc-ring", false));
        assert!(!is_allowed("assay-engine", "spsc-ring", true));
    }
}
