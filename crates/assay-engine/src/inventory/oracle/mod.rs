//! The walker against a parser that knows the whole grammar, and against text that no grammar knows.

mod cases;
mod parsed;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::operations::classify;
use super::safety;
use super::source::Source;
use super::syntax::scan;
use super::{first_item, id::Ids, inside_brace};
use parsed::{Parsed, Seen, plain};

/// What the walker finds in the same places.
fn walked(source: &Source) -> BTreeSet<Seen> {
    let found = scan(source, &[]);
    let outside = found
        .sites
        .into_iter()
        .filter(|site| site.in_macro.is_none() && site.argument_of.is_none());
    outside
        .map(|site| {
            let (line, column) = source.position(source.start(site.keyword));
            let cfgs = site.cfgs.iter().map(|cfg| plain(&cfg.to_string()));
            Seen {
                line: line as usize,
                column: column as usize - 1,
                kind: site.kind,
                item: site.item,
                cfgs: cfgs.collect(),
            }
        })
        .collect()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// What a comparison of many files came to.
#[derive(Default)]
struct Compared {
    files: usize,
    sites: usize,
    unparsed: usize,
    unread: usize,
    differing: Vec<String>,
}

impl Compared {
    fn add(&mut self, path: &Path) {
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        proc_macro2::extra::invalidate_current_thread_spans();
        let Some(parsed) = Parsed::new(&text) else {
            self.unparsed += 1;
            if std::env::var_os("UNPARSED").is_some() {
                println!("unparsed {}", path.display());
            }
            return;
        };
        let source = match Source::new(String::new(), text) {
            Ok(source) => source,
            Err(reason) => {
                self.differing.push(format!("{}: {reason}", path.display()));
                return;
            }
        };
        let mut walked = walked(&source);
        let before = walked.len();
        walked.retain(|site| !parsed.is_unread(site.line, site.column));
        self.unread += before - walked.len();
        self.files += 1;
        self.sites += walked.len();
        for (whose, site) in walked
            .difference(&parsed.sites)
            .map(|site| ("walker", site))
            .chain(
                parsed
                    .sites
                    .difference(&walked)
                    .map(|site| ("parser", site)),
            )
        {
            let (line, column) = (site.line, site.column + 1);
            self.differing.push(format!(
                "{}:{line}:{column}: only the {whose}: {:?} in {} {:?}",
                path.display(),
                site.kind,
                site.item,
                site.cfgs
            ));
        }
    }
}

/// Compares on a thread of its own: syn recurses as deep as the code nests.
fn compare(files: Vec<PathBuf>) -> Compared {
    let work = move || {
        let mut compared = Compared::default();
        for path in files {
            compared.add(&path);
        }
        compared
    };
    let worker = std::thread::Builder::new().stack_size(256 << 20);
    let worker = worker.spawn(work).expect("a thread starts");
    worker.join().expect("neither side panics")
}

#[test]
fn the_walker_agrees_with_a_parser_on_every_file_of_this_repository() {
    let mut files = Vec::new();
    for folder in ["crates", "testdata", "xtask"] {
        rust_files(&repository().join(folder), &mut files);
    }
    assert!(files.len() > 20, "the repository has sources");
    let compared = compare(files);
    assert_eq!(compared.differing, Vec::<String>::new());
    assert!(compared.sites > 50, "{} sites", compared.sites);
}

/// Lists folders to compare in full: `ASSAY_ORACLE_FOLDERS=a:b cargo test --release -p assay-engine --lib oracle`.
const FOLDERS: &str = "ASSAY_ORACLE_FOLDERS";

/// Without it, text in which to look: a parser without optimisation reads so much in some seconds.
const BYTES: u64 = 4 << 20;

/// The unpacked sources of the packages that the lock file names.
///
/// The lock file keeps the outcome from depending on what else a machine has unpacked.
fn dependencies() -> Vec<PathBuf> {
    let home = std::env::home_dir().unwrap_or_default().join(".cargo");
    let home = std::env::var_os("CARGO_HOME").map_or(home, PathBuf::from);
    let lock = std::fs::read_to_string(repository().join("Cargo.lock")).unwrap_or_default();
    let value = |line: &str, key: &str| {
        let quoted = line.strip_prefix(key)?.strip_prefix(" = \"")?;
        Some(quoted.trim_end_matches('"').to_owned())
    };
    let names = lock.lines().filter_map(|line| value(line, "name"));
    let versions = lock.lines().filter_map(|line| value(line, "version"));
    let packages: Vec<String> = names
        .zip(versions)
        .map(|(name, version)| format!("{name}-{version}"))
        .collect();
    let registries = std::fs::read_dir(home.join("registry/src"));
    let registries = registries.into_iter().flatten().flatten();
    registries
        .flat_map(|registry| packages.iter().map(move |name| registry.path().join(name)))
        .filter(|folder| folder.is_dir())
        .collect()
}

/// Files with unsafe code from all over the list, `BYTES` together.
fn sample(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    files.retain(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains("unsafe")));
    files.sort();
    let size = |path: &PathBuf| path.metadata().map_or(0, |meta| meta.len());
    let step = 1 + files.iter().map(size).sum::<u64>() / BYTES;
    files.into_iter().step_by(step as usize).collect()
}

#[test]
fn the_walker_agrees_with_a_parser_on_the_sources_of_the_dependencies() {
    let chosen = std::env::var_os(FOLDERS);
    let folders = match &chosen {
        Some(list) => std::env::split_paths(list).collect(),
        None => dependencies(),
    };
    let mut files = Vec::new();
    for folder in &folders {
        rust_files(folder, &mut files);
    }
    if files.is_empty() {
        println!("not run: no dependency is unpacked below the registry's folder");
        return;
    }
    if chosen.is_none() {
        files = sample(files);
    }
    let compared = compare(files);
    println!(
        "{} files with {} sites compared; {} files do not parse, {} sites lie in syntax that syn leaves unread",
        compared.files, compared.sites, compared.unparsed, compared.unread
    );
    assert_eq!(compared.differing, Vec::<String>::new());
}

/// Everything that reads a file's tokens.
fn read_all(text: &str) {
    let Ok(source) = Source::new("src/lib.rs".to_owned(), text.to_owned()) else {
        return;
    };
    let found = scan(&source, &["module".to_owned()]);
    let mut ids = Ids::new("package");
    for site in &found.sites {
        ids.of_source(&source, site);
        classify(&source, site, &found.names);
        safety::argument(&source, site);
        source.span(
            source.start(site.from),
            source.end(site.to.saturating_sub(1)),
        );
        if let Some(body) = site.body {
            inside_brace(&source, body);
        }
    }
    for function in &found.functions {
        inside_brace(&source, function.body);
    }
    first_item(&source);
    found.item_at(&source, 7);
}

const PIECES: &[&str] = &[
    "unsafe",
    "fn",
    "impl",
    "trait",
    "mod",
    "extern",
    "\"C\"",
    "static",
    "mut",
    "const",
    "pub",
    "(crate)",
    "for",
    "where",
    "macro_rules",
    "macro",
    "union",
    "struct",
    "let",
    "if",
    "else",
    "match",
    "=>",
    "->",
    "::",
    "<",
    ">",
    "=",
    ";",
    ",",
    ".",
    "#",
    "!",
    "$",
    "&",
    "*",
    "?",
    "'a",
    "'x'",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "x",
    "T",
    "Send",
    "r#type",
    "1.5e-3",
    "0..2",
    "// SAFETY: so\n",
    "/// # Safety\n",
    "/* a */",
    "//! x\n",
    "#[cfg(test)]",
    "#[cfg(windows)]",
    "#![no_std]",
    "#[unsafe(no_mangle)]",
    "#[path = \"x.rs\"]",
    "cfg_if!",
    "cfg_select!",
    "stringify!",
    "global_asm!",
    "include!",
    "a.load(Acquire)",
    "fence(SeqCst)",
    "ptr::read(p)",
    "unsafe { *p }",
    "fn f() {",
    "impl X {",
    "r#\"",
    "b'",
    "\\",
    "é",
    "\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_the_walker_panic(text in "\\PC{0,200}") {
        read_all(&text);
    }

    #[test]
    fn no_sequence_of_tokens_makes_the_walker_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        read_all(&pieces.join(" "));
        read_all(&pieces.concat());
    }

    #[test]
    fn balanced_token_edits_of_real_code_do_not_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u8..3), 1..20)) {
        let text = include_str!("../syntax.rs");
        let source = Source::new(String::new(), text.to_owned()).expect("lexes");
        let mut words: Vec<&str> = (0..source.len()).map(|at| source.word(at)).collect();
        for (at, other, what) in edits {
            let (at, other) = (at.index(words.len()), other.index(words.len()));
            let is_delimiter = |word: &str| matches!(word, "{" | "}" | "(" | ")" | "[" | "]");
            match what {
                0 if !is_delimiter(words[at]) => drop(words.remove(at)),
                1 if !is_delimiter(words[other]) => words.insert(at, words[other]),
                2 if !is_delimiter(words[at]) && !is_delimiter(words[other]) => words.swap(at, other),
                _ => {}
            }
        }
        read_all(&words.join(" "));
    }
}
