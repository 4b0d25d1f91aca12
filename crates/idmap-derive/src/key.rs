//! Keys: what fields lend to them, by value or by reference.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::collections::BTreeSet;
use syn::{GenericArgument, Generics, Member, PathArguments, PathSegment, Type, WherePredicate};

/// Types that are known by name to be `Copy`.
const BY_VALUE: &[&str] = &[
    "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "bool",
    "char", "f32", "f64",
];

/// A part of a key.
pub(crate) struct Part<'a> {
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
    /// Whether the user says that the type is `Copy`.
    pub(crate) copy: bool,
}

/// A key: one part, or a tuple of several.
pub(crate) struct Key<'a>(pub(crate) Vec<Part<'a>>);

/// How a part is lent.
struct Lent {
    /// What the key refers to, or has.
    ty: TokenStream,
    by_value: bool,
    /// What comes in front of the field and behind it, to give that.
    before: TokenStream,
    after: TokenStream,
}

impl Key<'_> {
    /// The type of the key that borrows for `'__key`.
    pub(crate) fn ty(&self) -> TokenStream {
        self.join(|part| {
            let Lent { ty, by_value, .. } = part.lend();
            if by_value { ty } else { quote!(&'__key #ty) }
        })
    }

    /// The key of `record`.
    pub(crate) fn expression(&self, record: &TokenStream) -> TokenStream {
        self.join(|part| {
            let (member, Lent { before, after, .. }) = (&part.member, part.lend());
            quote!(#before #record.#member #after)
        })
    }

    fn join(&self, part: impl Fn(&Part<'_>) -> TokenStream) -> TokenStream {
        let mut parts = self.0.iter().map(part);
        match self.0.len() {
            1 => parts.next().unwrap_or_default(),
            _ => quote!((#(#parts),*)),
        }
    }

    /// What the parts must be able to, where that hangs on the generics of the record.
    pub(crate) fn bounds(&self, generics: &Generics, bounds: &TokenStream) -> Vec<WherePredicate> {
        let params: BTreeSet<String> = generics
            .type_params()
            .map(|param| param.ident.to_string())
            .collect();
        let generic = self
            .0
            .iter()
            .filter(|part| mentions(part.ty.to_token_stream(), &params));
        generic
            .map(|part| {
                let ty = part.lend().ty;
                let copy = part.copy.then(|| quote!(::core::marker::Copy+));
                syn::parse_quote!(#ty: #copy #bounds)
            })
            .collect()
    }
}

impl Part<'_> {
    fn lend(&self) -> Lent {
        let mut ty = self.ty;
        // A `macro_rules!` that wrote the struct has put groups around what it was given.
        while let Type::Group(syn::TypeGroup { elem, .. })
        | Type::Paren(syn::TypeParen { elem, .. }) = ty
        {
            ty = elem;
        }
        let shared = matches!(ty, Type::Reference(reference) if reference.mutability.is_none());
        if self.copy || shared || is_primitive(ty) {
            return Lent {
                ty: ty.to_token_stream(),
                by_value: true,
                before: quote!(),
                after: quote!(),
            };
        }
        lend_standard(ty).unwrap_or_else(|| Lent {
            ty: quote!(#ty),
            by_value: false,
            before: quote!(&),
            after: quote!(),
        })
    }
}

fn is_primitive(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|name| BY_VALUE.iter().any(|known| name == known)))
}

/// How the owning types of the standard library are lent: as what they own.
fn lend_standard(ty: &Type) -> Option<Lent> {
    let name = standard_name(ty)?;
    let by_method = |ty, after| {
        Some(Lent {
            ty,
            by_value: false,
            before: quote!(),
            after,
        })
    };
    match (name.ident.to_string().as_str(), first_argument(name)) {
        ("String", None) => by_method(quote!(::core::primitive::str), quote!(.as_str())),
        ("Vec", Some(item)) => by_method(quote!([#item]), quote!(.as_slice())),
        ("PathBuf", None) => by_method(quote!(::std::path::Path), quote!(.as_path())),
        ("OsString", None) => by_method(quote!(::std::ffi::OsStr), quote!(.as_os_str())),
        // A `dyn` in a box lives for ever, and behind a reference no longer than that.
        ("Box" | "Rc" | "Arc", Some(item)) if !matches!(item, Type::TraitObject(_)) => Some(Lent {
            ty: quote!(#item),
            by_value: false,
            before: quote!(&*),
            after: quote!(),
        }),
        _ => None,
    }
}

/// The last part of a path that is one name, or begins at the standard library.
fn standard_name(ty: &Type) -> Option<&PathSegment> {
    let Type::Path(syn::TypePath {
        qself: None, path, ..
    }) = ty
    else {
        return None;
    };
    let first = path.segments.first()?;
    let standard = path.segments.len() == 1
        || ["std", "alloc", "core"]
            .iter()
            .any(|krate| first.ident == krate);
    path.segments.last().filter(|_| standard)
}

fn first_argument(name: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &name.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Whether tokens name one of these parameters.
fn mentions(tokens: TokenStream, params: &BTreeSet<String>) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => params.contains(&ident.to_string()),
        TokenTree::Group(group) => mentions(group.stream(), params),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{Key, Part};
    use quote::quote;
    use syn::{Member, Type};

    fn lent(ty: &str, copy: bool) -> (String, String) {
        let ty: Type = syn::parse_str(ty).unwrap();
        let key = Key(vec![Part {
            member: Member::from(0),
            ty: &ty,
            copy,
        }]);
        let text = |tokens: proc_macro2::TokenStream| tokens.to_string().replace(' ', "");
        (
            text(key.ty()).replace("__key", ""),
            text(key.expression(&quote!(r))),
        )
    }

    #[test]
    fn fields_are_lent_by_value_where_they_are_known_to_be_copy_and_as_what_they_own_if_anything() {
        for (ty, key, expression) in [
            ("u64", "u64", "r.0"),
            ("&'static str", "&'staticstr", "r.0"),
            ("String", "&'::core::primitive::str", "r.0.as_str()"),
            (
                "std::string::String",
                "&'::core::primitive::str",
                "r.0.as_str()",
            ),
            ("own::String", "&'own::String", "&r.0"),
            ("Vec<Vec<u8>>", "&'[Vec<u8>]", "r.0.as_slice()"),
            ("std::path::PathBuf", "&'::std::path::Path", "r.0.as_path()"),
            ("Arc<str>", "&'str", "&*r.0"),
            ("Box<dyn Key>", "&'Box<dynKey>", "&r.0"),
            ("Option<u8>", "&'Option<u8>", "&r.0"),
            ("[u8; 16]", "&'[u8;16]", "&r.0"),
            ("&'static mut u8", "&'&'staticmutu8", "&r.0"),
        ] {
            assert_eq!(
                lent(ty, false),
                (key.to_owned(), expression.to_owned()),
                "{ty}"
            );
        }
        assert_eq!(
            lent("Option<u8>", true),
            ("Option<u8>".to_owned(), "r.0".to_owned())
        );
    }
}
