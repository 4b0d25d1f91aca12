//! What the inventory finds, and that it leaves the user's tree alone.

use std::collections::BTreeSet;

use assay_engine::{Cancel, Error, Selection, Survey, measure_scan, survey, survey_source};
use assay_evidence::{Built, Exercise, Operation, Probe, SeenBy, Site, SiteKind};

use crate::packages::{Folder, manifest, tree};

fn surveyed(folder: &Folder) -> Survey {
    let out = Folder::empty();
    survey(&folder.options(out.path()), &Cancel::default()).expect("an inventory")
}

fn line_of(survey: &Survey, kind: SiteKind, line: u32) -> &Site {
    let found = survey
        .sites
        .iter()
        .find(|site| site.kind == kind && site.span.line == line);
    found.unwrap_or_else(|| panic!("no {kind:?} in line {line}: {:#?}", survey.sites))
}

const EVERY_KIND: &str = r#"//! Every kind of site.
#![allow(static_mut_refs)]
use std::alloc::{GlobalAlloc, Layout};
pub struct A(*mut u8);
unsafe impl Send for A {}
pub static mut COUNT: u8 = 0;
pub unsafe trait Claim { unsafe fn declared(&self); unsafe fn provided(&self) {} }
unsafe extern "C" { pub fn abs(x: i32) -> i32; }
#[unsafe(no_mangle)] pub extern "C" fn exported() {}
core::arch::global_asm!("nop");
unsafe impl GlobalAlloc for A { unsafe fn alloc(&self, _: Layout) -> *mut u8 { self.0 } unsafe fn dealloc(&self, _: *mut u8, _: Layout) {} }
impl A { pub(crate) const unsafe fn method(&self) -> u8 { unsafe { *self.0 } } }
pub fn closure() -> i32 { let call = || unsafe { abs(1) }; call() }
pub type Pointer = unsafe fn(u8) -> u8;
#[cfg(windows)] pub fn other() { unsafe { elsewhere() } }
#[cfg(test)] mod tests { fn test() { unsafe { super::abs(1) }; } }
"#;

#[test]
fn every_kind_of_site_is_found_by_both_inventories() {
    let survey = surveyed(&Folder::library(EVERY_KIND));
    let kinds: BTreeSet<SiteKind> = survey.sites.iter().map(|site| site.kind).collect();
    use SiteKind::{Attribute, Block, ExternBlock, Function, GlobalAsm, Impl, StaticMut, Trait};
    assert_eq!(
        kinds,
        BTreeSet::from([
            Block,
            Function,
            Impl,
            Trait,
            ExternBlock,
            Attribute,
            StaticMut,
            GlobalAsm
        ])
    );
    for site in &survey.sites {
        let expected = match (site.kind, site.span.line) {
            (StaticMut, _) | (_, 15) => SeenBy::Syntax,
            _ => SeenBy::Both,
        };
        assert_eq!(site.seen_by, expected, "{site:?}");
    }
    assert_eq!(survey.sites.len(), 15, "{:#?}", survey.sites);
    assert_eq!(survey.lint_messages, 13);
    let method = line_of(&survey, Function, 12);
    assert_eq!(
        (method.item.as_str(), method.span.column),
        ("A::method", 10)
    );
    assert_eq!(
        line_of(&survey, Block, 12).operations,
        [Operation::RawDeref]
    );
    assert_eq!(
        line_of(&survey, Block, 13).operations,
        [Operation::ForeignCall]
    );
    assert_eq!(line_of(&survey, Attribute, 9).item, "exported");
    let windows = line_of(&survey, Block, 15);
    assert_eq!(
        windows.built,
        Built::No {
            condition: "cfg(windows)".to_owned()
        }
    );
}

#[test]
fn attributes_that_the_lint_does_not_know_are_built_all_the_same() {
    let text = r#"#[unsafe(naked)] pub extern "C" fn naked() { core::arch::naked_asm!("") }
#[cfg_attr(windows, unsafe(no_mangle))] pub extern "C" fn elsewhere() {}
#[cfg_attr(not(windows), unsafe(no_mangle))] pub extern "C" fn here() {}
pub struct S; impl S { #[unsafe(export_name = "s_m")] pub fn m() {} #[unsafe(link_section = ".text.s")] pub fn n() {} }
"#;
    let survey = surveyed(&Folder::library(text));
    let told: Vec<(u32, &str, SeenBy, bool)> = survey
        .sites
        .iter()
        .map(|site| {
            let built = matches!(site.built, Built::Yes);
            (site.span.line, site.item.as_str(), site.seen_by, built)
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, "naked", SeenBy::Syntax, true),
            (2, "elsewhere", SeenBy::Syntax, false),
            (3, "here", SeenBy::Both, true),
            (4, "S::m", SeenBy::Both, true),
            (4, "S::n", SeenBy::Syntax, true),
        ]
    );
    let elsewhere = &line_of(&survey, SiteKind::Attribute, 2).built;
    let condition = "cfg(windows)".to_owned();
    assert_eq!(*elsewhere, Built::No { condition });
}

#[test]
fn a_body_that_is_a_macros_argument_is_listed_with_that_reason() {
    let text = "macro_rules! m { ($b:block) => { pub fn outer() -> u8 { unsafe fn inner() -> u8 $b unsafe { inner() } } } }
m! { { 1 } }
";
    let survey = surveyed(&Folder::library(text));
    let inner = line_of(&survey, SiteKind::Function, 1);
    assert_eq!(inner.seen_by, SeenBy::Both);
    let Probe::Uncounted { reason } = &inner.probe else {
        panic!("{:?}", inner.probe)
    };
    assert!(reason.contains("argument of a macro"), "{reason}");
    let block = line_of(&survey, SiteKind::Block, 1);
    assert_eq!(
        (block.seen_by, &block.probe),
        (SeenBy::Both, &Probe::Counted)
    );
}

#[test]
fn a_site_whose_keyword_a_macro_writes_again_is_the_one_among_its_arguments() {
    let text =
        "macro_rules! alias { (unsafe fn $($rest:tt)*) => { unsafe extern \"C\" fn $($rest)* }; }
alias! { unsafe fn first(p: *const u8) -> u8 { unsafe { *p } } }
alias! { unsafe fn second(p: *const u8) -> u8 { unsafe { *p } } }
pub fn both(p: *const u8) -> u8 { unsafe { first(p) + second(p) } }
";
    let survey = surveyed(&Folder::library(text));
    assert!(
        survey.sites.iter().all(|site| site.seen_by == SeenBy::Both),
        "{:#?}",
        survey.sites
    );
    for (line, item) in [(2, "first"), (3, "second")] {
        let site = line_of(&survey, SiteKind::Function, line);
        assert_eq!((site.item.as_str(), &site.probe), (item, &Probe::Counted));
    }
}

#[test]
fn one_site_in_a_macros_body_stands_for_all_its_expansions() {
    let text = r#"macro_rules! read { ($e:expr) => { unsafe { *$e } }; }
macro_rules! unused_one { () => { unsafe { nothing() } }; }
macro_rules! pass { ($($t:tt)*) => { $($t)* }; }
pub fn one(p: *const u8) -> u8 { read!(p) }
pub fn two(p: *const u8) -> u8 { read!(p) }
pass! { pub fn three(p: *const u8) -> u8 { unsafe { *p } } }
macro_rules! matcher { (unsafe { $e:expr }) => { $e }; }
pub fn four() -> u8 { matcher!(unsafe { 1 }) }
"#;
    let survey = surveyed(&Folder::library(text));
    let read = line_of(&survey, SiteKind::Block, 1);
    let expansion = read.expansion.as_ref().expect("an expansion");
    assert_eq!(expansion.macro_name, "read");
    let calls: Vec<u32> = expansion.calls.iter().map(|call| call.line).collect();
    assert_eq!((calls, read.seen_by), (vec![4, 5], SeenBy::Both));
    let Built::No { condition } = &line_of(&survey, SiteKind::Block, 2).built else {
        panic!("not expanded")
    };
    assert!(
        condition.contains("`unused_one!` is not expanded"),
        "{condition}"
    );
    assert_eq!(line_of(&survey, SiteKind::Block, 6).seen_by, SeenBy::Both);
    let Built::No { condition } = &line_of(&survey, SiteKind::Block, 8).built else {
        panic!("rewritten")
    };
    assert!(
        condition.contains("`matcher!` drops or rewrites it"),
        "{condition}"
    );
    assert_eq!(survey.lint_messages, 3);
}

#[test]
fn modules_are_followed_by_path_and_conditions_add_up() {
    let folder = Folder::library(
        "#[path = \"elsewhere/deep.rs\"] pub mod deep;\n#[cfg(feature = \"extra\")] pub mod extra;\npub mod a { pub mod b; }\nmod missing_macro { macro_rules! m { () => { mod absent; } } }\ninclude!(\"included.rs\");\n",
    );
    folder.write("Cargo.toml", &manifest("fixture", "[features]\nextra = []"));
    folder.write(
        "src/elsewhere/deep.rs",
        "pub fn f(p: *const u8) -> u8 { unsafe { *p } }\npub mod child;",
    );
    folder.write("src/elsewhere/child.rs", "pub unsafe fn g() {}");
    folder.write(
        "src/extra.rs",
        "#[cfg(windows)] pub fn f() { unsafe { g() } }",
    );
    folder.write("src/a/b.rs", "pub unsafe fn h() {}");
    folder.write("src/included.rs", "pub unsafe fn i() {}");
    folder.write("src/stray.rs", "pub unsafe fn never() {}");
    let survey = surveyed(&folder);
    let items: Vec<(&str, &str)> = survey
        .sites
        .iter()
        .map(|site| (site.span.file.as_str(), site.item.as_str()))
        .collect();
    assert_eq!(
        items,
        [
            ("src/a/b.rs", "a::b::h"),
            ("src/elsewhere/child.rs", "deep::child::g"),
            ("src/elsewhere/deep.rs", "deep::f"),
            ("src/extra.rs", "extra::f"),
            ("src/included.rs", "i"),
        ]
    );
    let extra = survey
        .sites
        .iter()
        .find(|site| site.item == "extra::f")
        .expect("found");
    assert_eq!(
        extra.built,
        Built::No {
            condition: "cfg(all(feature = \"extra\", windows))".to_owned()
        }
    );
}

#[test]
fn what_cannot_be_read_is_noted_and_the_rest_is_inventoried() {
    let folder = Folder::library(
        "pub mod good;\n#[cfg(windows)] pub mod broken;\n#[cfg(windows)] pub mod bytes;\n",
    );
    folder.write("src/good.rs", "pub unsafe fn f() {}");
    folder.write("src/broken.rs", "fn f() { (");
    std::fs::write(folder.path().join("src/bytes.rs"), b"// \xff\xfe").expect("written");
    let survey = surveyed(&folder);
    assert_eq!(survey.sites.len(), 1);
    assert_eq!(
        survey.notes,
        [
            "`src/broken.rs` was not read: line 1: this delimiter is never closed",
            "`src/bytes.rs` was not read: it is not UTF-8",
        ]
    );
}

#[test]
fn what_a_macro_of_another_package_expands_to_belongs_to_that_package() {
    let folder =
        Folder::library("use helper::deref;\npub fn f(p: *const u8) -> u8 {\n    deref!(p)\n}\n");
    folder.write(
        "Cargo.toml",
        &manifest("fixture", "[dependencies]\nhelper = { path = \"helper\" }"),
    );
    folder.write("helper/Cargo.toml", &manifest("helper", ""));
    folder.write(
        "helper/src/lib.rs",
        "#[macro_export] macro_rules! deref { ($e:expr) => { unsafe { *$e } }; }",
    );
    let out = Folder::empty();
    let mut options = folder.options(out.path());
    let own = survey(&options, &Cancel::default()).expect("an inventory");
    assert_eq!((own.sites.len(), own.lint_messages), (0, 0));
    options.selection = Selection::Package("helper".to_owned());
    let helper = survey(&options, &Cancel::default()).expect("an inventory");
    let Built::No { condition } = &line_of(&helper, SiteKind::Block, 1).built else {
        panic!("not expanded")
    };
    assert!(condition.contains("exported macro `deref!`"), "{condition}");
}

#[test]
fn a_build_scripts_output_leaves_a_site_that_only_the_compiler_sees() {
    let folder = Folder::library(
        "pub mod generated { include!(concat!(env!(\"OUT_DIR\"), \"/code.rs\")); }",
    );
    let script = "fn main() { let out = std::env::var(\"OUT_DIR\").unwrap(); println!(\"cargo::rustc-cfg=probed\"); std::fs::write(out + \"/code.rs\", \"pub unsafe fn made() {}\").unwrap(); }";
    folder.write("build.rs", script);
    let survey = surveyed(&folder);
    let [site] = survey.sites.as_slice() else {
        panic!("{:?}", survey.sites)
    };
    assert_eq!(
        (site.seen_by, site.span.file.as_str()),
        (SeenBy::Compiler, "$OUT_DIR/code.rs")
    );
    assert!(
        matches!(&site.probe, Probe::Uncounted { reason } if reason.contains("generated")),
        "{site:?}"
    );
}

#[test]
fn orderings_are_listed_as_written() {
    let text = "use std::sync::atomic::{AtomicUsize, Ordering::{self, *}, fence};\npub struct S { head: AtomicUsize }\nimpl S { pub fn f(&self) -> bool { fence(SeqCst); self.head.store(1, Ordering::Release); self.head.compare_exchange(1, 2, AcqRel, Relaxed).is_ok() } }\npub fn not_one(v: &mut Vec<u8>) { v.swap(0, 1) }\n";
    let survey = surveyed(&Folder::library(text));
    let listed: Vec<(String, String, String)> = survey
        .atomics
        .iter()
        .map(|atomic| {
            (
                atomic.place.clone(),
                atomic.operation.clone(),
                atomic.orderings.join(" "),
            )
        })
        .collect();
    let expected = [
        ("", "fence", "SeqCst"),
        ("self.head", "store", "Release"),
        ("self.head", "compare_exchange", "AcqRel Relaxed"),
    ];
    assert_eq!(
        listed,
        expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
    );
    assert_eq!(survey.atomics[1].item, "S::f");
}

#[test]
fn the_users_tree_is_left_as_it_was() {
    let folder = Folder::library("pub unsafe fn f() {}");
    let before = tree(folder.path());
    let survey = surveyed(&folder);
    assert_eq!(survey.sites.len(), 1);
    assert_eq!(
        tree(folder.path()),
        before,
        "no lock file and no target folder appear"
    );
}

#[test]
fn a_second_inventory_of_the_same_folder_hears_the_compiler_again() {
    let folder = Folder::library("pub unsafe fn f() {}");
    let out = Folder::empty();
    for _ in 0..2 {
        let survey = survey(&folder.options(out.path()), &Cancel::default()).expect("an inventory");
        assert_eq!(survey.lint_messages, 1);
    }
}

#[test]
fn a_package_that_does_not_build_says_so_with_the_first_error() {
    let folder = Folder::library("pub fn f() -> u8 { \"text\" }");
    let out = Folder::empty();
    let error =
        survey(&folder.options(out.path()), &Cancel::default()).expect_err("does not build");
    let Error::DoesNotBuild { package, message } = error else {
        panic!("{error}")
    };
    assert_eq!(package, "fixture");
    assert!(message.contains("mismatched types"), "{message}");
}

#[test]
fn a_virtual_workspace_lists_its_members_and_a_misspelt_package_names_the_near_ones() {
    let folder = Folder::empty();
    folder.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"3\"\n",
    );
    for name in ["one", "two"] {
        folder.write(&format!("{name}/Cargo.toml"), &manifest(name, ""));
        folder.write(&format!("{name}/src/lib.rs"), "");
    }
    let out = Folder::empty();
    let mut options = folder.options(out.path());
    let refused = |options: &_| survey_source(options).expect_err("refused").to_string();
    assert!(
        refused(&options).contains("members: one, two"),
        "{}",
        refused(&options)
    );
    options.selection = Selection::Package("tow".to_owned());
    assert!(refused(&options).contains("`tow`"), "{}", refused(&options));
    options.selection = Selection::Package("onee".to_owned());
    assert!(
        refused(&options).contains("near it: `one`"),
        "{}",
        refused(&options)
    );
    options.selection = Selection::Package("two".to_owned());
    options.exercise = Exercise::Bin {
        name: "run".to_owned(),
    };
    assert!(
        refused(&options).contains("no program named `run`; it has none"),
        "{}",
        refused(&options)
    );
    options.manifest = Some(folder.path().join("nowhere"));
    assert!(
        refused(&options).contains("nowhere"),
        "{}",
        refused(&options)
    );
}

#[test]
fn the_scan_is_measured_for_each_number_of_threads() {
    let folder = Folder::library(EVERY_KIND);
    let out = Folder::empty();
    let timings = measure_scan(&folder.options(out.path()), &[1, 2]).expect("measured");
    let measured: Vec<(usize, usize, usize)> = timings
        .iter()
        .map(|timing| (timing.files, timing.lines, timing.threads))
        .collect();
    assert_eq!(measured, [(1, 16, 1), (1, 16, 2)]);
}

#[test]
fn code_in_the_length_of_a_unions_array_is_a_site() {
    let text = "pub union U { a: [u8; unsafe { length() }], b: u8 }\n\
                const unsafe fn length() -> usize { 3 }\n";
    let survey = surveyed(&Folder::library(text));
    assert_eq!(line_of(&survey, SiteKind::Block, 1).seen_by, SeenBy::Both);
}
