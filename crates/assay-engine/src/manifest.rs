//! Edits of copied manifests; what is not edited keeps its text.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use crate::Error;

/// Reads a manifest.
pub(crate) fn read(path: &Path) -> Result<DocumentMut, Error> {
    let failed = |source| Error::Io {
        action: "read",
        path: path.to_path_buf(),
        source,
    };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let invalid = |error: toml_edit::TomlError| Error::Metadata {
        message: format!("`{}`: {error}", path.display()),
    };
    text.parse().map_err(invalid)
}

/// Whether the manifest is the root of a workspace.
pub(crate) fn is_workspace(manifest: &DocumentMut) -> bool {
    manifest.contains_key("workspace")
}

/// Makes the package the root of a workspace of its own, so that cargo looks no further up.
pub(crate) fn seal(manifest: &mut DocumentMut) {
    let member = manifest
        .get("package")
        .and_then(|package| package.get("workspace"))
        .is_some();
    if !is_workspace(manifest) && !member {
        manifest.insert("workspace", Item::Table(Table::new()));
    }
}

/// Adds a path dependency to a table such as `dependencies`.
pub(crate) fn add_dependency(manifest: &mut DocumentMut, table: &str, name: &str, path: &Path) {
    let mut dependency = toml_edit::InlineTable::new();
    dependency.insert("path", Value::from(path.to_string_lossy().into_owned()));
    let dependencies = manifest
        .entry(table)
        .or_insert_with(|| Item::Table(Table::new()));
    if let Some(table) = dependencies.as_table_like_mut() {
        table.insert(name, Item::Value(Value::InlineTable(dependency)));
    }
}

/// Compiles the package in this folder as a release would, in debug builds too. Cargo reads that from the root of a
/// workspace alone.
pub(crate) fn optimise(root: &mut DocumentMut, package: &Path) {
    let id = format!("path+file://{}", package.to_string_lossy());
    let mut table = root.as_table_mut() as &mut dyn TableLike;
    for key in ["profile", "dev", "package", &id] {
        let inner = table
            .entry(key)
            .or_insert_with(|| Item::Table(implicit()))
            .as_table_like_mut();
        match inner {
            Some(inner) => table = inner,
            None => return,
        }
    }
    table.insert("opt-level", toml_edit::value(3));
}

fn implicit() -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    table
}

/// Points absolute `path = "..."` dependencies to where `moved` says that the package lies now.
pub(crate) fn move_absolute_paths(
    manifest: &mut DocumentMut,
    moved: &dyn Fn(&Path) -> Option<PathBuf>,
) -> bool {
    let mut changed = false;
    for (key, item) in manifest.iter_mut() {
        match key.get() {
            "dependencies" | "dev-dependencies" | "build-dependencies" => {
                changed |= move_in(item, moved);
            }
            "patch" | "target" => {
                for (_, inner) in tables(item) {
                    changed |= move_in(inner, moved);
                    for (_, deeper) in tables(inner) {
                        changed |= move_in(deeper, moved);
                    }
                }
            }
            "workspace" => {
                if let Some(inner) = item.get_mut("dependencies") {
                    changed |= move_in(inner, moved);
                }
            }
            _ => {}
        }
    }
    changed
}

fn tables(item: &mut Item) -> impl Iterator<Item = (toml_edit::KeyMut<'_>, &mut Item)> {
    item.as_table_like_mut()
        .into_iter()
        .flat_map(|table| table.iter_mut())
}

fn move_in(dependencies: &mut Item, moved: &dyn Fn(&Path) -> Option<PathBuf>) -> bool {
    let mut changed = false;
    for (_, dependency) in tables(dependencies) {
        let Some(value) = dependency.get_mut("path") else {
            continue;
        };
        let Some(path) = value
            .as_str()
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
        else {
            continue;
        };
        if let Some(to) = moved(&path) {
            *value = toml_edit::value(to.to_string_lossy().into_owned());
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_package_is_optimised_and_the_profile_keeps_the_rest() {
        let mut manifest: DocumentMut = "[profile.dev]\ndebug = 1\n".parse().expect("a manifest");
        optimise(&mut manifest, Path::new("/a/probe"));
        let text = manifest.to_string();
        let package = "[profile.dev.package.\"path+file:///a/probe\"]\nopt-level = 3\n";
        assert_eq!(text, format!("[profile.dev]\ndebug = 1\n\n{package}"));
    }

    #[test]
    fn a_dependency_is_added_and_the_rest_keeps_its_text() {
        let text = "[package] # kept\nname = \"a\"\n\n[dependencies]\nb = \"1\"\n";
        let mut manifest: DocumentMut = text.parse().expect("toml");
        add_dependency(&mut manifest, "dependencies", "probe", Path::new("/p"));
        seal(&mut manifest);
        assert_eq!(
            manifest.to_string(),
            format!("{text}probe = {{ path = \"/p\" }}\n\n[workspace]\n")
        );
    }

    #[test]
    fn absolute_paths_follow_the_copy_wherever_they_stand() {
        let text = "[dependencies]\na = { path = \"/old/a\" }\nb = { path = \"../b\" }\n[target.'cfg(unix)'.dependencies.c]\npath = \"/old/c\"\n[patch.crates-io]\nd = { path = \"/old/d\" }\n[workspace.dependencies]\ne = { path = \"/old/e\" }\n";
        let mut manifest: DocumentMut = text.parse().expect("toml");
        let moved = |path: &Path| {
            path.strip_prefix("/old")
                .ok()
                .map(|rest| Path::new("/new").join(rest))
        };
        assert!(move_absolute_paths(&mut manifest, &moved));
        assert_eq!(manifest.to_string(), text.replace("/old", "/new"));
        assert!(!move_absolute_paths(&mut manifest, &moved));
    }
}
