//! The sites of a file as syn's tree shows them, each with the conditions above it.

use std::collections::BTreeSet;

use assay_evidence::SiteKind;
use proc_macro2::{LineColumn, Span};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use super::super::cfg::Cfg;
use super::super::source::Source;

/// A site as both sides show it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    /// Line of its keyword, from 1.
    pub(super) line: usize,
    /// Column of its keyword, from 0.
    pub(super) column: usize,
    pub(super) kind: SiteKind,
    /// Path of the enclosing item.
    pub(super) item: String,
    /// Conditions above it, without white space.
    pub(super) cfgs: Vec<String>,
}

/// What syn finds outside macros and tests.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) sites: BTreeSet<Seen>,
    /// What syn passes on as tokens: syntax that is not stable, or of another edition.
    unread: Vec<(LineColumn, LineColumn)>,
    cfgs: Vec<String>,
    path: Vec<String>,
}

impl Parsed {
    /// Reads a file, where syn can.
    pub(super) fn new(text: &str) -> Option<Self> {
        let file = syn::parse_file(text).ok()?;
        let mut parsed = Self::default();
        parsed.visit_file(&file);
        Some(parsed)
    }

    /// Whether a position lies in tokens that syn did not read.
    pub(super) fn is_unread(&self, line: usize, column: usize) -> bool {
        let at = LineColumn { line, column };
        self.unread
            .iter()
            .any(|(start, end)| *start <= at && at < *end)
    }

    fn add(&mut self, span: Span, kind: SiteKind) {
        let start = span.start();
        let item = match self.path.as_slice() {
            [] => "crate".to_owned(),
            path => path.join("::"),
        };
        self.sites.insert(Seen {
            line: start.line,
            column: start.column,
            kind,
            item,
            cfgs: self.cfgs.clone(),
        });
    }

    fn skip(&mut self, span: Span) {
        self.unread.push((span.start(), span.end()));
    }

    /// Takes on the conditions of a node; false where only tests compile it.
    fn enter(&mut self, attributes: &[syn::Attribute]) -> bool {
        if attributes.iter().any(is_test) {
            return false;
        }
        for attribute in attributes {
            if let Some(condition) = condition(attribute) {
                self.cfgs.push(plain(&condition.to_string()));
            }
        }
        for attribute in attributes {
            let outer = matches!(attribute.style, syn::AttrStyle::Outer);
            if outer && let Some(condition) = is_unsafe(&attribute.meta) {
                let depth = self.cfgs.len();
                self.cfgs.extend(condition);
                self.add(attribute.pound_token.span(), SiteKind::Attribute);
                self.cfgs.truncate(depth);
            }
        }
        true
    }
}

/// Conditions are compared without their white space.
pub(super) fn plain(condition: &str) -> String {
    condition.split_whitespace().collect()
}

fn condition(attribute: &syn::Attribute) -> Option<Cfg> {
    if !attribute.path().is_ident("cfg") {
        return None;
    }
    let mut tokens = attribute.meta.require_list().ok()?.tokens.to_string();
    if tokens.trim_end().ends_with(',') {
        tokens.truncate(tokens.trim_end().len() - 1);
    }
    let source = Source::new(String::new(), tokens).ok()?;
    Some(Cfg::parse(&source, 0, source.len()))
}

fn is_test(attribute: &syn::Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|last| last.ident == "test" || last.ident == "bench")
        || condition(attribute).is_some_and(|cfg| cfg.needs_test())
}

/// For an unsafe attribute, the condition under which it is one.
fn is_unsafe(meta: &syn::Meta) -> Option<Option<String>> {
    let names = ["unsafe", "no_mangle", "export_name", "link_section"];
    if names.iter().any(|name| meta.path().is_ident(name)) {
        return Some(None);
    }
    if !meta.path().is_ident("cfg_attr") {
        return None;
    }
    let parts = syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated;
    let parts = meta.require_list().ok()?.parse_args_with(parts).ok()?;
    let inner = parts.iter().skip(1).find_map(is_unsafe)?;
    let own = plain(&parts.first()?.span().source_text()?);
    Some(Some(match inner {
        None => own,
        Some(inner) => format!("all({own},{inner})"),
    }))
}

fn safety(safety: &syn::Safety, kind: SiteKind) -> Option<(Span, SiteKind)> {
    match safety {
        syn::Safety::Unsafe(token) => Some((token.span(), kind)),
        _ => None,
    }
}

fn of_trait_fn(item: &syn::TraitItemFn) -> Option<(Span, SiteKind)> {
    let kind = match item.default {
        Some(_) => SiteKind::Function,
        None => SiteKind::Trait,
    };
    safety(&item.sig.safety, kind)
}

fn of_static(item: &syn::ItemStatic) -> Option<(Span, SiteKind)> {
    match item.mutability {
        syn::StaticMutability::None => None,
        _ => Some((item.static_token.span(), SiteKind::StaticMut)),
    }
}

fn of_block(item: &syn::ItemForeignMod) -> Option<(Span, SiteKind)> {
    let keyword = match &item.unsafety {
        Some(token) => token.span(),
        None => item.abi.extern_token.span(),
    };
    Some((keyword, SiteKind::ExternBlock))
}

fn of_macro(call: &syn::Macro) -> Option<(Span, SiteKind)> {
    let last = call.path.segments.last()?;
    (last.ident == "global_asm").then(|| (last.ident.span(), SiteKind::GlobalAsm))
}

/// How an `impl` block is named in item paths.
fn of_impl(item: &syn::ItemImpl) -> String {
    let text = item.self_ty.span().source_text().unwrap_or_default();
    let source = Source::new(String::new(), text).expect("what parses also lexes");
    let self_type = source.compact(0, source.len());
    let last = item
        .trait_
        .as_ref()
        .and_then(|(path, _)| path.segments.last());
    match last {
        None => self_type,
        Some(last) => format!("<{self_type} as {}>", last.ident),
    }
}

/// A method for each node with attributes; some are sites themselves.
macro_rules! nodes {
    ($($visit:ident $node:ident $(as $name:expr)? $(=> $site:expr)?;)*) => {$(
        fn $visit(&mut self, node: &'ast syn::$node) {
            let depth = (self.cfgs.len(), self.path.len());
            $(
                let name: fn(&syn::$node) -> String = $name;
                self.path.push(name(node));
            )?
            if self.enter(&node.attrs) {
                $(
                    let site: fn(&syn::$node) -> Option<(Span, SiteKind)> = $site;
                    if let Some((span, kind)) = site(node) {
                        self.add(span, kind);
                    }
                )?
                visit::$visit(self, node);
            }
            self.cfgs.truncate(depth.0);
            self.path.truncate(depth.1);
        }
    )*};
}

/// A method for each node that can be tokens which syn did not read.
macro_rules! unread {
    ($($visit:ident $node:ident;)*) => {$(
        fn $visit(&mut self, node: &'ast syn::$node) {
            if let syn::$node::Verbatim(tokens) = node {
                self.skip(tokens.span());
            }
            visit::$visit(self, node);
        }
    )*};
}

impl<'ast> Visit<'ast> for Parsed {
    unread! {
        visit_expr Expr;
        visit_foreign_item ForeignItem;
        visit_impl_item ImplItem;
        visit_item Item;
        visit_pat Pat;
        visit_trait_item TraitItem;
        visit_type Type;
    }

    nodes! {
        visit_item_fn ItemFn as |item| item.sig.ident.to_string() => |item| safety(&item.sig.safety, SiteKind::Function);
        visit_impl_item_fn ImplItemFn as |item| item.sig.ident.to_string() => |item| safety(&item.sig.safety, SiteKind::Function);
        visit_trait_item_fn TraitItemFn as |item| item.sig.ident.to_string() => of_trait_fn;
        visit_item_impl ItemImpl as of_impl => |item| Some((item.unsafety?.span(), SiteKind::Impl));
        visit_item_trait ItemTrait as |item| item.ident.to_string() => |item| Some((item.unsafety?.span(), SiteKind::Trait));
        visit_expr_unsafe ExprUnsafe => |block| Some((block.unsafe_token.span(), SiteKind::Block));
        visit_item_static ItemStatic as |item| item.ident.to_string() => of_static;
        visit_item_foreign_mod ItemForeignMod => of_block;
        visit_item_macro ItemMacro => |item| of_macro(&item.mac);
        visit_stmt_macro StmtMacro => |item| of_macro(&item.mac);
        visit_expr_macro ExprMacro => |item| of_macro(&item.mac);

        visit_file File;
        visit_item_const ItemConst as |item| item.ident.to_string();
        visit_item_enum ItemEnum;
        visit_item_extern_crate ItemExternCrate;
        visit_item_mod ItemMod as |item| item.ident.to_string();
        visit_item_struct ItemStruct;
        visit_item_trait_alias ItemTraitAlias;
        visit_item_type ItemType;
        visit_item_union ItemUnion;
        visit_item_use ItemUse;
        visit_foreign_item_fn ForeignItemFn as |item| item.sig.ident.to_string();
        visit_foreign_item_macro ForeignItemMacro;
        visit_foreign_item_static ForeignItemStatic as |item| item.ident.to_string();
        visit_foreign_item_type ForeignItemType;
        visit_impl_item_const ImplItemConst as |item| item.ident.to_string();
        visit_impl_item_macro ImplItemMacro;
        visit_impl_item_type ImplItemType;
        visit_trait_item_const TraitItemConst as |item| item.ident.to_string();
        visit_trait_item_macro TraitItemMacro;
        visit_trait_item_type TraitItemType;

        visit_const_param ConstParam;
        visit_field Field;
        visit_lifetime_param LifetimeParam;
        visit_named_arg NamedArg;
        visit_pat_type PatType;
        visit_receiver Receiver;
        visit_type_param TypeParam;
        visit_variant Variant;

        visit_arm Arm;
        visit_field_pat FieldPat;
        visit_field_value FieldValue;
        visit_local Local;

        visit_expr_array ExprArray;
        visit_expr_assign ExprAssign;
        visit_expr_async ExprAsync;
        visit_expr_await ExprAwait;
        visit_expr_binary ExprBinary;
        visit_expr_block ExprBlock;
        visit_expr_break ExprBreak;
        visit_expr_call ExprCall;
        visit_expr_cast ExprCast;
        visit_expr_closure ExprClosure;
        visit_expr_const ExprConst;
        visit_expr_field ExprField;
        visit_expr_for_loop ExprForLoop;
        visit_expr_if ExprIf;
        visit_expr_index ExprIndex;
        visit_expr_let ExprLet;
        visit_expr_loop ExprLoop;
        visit_expr_match ExprMatch;
        visit_expr_method_call ExprMethodCall;
        visit_expr_paren ExprParen;
        visit_expr_path ExprPath;
        visit_expr_range ExprRange;
        visit_expr_raw_addr ExprRawAddr;
        visit_expr_reference ExprReference;
        visit_expr_repeat ExprRepeat;
        visit_expr_return ExprReturn;
        visit_expr_struct ExprStruct;
        visit_expr_try ExprTry;
        visit_expr_tuple ExprTuple;
        visit_expr_unary ExprUnary;
        visit_expr_while ExprWhile;
    }
}
