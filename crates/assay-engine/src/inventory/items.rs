//! Items that hold others: extern blocks, `impl`, traits, modules, statics and unions.

use assay_evidence::SiteKind;

use super::extent::{modifiers_start, semicolon_end};
use super::header::{Attributes, head_end, impl_head};
use super::lexer::Kind;
use super::syntax::{FileRef, Walker};

impl Walker<'_> {
    /// `extern` at `at`: a block, the ABI of a function, or an extern crate.
    pub(super) fn foreign(&mut self, at: usize, end: usize, unsafety: Option<usize>) -> usize {
        let source = self.source;
        let next = match source.kind(at + 1) {
            Some(Kind::Literal) => at + 2,
            Some(Kind::Punct(b'$')) if source.is_ident(at + 2) => at + 3,
            _ => at + 1,
        };
        if next >= end {
            return next;
        }
        if source.is_word(next, "fn") {
            return self.function(next, end, unsafety);
        }
        if !source.is_open(next, b'{') {
            return next;
        }
        let close = source.group_end(next).unwrap_or(end);
        let keyword = unsafety.unwrap_or(at);
        self.site(
            SiteKind::ExternBlock,
            keyword,
            close + 1,
            keyword,
            next,
            None,
            unsafety.is_some(),
        );
        self.foreign_names(next + 1, close);
        let outer = (
            std::mem::replace(&mut self.in_foreign, true),
            std::mem::take(&mut self.in_trait),
        );
        self.walk(next + 1, close, &Attributes::default());
        (self.in_foreign, self.in_trait) = outer;
        close + 1
    }

    /// Functions and statics of an extern block, by which calls and accesses are recognised.
    fn foreign_names(&mut self, mut at: usize, close: usize) {
        let source = self.source;
        while at < close {
            if source.is_word(at, "fn") && source.is_ident(at + 1) {
                let name = source.word(at + 1).to_owned();
                self.out.names.foreign_fns.insert(name);
            } else if source.is_word(at, "static") && source.is_word(at + 1, "mut") {
                let name = source.word(at + 2).to_owned();
                self.out.names.static_muts.insert(name);
            }
            at = source.group_end(at).map_or(at + 1, |close| close + 1);
        }
    }

    /// `impl` at `at`; in a type's place no body follows.
    pub(super) fn implementation(
        &mut self,
        at: usize,
        end: usize,
        unsafety: Option<usize>,
    ) -> usize {
        let source = self.source;
        let stop = head_end(source, at + 1, end);
        if stop >= end || !source.is_open(stop, b'{') {
            return at + 1;
        }
        let close = source.group_end(stop).unwrap_or(end);
        let head = impl_head(source, at + 1, stop);
        self.path.push(head.path());
        self.out.items.push((at, close + 1, self.item()));
        let outer = (
            self.impl_head.replace(head),
            std::mem::take(&mut self.in_trait),
        );
        if let Some(keyword) = unsafety {
            let from = modifiers_start(source, keyword);
            self.site(SiteKind::Impl, from, close + 1, keyword, stop, None, true);
        }
        self.walk(at + 1, stop, &Attributes::default());
        self.walk(stop + 1, close, &Attributes::default());
        (self.impl_head, self.in_trait) = outer;
        self.path.pop();
        close + 1
    }

    pub(super) fn trait_item(&mut self, at: usize, end: usize, unsafety: Option<usize>) -> usize {
        let source = self.source;
        let name_at = at + 1 + usize::from(source.is_punct(at + 1, b'$'));
        let stop = head_end(source, name_at, end);
        if !source.is_ident(name_at) || stop >= end || !source.is_open(stop, b'{') {
            return at + 1;
        }
        let close = source.group_end(stop).unwrap_or(end);
        self.path.push(source.compact(at + 1, name_at + 1));
        if let Some(keyword) = unsafety {
            let from = modifiers_start(source, keyword);
            self.site(SiteKind::Trait, from, close + 1, keyword, stop, None, true);
        }
        let outer = (
            self.impl_head.take(),
            std::mem::replace(&mut self.in_trait, true),
        );
        self.walk(name_at + 1, stop, &Attributes::default());
        self.walk(stop + 1, close, &Attributes::default());
        (self.impl_head, self.in_trait) = outer;
        self.path.pop();
        close + 1
    }

    pub(super) fn module(&mut self, at: usize, end: usize, attributes: &Attributes) -> usize {
        let source = self.source;
        if !source.is_ident(at + 1) || at + 2 >= end {
            return at + 1;
        }
        let name = source.word(at + 1).trim_start_matches("r#").to_owned();
        if source.is_punct(at + 2, b';') {
            self.module_files(&name, attributes);
            return at + 3;
        }
        let Some(close) = source
            .group_end(at + 2)
            .filter(|_| source.is_open(at + 2, b'{'))
        else {
            return at + 1;
        };
        self.modules
            .push(attributes.path.clone().unwrap_or_else(|| name.clone()));
        self.path.push(name);
        self.walk(at + 3, close, &Attributes::default());
        self.path.pop();
        self.modules.pop();
        close + 1
    }

    /// `mod name;`: one file, or one for each condition that names its own.
    fn module_files(&mut self, name: &str, attributes: &Attributes) {
        let mut file = FileRef {
            name: Some(name.to_owned()),
            path: attributes.path.clone(),
            module: self.path.clone(),
            inside: self.modules.clone(),
            cfgs: self.cfgs.clone(),
            in_macro: self.in_macro.is_some() || self.argument_of.is_some(),
        };
        file.module.push(name.to_owned());
        for (condition, path) in &attributes.conditional_paths {
            let mut chosen = file.clone();
            chosen.path = Some(path.clone());
            chosen.cfgs.push(condition.clone());
            self.out.files.push(chosen);
            file.cfgs.push(condition.negate());
        }
        self.out.files.push(file);
    }

    /// `static` and `const` items name what stands in their initialisers.
    pub(super) fn constant(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        let mutable = source.is_word(at, "static") && source.is_word(at + 1, "mut");
        let name_at = at + 1 + usize::from(mutable);
        // Behind `<` or `,` stands a parameter.
        let is_parameter =
            at > 0 && (source.is_punct(at - 1, b'<') || source.is_punct(at - 1, b','));
        if is_parameter
            || !source.is_ident(name_at)
            || !source.is_punct(name_at + 1, b':')
            || source.is_joint(name_at + 1, b':', b':')
        {
            return at + 1;
        }
        let stop = semicolon_end(source, at, end);
        self.path.push(source.word(name_at).to_owned());
        if mutable && !self.in_foreign {
            let from = modifiers_start(source, at);
            self.site(SiteKind::StaticMut, from, stop, at, stop, None, false);
            self.out
                .names
                .static_muts
                .insert(source.word(name_at).to_owned());
        }
        self.walk(name_at + 1, stop, &Attributes::default());
        self.path.pop();
        stop
    }

    /// Fields of a union, by which reads of them are recognised.
    pub(super) fn union_item(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        if !source.is_ident(at + 1)
            || !(source.is_open(at + 2, b'{') || source.is_punct(at + 2, b'<'))
        {
            return at + 1;
        }
        let stop = head_end(source, at + 2, end);
        let Some(close) = source.group_end(stop) else {
            return at + 1;
        };
        self.declared(at + 1);
        for inside in stop + 1..close {
            let names_field = source.is_ident(inside)
                && source.is_punct(inside + 1, b':')
                && !source.is_joint(inside + 1, b':', b':')
                && !source.is_punct(inside - 1, b':');
            if names_field {
                self.out
                    .names
                    .union_fields
                    .insert(source.word(inside).to_owned());
            }
        }
        // The types can hold code: the length of an array.
        at + 2
    }

    /// The name of a type at its declaration.
    pub(super) fn declared(&mut self, at: usize) {
        if self.source.is_ident(at) {
            self.out.types.push(self.source.word(at).to_owned());
        }
    }
}
