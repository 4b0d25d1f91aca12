//! Copies with probes: they build, they count, and the user's tree stays as it was.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use assay_engine::{Cancel, Error, Prepared, Selection, prepare};
use assay_evidence::{Exercise, Probe, SiteKind};

use crate::packages::{Folder, manifest, options, tree};

fn prepared(folder: &Folder, out: &Folder) -> Prepared {
    prepare(&folder.options(out.path()), &Cancel::default()).expect("prepared")
}

/// Runs a command that must succeed, with counters in a fresh file, and returns what each item was hit.
fn hits(prepared: &Prepared, mut command: Command, folder: &Path) -> BTreeMap<String, u64> {
    let file = folder.join("hits");
    let counters = prepared.counters().len();
    let mut bytes = b"ASSAYHIT".to_vec();
    bytes.extend(1_u32.to_ne_bytes());
    bytes.extend((counters as u32).to_ne_bytes());
    bytes.resize(64 + 8 * counters, 0);
    std::fs::write(&file, bytes).expect("written");
    let output = command
        .env("ASSAY_HITS", &file)
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let bytes = std::fs::read(&file).expect("there");
    let mut by_item = BTreeMap::new();
    for (number, chunk) in bytes[64..].chunks_exact(8).enumerate() {
        let count = u64::from_ne_bytes(chunk.try_into().expect("eight bytes"));
        let id = &prepared.counters()[number];
        let site = prepared
            .sites()
            .iter()
            .find(|site| site.id == *id)
            .expect("a counter names a site");
        *by_item
            .entry(format!("{} {:?}", site.item, site.kind))
            .or_insert(0) += count;
    }
    by_item
}

const COUNTED: &str = r#"//! A library.
#![deny(warnings, unsafe_code)]
#![no_std]
#![allow(unsafe_code)] //! with documentation behind an attribute
macro_rules! read { ($e:expr) => { unsafe { *$e } }; }
#[macro_export] macro_rules! shared { ($e:expr) => { unsafe { *$e } }; }
/// A type.
pub struct Cell(*const u8);
unsafe impl Send for Cell {}
impl Cell {
    pub const fn new(p: *const u8) -> Self { Self(p) }
    pub fn never(&self) -> u8 { unsafe { *self.0 } }
}
impl Drop for Cell { fn drop(&mut self) {} }
pub unsafe trait Claim {}
unsafe impl Claim for u8 {}
pub fn once(p: &u8) -> u8 { read!(p as *const u8) }
pub const fn in_const() -> u8 { let x = 7_u8; unsafe { *(&raw const x) } }
pub const SEVEN: u8 = in_const();
pub static TABLE: [u8; 1] = [unsafe { core::mem::transmute::<i8, u8>(1) }];
pub type Pointer = unsafe fn(u8) -> u8;
pub unsafe fn raw(p: *const u8) -> u8 { #![allow(unused_unsafe)] unsafe { *p } }
pub fn text() -> &'static str { stringify!(unsafe { 1 }) }
/// ```
/// assert_eq!(counted::documented(&3), 3);
/// ```
pub fn documented(p: &u8) -> u8 { unsafe { *(p as *const u8) } }
#[cfg(test)] mod tests {
    #[test] fn runs() {
        let x = 5; let cell = super::Cell::new(&x); drop(cell);
        assert_eq!(super::once(&x) + super::once(&x) + super::SEVEN + super::in_const(), 24);
        let pointer: super::Pointer = super::raw_of; assert_eq!(unsafe { pointer(1) }, 1);
    }
}
pub unsafe fn raw_of(x: u8) -> u8 { x }
"#;

const CLAIMS: &str = r#"//! Claims about types without methods.
pub struct Taken(pub *const u8);
unsafe impl Send for Taken {}
pub fn take(taken: Taken) -> bool { taken.0.is_null() }
pub struct Made(*const u8);
unsafe impl Sync for Made {}
pub fn make() -> impl Sized { Made(core::ptr::null()) }
pub struct Bare(pub *const u8);
unsafe impl Send for Bare {}
pub unsafe trait Mark {}
unsafe impl Mark for u8 {}
unsafe impl<T> Mark for [T] {}
pub fn generic<T: Mark>(_: T) -> u8 { 1 }
pub unsafe trait Every { fn own(&self) -> u8; }
unsafe impl<T> Every for T { fn own(&self) -> u8 { 1 } }
pub unsafe trait Kind {}
unsafe impl<T: Copy> Kind for T {}
#[cfg(test)] mod tests {
    use super::*;
    #[test] fn runs() {
        assert!(take(Taken(core::ptr::null())) && take(Taken(core::ptr::null())));
        drop((make(), Bare(core::ptr::null())));
        assert_eq!(generic(1_u8) + 'x'.own(), 2);
    }
}
"#;

#[test]
fn claims_about_types_without_methods_are_counted_where_their_types_are_named() {
    let folder = Folder::library(CLAIMS);
    let out = Folder::empty();
    let prepared = prepared(&folder, &out);
    assert_eq!(prepared.uncounted(), []);
    let hits = hits(&prepared, prepared.instrumented("test"), out.path());
    let of = |item: &str| hits.get(item).copied();
    assert_eq!(of("<Taken as Send> Impl"), Some(2), "by signature");
    assert_eq!(of("<Made as Sync> Impl"), Some(1), "by body");
    assert_eq!(of("<T as Every> Impl"), Some(1), "by its own method");
    let uncounted = |item: &str| {
        let site = prepared.sites().iter().find(|site| site.item == item);
        match &site.expect("a site").probe {
            Probe::Uncounted { reason } => reason.clone(),
            other => panic!("{item}: {other:?}"),
        }
    };
    assert!(uncounted("<Bare as Send>").contains("no function of this package names"));
    // A generic function with the trait as its bound may run with other types than the claim's.
    assert!(uncounted("<u8 as Mark>").contains("not declared in this package"));
    assert!(uncounted("<[T] as Mark>").contains("not declared in this package"));
    assert!(uncounted("<T as Kind>").contains("every type of a kind"));
}

#[test]
fn sites_count_their_executions_and_lines_stay_where_they_were() {
    let folder = Folder::library(COUNTED);
    folder.write(
        "Cargo.toml",
        &manifest("counted", "[lints.rust]\nwarnings = \"deny\""),
    );
    folder.write(
        "tests/outer.rs",
        "#[test] fn shares() { let x = 3_u8; assert_eq!(counted::shared!(&x as *const u8), 3); }",
    );
    let before = tree(folder.path());
    let out = Folder::empty();
    let prepared = prepared(&folder, &out);
    assert_eq!(prepared.uncounted(), []);
    let text = std::fs::read_to_string(prepared.subject_dir().join("src/lib.rs")).expect("there");
    assert_eq!(text.lines().count(), COUNTED.lines().count());
    let hits = hits(&prepared, prepared.instrumented("test"), out.path());
    let of = |item: &str| hits.get(item).copied();
    assert_eq!(of("read! Block"), Some(2));
    assert_eq!(of("shared! Block"), Some(1), "expanded by another crate");
    assert_eq!(
        of("documented Block"),
        Some(1),
        "executed by a documentation test"
    );
    assert_eq!(
        of("in_const Block"),
        Some(1),
        "evaluations at compile time are not counted"
    );
    assert_eq!(
        of("<Cell as Send> Impl"),
        Some(2),
        "its constructor and its drop"
    );
    assert_eq!(of("Cell::never Block"), Some(0));
    assert_eq!(of("raw_of Function"), Some(1));
    assert_eq!(of("raw Function"), Some(0));
    assert_eq!(
        tree(folder.path()),
        before,
        "the user's tree is not touched"
    );
}

#[test]
fn a_second_preparation_builds_nothing_again() {
    let folder = Folder::library("pub fn f(p: &u8) -> u8 { unsafe { *(p as *const u8) } }");
    let out = Folder::empty();
    drop(prepared(&folder, &out));
    let second = prepared(&folder, &out);
    let mut command = second.instrumented("check");
    command.env("CARGO_TARGET_DIR", out.path().join("build/check"));
    let output = command.output().expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && !said.contains("Checking fixture"),
        "{said}"
    );
}

#[test]
fn probes_that_the_compiler_refuses_are_taken_out_one_by_one() {
    let folder = Folder::library(
        "macro_rules! literal { (unsafe { $e:literal }) => { unsafe { core::hint::black_box($e) } }; }\npub fn kept() -> u8 { unsafe { core::mem::zeroed() } }\npub fn picky() -> u8 { literal!(unsafe { 1 }) }\npub fn promoted() -> &'static u8 { &unsafe { 1 } }\n",
    );
    let out = Folder::empty();
    let prepared = prepared(&folder, &out);
    let (probes, rounds) = prepared.probes();
    assert!(rounds > 1, "the first build fails");
    let uncounted: Vec<&str> = prepared
        .uncounted()
        .iter()
        .filter_map(|(id, _)| prepared.sites().iter().find(|site| site.id == *id))
        .map(|site| site.item.as_str())
        .collect();
    assert!(!uncounted.contains(&"kept"), "{uncounted:?}");
    assert!(
        probes >= 2,
        "{probes} probes, uncounted {:?}",
        prepared.uncounted()
    );
}

#[test]
fn a_baseline_that_does_not_build_is_not_blamed_on_the_probes() {
    let folder = Folder::library("pub unsafe fn f() {}");
    folder.write("tests/broken.rs", "#[test] fn t() { nothing() }");
    let out = Folder::empty();
    let error =
        prepare(&folder.options(out.path()), &Cancel::default()).expect_err("does not build");
    let Error::DoesNotBuild { message, .. } = error else {
        panic!("{error}")
    };
    assert!(
        message.contains("cannot find function `nothing`"),
        "{message}"
    );
}

#[test]
fn path_dependencies_outside_the_workspace_keep_their_places() {
    let folder = Folder::empty();
    folder.write("top/app/Cargo.toml", "[workspace]\nmembers = [\"member\"]\nresolver = \"3\"\n[workspace.package]\nedition = \"2021\"\n");
    let absolute = folder.path().join("shared/absolute");
    let dependencies = format!(
        "[dependencies]\nbeside = {{ path = \"../../../shared/beside\" }}\nabsolute = {{ path = {absolute:?} }}"
    );
    folder.write(
        "top/app/member/Cargo.toml",
        &manifest("member", &dependencies),
    );
    folder.write(
        "top/app/member/src/lib.rs",
        "pub fn f() -> u8 { beside::f() + absolute::f() }\n#[test] fn t() { assert_eq!(f(), 2); }",
    );
    folder.write("shared/Cargo.toml", "[workspace]\nmembers = [\"beside\"]\nexclude = [\"absolute\"]\n[workspace.package]\nedition = \"2024\"\n");
    folder.write(
        "shared/beside/Cargo.toml",
        "[package]\nname = \"beside\"\nversion = \"0.1.0\"\nedition.workspace = true\n",
    );
    folder.write(
        "shared/beside/src/lib.rs",
        "pub fn f() -> u8 { unsafe { core::mem::zeroed::<u8>() + 1 } }",
    );
    folder.write("shared/absolute/Cargo.toml", &manifest("absolute", ""));
    folder.write(
        "shared/absolute/src/lib.rs",
        "pub fn f() -> u8 { unsafe { core::mem::zeroed::<u8>() + 1 } }",
    );
    let before = tree(folder.path());
    let out = Folder::empty();
    let mut options = options(&folder.path().join("top/app"), out.path());
    options.selection = Selection::Package("member".to_owned());
    let prepared = prepare(&options, &Cancel::default()).expect("prepared");
    let hits = hits(&prepared, prepared.instrumented("test"), out.path());
    assert!(hits.is_empty(), "the member has no site");
    assert_eq!(tree(folder.path()), before);
    let manifest =
        std::fs::read_to_string(prepared.subject_dir().join("Cargo.toml")).expect("there");
    assert!(
        !manifest.contains(&*absolute.to_string_lossy()),
        "{manifest}"
    );
}

#[test]
fn a_path_dependency_is_driven_by_the_program_that_uses_it() {
    let folder = Folder::empty();
    folder.write(
        "app/Cargo.toml",
        &manifest("app", "[dependencies]\nbuggy = { path = \"../buggy\" }"),
    );
    folder.write(
        "app/src/main.rs",
        "fn main() { assert_eq!(buggy::f(&4), 4); }",
    );
    folder.write("buggy/Cargo.toml", &manifest("buggy", ""));
    folder.write(
        "buggy/src/lib.rs",
        "pub fn f(p: &u8) -> u8 { unsafe { *(p as *const u8) } }",
    );
    let out = Folder::empty();
    let mut options = options(&folder.path().join("app"), out.path());
    options.selection = Selection::Package("buggy".to_owned());
    options.exercise = Exercise::Bin {
        name: "app".to_owned(),
    };
    let prepared = prepare(&options, &Cancel::default()).expect("prepared");
    let hits = hits(&prepared, prepared.instrumented("run"), out.path());
    assert_eq!(hits.get("f Block"), Some(&1), "{hits:?}");
}

#[test]
fn a_dependency_of_a_registry_is_replaced_by_its_copy() {
    let folder = Folder::library(
        "#[test] fn t() { let mut v = smallvec::SmallVec::<[u8; 2]>::new(); v.push(1); assert_eq!(v.len(), 1); }",
    );
    folder.write(
        "Cargo.toml",
        &manifest("fixture", "[dependencies]\nsmallvec = \"1\""),
    );
    let before = tree(folder.path());
    let out = Folder::empty();
    let mut options = folder.options(out.path());
    options.selection = Selection::Package("smallvec".to_owned());
    let prepared = match prepare(&options, &Cancel::default()) {
        Ok(prepared) => prepared,
        Err(Error::Metadata { message }) => {
            println!("not run: the registry cannot be reached: {message}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let hits = hits(&prepared, prepared.instrumented("test"), out.path());
    assert!(hits.values().any(|count| *count > 0), "{hits:?}");
    assert!(
        prepared
            .sites()
            .iter()
            .any(|site| site.kind == SiteKind::Impl)
    );
    assert_eq!(tree(folder.path()), before);
}
