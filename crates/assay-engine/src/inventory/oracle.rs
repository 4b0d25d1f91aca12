//! The walker against a parser that knows the whole grammar, and against text that no grammar knows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assay_evidence::SiteKind;
use proptest::prelude::*;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use super::operations::classify;
use super::safety;
use super::source::Source;
use super::syntax::scan;
use super::{first_item, id::Ids, inside_brace};

/// Line, column and kind of the keyword of a site.
type Seen = BTreeSet<(usize, usize, SiteKind)>;

/// What syn finds outside macros and tests.
#[derive(Default)]
struct Visitor(Seen);

impl Visitor {
    fn add(&mut self, span: proc_macro2::Span, kind: SiteKind) {
        let start = span.start();
        self.0.insert((start.line, start.column, kind));
    }
}

fn needs_test(condition: &str) -> bool {
    let part = condition.strip_prefix("all(").unwrap_or(condition);
    part == "test" || part.starts_with("test,")
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let last = path
            .segments
            .last()
            .map(|segment| segment.ident.to_string());
        let in_test = attribute.meta.require_list().is_ok_and(|list| {
            path.is_ident("cfg") && needs_test(&list.tokens.to_string().replace(' ', ""))
        });
        in_test || last.is_some_and(|last| last == "test")
    })
}

impl<'ast> Visit<'ast> for Visitor {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if is_test(&item.attrs) {
            return;
        }
        if let syn::Safety::Unsafe(token) = &item.sig.safety {
            self.add(token.span(), SiteKind::Function);
        }
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if let syn::Safety::Unsafe(token) = &item.sig.safety {
            self.add(token.span(), SiteKind::Function);
        }
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let syn::Safety::Unsafe(token) = &item.sig.safety {
            let kind = if item.default.is_some() {
                SiteKind::Function
            } else {
                SiteKind::Trait
            };
            self.add(token.span(), kind);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let Some(token) = &item.unsafety {
            self.add(token.span(), SiteKind::Impl);
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        if let Some(token) = &item.unsafety {
            self.add(token.span(), SiteKind::Trait);
        }
        visit::visit_item_trait(self, item);
    }

    fn visit_expr_unsafe(&mut self, block: &'ast syn::ExprUnsafe) {
        self.add(block.unsafe_token.span(), SiteKind::Block);
        visit::visit_expr_unsafe(self, block);
    }
}

/// What the walker finds in the same places.
fn walked(source: &Source) -> Seen {
    use SiteKind::{Block, Function, Impl, Trait};
    let found = scan(source, &[]);
    let outside = found
        .sites
        .iter()
        .filter(|site| site.in_macro.is_none() && site.argument_of.is_none());
    let kinds = outside.filter(|site| matches!(site.kind, Block | Function | Impl | Trait));
    kinds
        .map(|site| {
            let (line, column) = source.position(source.start(site.keyword));
            (line as usize, column as usize - 1, site.kind)
        })
        .collect()
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

#[test]
fn the_walker_agrees_with_a_parser_on_every_file_of_this_repository() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for folder in ["crates", "testdata", "xtask"] {
        rust_files(&repository.join(folder), &mut files);
    }
    assert!(files.len() > 20, "the repository has sources");
    let mut sites = 0;
    for path in files {
        let text = std::fs::read_to_string(&path).expect("readable");
        let Ok(parsed) = syn::parse_file(&text) else {
            continue;
        };
        let mut visitor = Visitor::default();
        visitor.visit_file(&parsed);
        let source = Source::new(String::new(), text).expect("what parses also lexes");
        assert_eq!(walked(&source), visitor.0, "{}", path.display());
        sites += visitor.0.len();
    }
    assert!(sites > 50, "{sites} sites were compared");
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
    for method in &found.methods {
        inside_brace(&source, method.body);
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
        let text = include_str!("syntax.rs");
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
