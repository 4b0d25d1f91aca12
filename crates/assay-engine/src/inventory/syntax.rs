//! Finds unsafe sites in the tokens of one file.
//!
//! One walker reads everything: items, expressions, bodies of macros and arguments of macro calls. It knows as much
//! grammar as it takes to name the enclosing item and the conditions above it.

use super::atomics::{self, RawAtomic};
use super::cfg::Cfg;
use super::extent::{extent, modifiers_start, path_start, semicolon_end};
use super::header::{Attributes, ImplHead, UnsafeAttribute, head_end, string_value};
use super::macros;
use super::operations::Names;
use super::source::Source;
use assay_evidence::SiteKind;

/// A macro whose body holds a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MacroBody {
    /// Its name, without `!`.
    pub(crate) name: String,
    /// Whether other crates can call it.
    pub(crate) exported: bool,
}

/// A site as one file shows it.
#[derive(Clone, Debug)]
pub(crate) struct RawSite {
    /// What stands there.
    pub(crate) kind: SiteKind,
    /// Path of the enclosing item, module path included.
    pub(crate) item: String,
    /// First token, modifiers such as `pub` included.
    pub(crate) from: usize,
    /// The token after the last.
    pub(crate) to: usize,
    /// The token that makes it a site: `unsafe`, or the first one.
    pub(crate) keyword: usize,
    /// The token after the head: what identifies an `impl` or a `trait` ends there.
    pub(crate) head: usize,
    /// The opening brace of what can execute.
    pub(crate) body: Option<usize>,
    /// Conditions above it, the file's own left out.
    pub(crate) cfgs: Vec<Cfg>,
    /// The macro in whose body it stands.
    pub(crate) in_macro: Option<MacroBody>,
    /// The macro among whose arguments it stands.
    pub(crate) argument_of: Option<String>,
    /// For an `impl`, and for a method in one.
    pub(crate) impl_head: Option<ImplHead>,
    /// Whether the compiler's `unsafe_code` lint reports such a site.
    pub(crate) linted: bool,
}

/// A function with a body.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// Its path.
    pub(crate) item: String,
    /// For a method, the implementing type's last path segment.
    pub(crate) self_key: Option<String>,
    /// For a method of a trait, the trait's last path segment.
    pub(crate) of_trait: Option<String>,
    /// Its name: from there to the body runs its signature.
    pub(crate) head: usize,
    /// The opening brace.
    pub(crate) body: usize,
    /// Conditions above it, the file's own left out.
    pub(crate) cfgs: Vec<Cfg>,
    /// The macro in whose body it stands.
    pub(crate) in_macro: Option<MacroBody>,
}

/// A module or an `include!` that lies in another file.
#[derive(Clone, Debug)]
pub(crate) struct FileRef {
    /// The module's name; none for `include!`.
    pub(crate) name: Option<String>,
    /// The path that an attribute or the `include!` names.
    pub(crate) path: Option<String>,
    /// The path of the module whose items lie in it.
    pub(crate) module: Vec<String>,
    /// Folders of the inline modules around the declaration.
    pub(crate) inside: Vec<String>,
    /// Conditions above it.
    pub(crate) cfgs: Vec<Cfg>,
    /// Whether it stands in a macro, so that the file may belong to nobody.
    pub(crate) in_macro: bool,
}

/// What one file holds.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Sites in order.
    pub(crate) sites: Vec<RawSite>,
    /// Atomic operations in order.
    pub(crate) atomics: Vec<RawAtomic>,
    /// Functions and methods with a body.
    pub(crate) functions: Vec<Function>,
    /// Names of the types that are declared.
    pub(crate) types: Vec<String>,
    /// Other files it needs.
    pub(crate) files: Vec<FileRef>,
    /// Names that tell operations apart.
    pub(crate) names: Names,
    /// Functions and blocks of items: first token, token after the last, path.
    pub(crate) items: Vec<(usize, usize, String)>,
}

impl Scan {
    /// Path of the innermost item around a byte offset.
    pub(crate) fn item_at(&self, source: &Source, offset: u32) -> &str {
        let around = |item: &&(usize, usize, String)| {
            source.start(item.0) <= offset && item.1 > 0 && offset < source.end(item.1 - 1)
        };
        self.items
            .iter()
            .filter(around)
            .min_by_key(|item| item.1 - item.0)
            .map_or("crate", |item| &item.2)
    }
}

/// Walks a file whose items lie in `module`.
pub(crate) fn scan(source: &Source, module: &[String]) -> Scan {
    let mut walker = Walker {
        source,
        path: module.to_vec(),
        modules: Vec::new(),
        cfgs: Vec::new(),
        in_macro: None,
        argument_of: None,
        impl_head: None,
        in_trait: false,
        in_foreign: false,
        out: Scan::default(),
    };
    walker.walk(0, source.len(), &Attributes::default());
    walker
        .out
        .sites
        .sort_by_key(|site| (source.start(site.from), site.to));
    walker.out
}

pub(super) struct Walker<'a> {
    pub(super) source: &'a Source,
    pub(super) path: Vec<String>,
    pub(super) modules: Vec<String>,
    pub(super) cfgs: Vec<Cfg>,
    pub(super) in_macro: Option<MacroBody>,
    pub(super) argument_of: Option<String>,
    pub(super) impl_head: Option<ImplHead>,
    pub(super) in_trait: bool,
    pub(super) in_foreign: bool,
    pub(super) out: Scan,
}

impl Walker<'_> {
    /// Walks tokens `at..end`; `attributes` belong to the first thing in it.
    pub(super) fn walk(&mut self, mut at: usize, end: usize, attributes: &Attributes) {
        let depth = self.cfgs.len();
        while at < end {
            at = if self.source.is_punct(at, b'#') {
                self.attributed(at, end)
            } else if self.source.is_ident(at) {
                self.word(at, end, attributes)
            } else if let Some(close) = self.source.group_end(at) {
                self.walk(at + 1, close, &Attributes::default());
                close + 1
            } else {
                at + 1
            };
        }
        self.cfgs.truncate(depth);
    }

    /// Reads the attributes that start at `at`, then what they stand before.
    fn attributed(&mut self, mut at: usize, end: usize) -> usize {
        let mut attributes = Attributes::default();
        while at < end && self.source.is_punct(at, b'#') {
            let inner = self.source.is_punct(at + 1, b'!');
            let open = at + 1 + usize::from(inner);
            if !self.source.is_open(open, b'[') {
                if attributes.cfgs.is_empty() && attributes.unsafe_ones.is_empty() {
                    return at + 1;
                }
                break;
            }
            let Some(close) = self.source.group_end(open) else {
                return end;
            };
            if inner {
                let mut own = Attributes::default();
                own.add(self.source, at, open, close);
                if own.test {
                    return end;
                }
                self.cfgs.append(&mut own.cfgs);
            } else {
                attributes.add(self.source, at, open, close);
            }
            at = close + 1;
        }
        let stop = extent(self.source, at, end);
        if attributes.test {
            return stop;
        }
        let depth = self.cfgs.len();
        self.cfgs.extend(attributes.cfgs.iter().cloned());
        for attribute in &attributes.unsafe_ones {
            self.attribute_site(attribute, at, stop);
        }
        self.walk(at, stop, &attributes);
        self.cfgs.truncate(depth);
        stop.max(at)
    }

    fn attribute_site(&mut self, attribute: &UnsafeAttribute, item: usize, stop: usize) {
        let source = self.source;
        let named = (item..stop).find(|at| {
            matches!(source.word(*at), "fn" | "static" | "mod")
                || (source.is_word(*at, "const") && source.is_punct(at + 2, b':'))
        });
        let name = named
            .map(|at| at + 1 + usize::from(source.is_word(at + 1, "mut")))
            .filter(|at| source.is_ident(*at))
            .map(|at| source.word(at).to_owned());
        let depth = (self.path.len(), self.cfgs.len());
        self.path.extend(name);
        self.cfgs.extend(attribute.condition.clone());
        // The lint knows three of them, and does not look at the sections of methods.
        let linted = match attribute.name.as_str() {
            "no_mangle" | "export_name" => true,
            "link_section" => self.impl_head.is_none(),
            _ => false,
        };
        let (from, to) = (attribute.from, attribute.to);
        self.site(SiteKind::Attribute, from, to, from, to, None, linted);
        self.path.truncate(depth.0);
        self.cfgs.truncate(depth.1);
    }

    /// Reads what an identifier or keyword at `at` begins; returns where to go on.
    fn word(&mut self, at: usize, end: usize, attributes: &Attributes) -> usize {
        let source = self.source;
        if at > 0 && source.is_punct(at - 1, b'$') {
            return at + 1;
        }
        match source.word(at) {
            "unsafe" => self.unsafety(at, end),
            "fn" => self.function(at, end, None),
            "extern" => self.foreign(at, end, None),
            "impl" => self.implementation(at, end, None),
            "trait" => self.trait_item(at, end, None),
            "mod" => self.module(at, end, attributes),
            "static" | "const" => self.constant(at, end),
            "struct" | "enum" => {
                self.declared(at + 1);
                at + 1
            }
            "union" => self.union_item(at, end),
            "use" if self.starts_item(at) && !source.is_punct(at + 1, b'<') => {
                semicolon_end(source, at, end)
            }
            "macro_rules" if source.is_punct(at + 1, b'!') => {
                macros::rules(self, at, end, attributes.exported)
            }
            "macro" if source.is_ident(at + 1) => macros::declarative(self, at, end),
            _ if source.is_punct(at + 1, b'!') => self.macro_call(at, end),
            word => {
                if atomics::may_be_one(word) {
                    let found = atomics::read(source, at, end);
                    if let Some((place, orderings)) = found {
                        let atomic = RawAtomic {
                            start: source.start(at),
                            from: at,
                            item: self.item(),
                            place,
                            operation: word.to_owned(),
                            orderings,
                        };
                        self.out.atomics.push(atomic);
                    }
                }
                at + 1
            }
        }
    }

    /// `unsafe`: a block, or the modifier of an item.
    fn unsafety(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        let next = at + 1;
        if source.is_open(next, b'{') && next < end {
            let close = source.group_end(next).unwrap_or(end);
            self.site(SiteKind::Block, at, close + 1, at, next, Some(next), true);
            self.walk(next + 1, close, &Attributes::default());
            return close + 1;
        }
        match source.word(next) {
            "fn" => self.function(next, end, Some(at)),
            "extern" => self.foreign(next, end, Some(at)),
            "impl" => self.implementation(next, end, Some(at)),
            "trait" => self.trait_item(next, end, Some(at)),
            "auto" if source.is_word(next + 1, "trait") => self.trait_item(next + 1, end, Some(at)),
            _ => next,
        }
    }

    /// The `unsafe` of `$(unsafe)? fn` or `$($unsafe)? fn`, whose `fn` stands at `at`.
    fn optional_unsafety(&self, at: usize) -> Option<usize> {
        let source = self.source;
        let close = at.checked_sub(2)?;
        let open = source.group_start(close)?;
        let keyword = open + 1 + usize::from(source.is_punct(open + 1, b'$'));
        let stands_alone = keyword + 1 == close && source.is_word(keyword, "unsafe");
        let repeats = open > 0 && source.is_punct(open - 1, b'$') && source.is_punct(at - 1, b'?');
        (stands_alone && repeats).then_some(keyword)
    }

    /// `fn` at `at`; a function pointer's type has no name and is passed over.
    pub(super) fn function(&mut self, at: usize, end: usize, unsafety: Option<usize>) -> usize {
        let source = self.source;
        let unsafety = unsafety.or_else(|| self.optional_unsafety(at));
        let name_at = at + 1 + usize::from(source.is_punct(at + 1, b'$'));
        if !source.is_ident(name_at) || name_at >= end {
            return at + 1;
        }
        let name = source.compact(at + 1, name_at + 1);
        let stop = head_end(source, name_at, end);
        let body = (stop < end && source.is_open(stop, b'{')).then_some(stop);
        // Past the body, or past `;`; a head that ends otherwise has a fragment of a macro for its body.
        let is_declared = source.is_punct(stop, b';');
        let past = match body.and_then(|open| source.group_end(open)) {
            Some(close) => close + 1,
            None => stop + usize::from(is_declared),
        };
        let past = past.min(end);
        self.path.push(name.clone());
        if let Some(keyword) = unsafety {
            let kind = match body {
                None if is_declared => SiteKind::Trait,
                _ => SiteKind::Function,
            };
            let from = modifiers_start(source, keyword);
            let is_fragment = !is_declared && self.in_macro.is_some();
            if body.is_some() || self.in_trait || is_fragment {
                self.site(kind, from, past, keyword, stop, body, true);
            }
            self.out.names.unsafe_fns.insert(name);
        }
        self.out.items.push((at, past, self.item()));
        self.walk(name_at + 1, stop, &Attributes::default());
        if let Some(open) = body {
            let function = Function {
                item: self.item(),
                self_key: self.impl_head.as_ref().map(|head| head.self_key.clone()),
                of_trait: self
                    .impl_head
                    .as_ref()
                    .and_then(|head| head.trait_name.clone()),
                head: name_at,
                body: open,
                cfgs: self.cfgs.clone(),
                in_macro: self.in_macro.clone(),
            };
            self.out.functions.push(function);
            // Items inside the body belong to no impl block of this one.
            let outer = (self.impl_head.take(), std::mem::take(&mut self.in_trait));
            self.walk(open + 1, past.saturating_sub(1), &Attributes::default());
            (self.impl_head, self.in_trait) = outer;
        }
        self.path.pop();
        past
    }

    /// `name!` at `at`: the arguments are read as code, unless the macro only writes them down.
    fn macro_call(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        let name = source.word(at);
        let open = at + 2;
        let Some(close) = source.group_end(open).filter(|close| *close < end) else {
            return at + 1;
        };
        if matches!(
            name,
            "return" | "in" | "if" | "while" | "match" | "else" | "break" | "yield"
        ) {
            return at + 1;
        }
        if name == "global_asm" {
            let from = path_start(source, at);
            self.site(
                SiteKind::GlobalAsm,
                from,
                close + 1,
                at,
                close + 1,
                None,
                true,
            );
        }
        if name == "include"
            && let Some(path) = string_value(source.word(open + 1))
        {
            let file = FileRef {
                name: None,
                path: Some(path),
                module: self.path.clone(),
                inside: Vec::new(),
                cfgs: self.cfgs.clone(),
                in_macro: true,
            };
            self.out.files.push(file);
        }
        if macros::writes_down(name) {
            return close + 1;
        }
        let outer = self.argument_of.replace(name.to_owned());
        match name {
            "cfg_if" => macros::cfg_if(self, open + 1, close),
            "cfg_select" => macros::cfg_select(self, open + 1, close),
            _ => self.walk(open + 1, close, &Attributes::default()),
        }
        self.argument_of = outer;
        close + 1
    }

    fn starts_item(&self, at: usize) -> bool {
        at == 0 || !self.source.is_punct(at - 1, b'.')
    }

    pub(super) fn item(&self) -> String {
        if self.path.is_empty() {
            "crate".to_owned()
        } else {
            self.path.join("::")
        }
    }

    pub(super) fn site(
        &mut self,
        kind: SiteKind,
        from: usize,
        to: usize,
        keyword: usize,
        head: usize,
        body: Option<usize>,
        linted: bool,
    ) {
        let site = RawSite {
            kind,
            item: self.item(),
            from,
            to,
            keyword,
            head,
            body,
            cfgs: self.cfgs.clone(),
            in_macro: self.in_macro.clone(),
            argument_of: self.argument_of.clone(),
            impl_head: self.impl_head.clone(),
            linted,
        };
        self.out.sites.push(site);
    }
}
