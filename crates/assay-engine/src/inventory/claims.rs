//! Where the executions of an `unsafe impl` are counted.
//!
//! It has no code of its own: it is a claim about values of its type. What executes with such a value is, from the
//! surest on: the methods of the type, of whatever block; the functions whose signature names it; the functions that
//! name it in their bodies. Of a type that the package does not declare only methods count, and of every type of a kind
//! only the block's own: anything else would run as well with types that the claim is not about.

use std::collections::HashSet;

use super::modules::{ScannedFile, Tree};
use super::syntax::{Function, RawSite};

/// A function, and the file that it stands in.
pub(super) type Body<'a> = (&'a ScannedFile, &'a Function);

/// Finds the bodies of claims.
pub(super) struct Claims<'a> {
    tree: &'a Tree,
    /// Names of the types that the package declares.
    declared: HashSet<&'a str>,
}

impl<'a> Claims<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        let names = tree.files.iter().flat_map(|file| &file.scan.types);
        Self {
            tree,
            declared: names.map(String::as_str).collect(),
        }
    }

    /// The bodies that count a claim, or why there is none.
    pub(super) fn bodies(
        &self,
        file: &'a ScannedFile,
        raw: &RawSite,
    ) -> Result<Vec<Body<'a>>, &'static str> {
        let Some(head) = &raw.impl_head else {
            return Err("its head cannot be read");
        };
        if head.blanket {
            let own = (raw.from, raw.to);
            let inside = |function: &Function| {
                function.self_key.is_some() && own.0 <= function.body && function.body < own.1
            };
            let own =
                self.functions(|other, function| std::ptr::eq(other, file) && inside(function));
            return some(
                own,
                "it is for every type of a kind, and has no method of its own",
            );
        }
        let key = head.self_key.as_str();
        let is_argument = key.starts_with('$');
        let methods = self.functions(|_, function| {
            let same_macro = !is_argument || function.in_macro == raw.in_macro;
            same_macro && function.self_key.as_deref() == Some(key)
        });
        if is_argument {
            return some(
                methods,
                "its type is an argument of a macro that has no method of it",
            );
        }
        if !methods.is_empty() {
            return Ok(methods);
        }
        if !self.declared.contains(key) {
            return Err("its type is not declared in this package, which has no method of it");
        }
        let names = |file: &ScannedFile, from: usize, to: usize| {
            (from..to).any(|at| file.source.is_word(at, key))
        };
        let taking = self.functions(|file, function| names(file, function.head, function.body));
        if !taking.is_empty() {
            return Ok(taking);
        }
        let naming = self.functions(|file, function| {
            let close = file.source.group_end(function.body);
            names(file, function.body, close.unwrap_or(function.body))
        });
        some(naming, "no function of this package names its type")
    }

    fn functions(&self, wanted: impl Fn(&ScannedFile, &Function) -> bool) -> Vec<Body<'a>> {
        let all = self.tree.files.iter().flat_map(|file| {
            file.scan
                .functions
                .iter()
                .map(move |function| (file, function))
        });
        all.filter(|(file, function)| wanted(file, function))
            .collect()
    }
}

fn some<'a>(bodies: Vec<Body<'a>>, otherwise: &'static str) -> Result<Vec<Body<'a>>, &'static str> {
    if bodies.is_empty() {
        Err(otherwise)
    } else {
        Ok(bodies)
    }
}
