//! The item traits: of maps with one key, two, or three.

use crate::key::{Key, Part};
use crate::record::Record;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, DeriveInput, Error, Meta, Result};

/// An item trait.
pub(crate) struct Trait {
    name: &'static str,
    /// For each key the attribute, which is the name of the method too, and the associated type.
    keys: &'static [(&'static str, &'static str)],
    ordered: bool,
    upcast: &'static str,
}

pub(crate) const ID_HASH: Trait = Trait {
    name: "IdHashItem",
    keys: &[("key", "Key")],
    ordered: false,
    upcast: "id_upcast",
};
pub(crate) const ID_ORD: Trait = Trait {
    name: "IdOrdItem",
    keys: &[("key", "Key")],
    ordered: true,
    upcast: "id_upcast",
};
pub(crate) const BI_HASH: Trait = Trait {
    name: "BiHashItem",
    keys: &[("key1", "K1"), ("key2", "K2")],
    ordered: false,
    upcast: "bi_upcast",
};
pub(crate) const TRI_HASH: Trait = Trait {
    name: "TriHashItem",
    keys: &[("key1", "K1"), ("key2", "K2"), ("key3", "K3")],
    ordered: false,
    upcast: "tri_upcast",
};

pub(crate) fn derive(input: &DeriveInput, of: &Trait) -> Result<TokenStream> {
    let record = Record::new(input, of.name)?;
    let bounds = if of.ordered {
        quote!(::core::cmp::Ord + ::core::hash::Hash)
    } else {
        quote!(::core::cmp::Eq + ::core::hash::Hash)
    };
    let mut generics = input.generics.clone();
    let (mut types, mut methods, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for (attribute, ty) in of.keys {
        let key = match read_key(&record, attribute) {
            Ok(key) => key,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        generics
            .make_where_clause()
            .predicates
            .extend(key.bounds(&input.generics, &bounds));
        let (name, ty, key_ty, expression) = (
            format_ident!("{attribute}"),
            format_ident!("{ty}"),
            key.ty(),
            key.expression(&quote!(self)),
        );
        types.push(quote!(type #ty<'__key> = #key_ty where Self: '__key;));
        methods.push(quote! {
            #[inline]
            fn #name(&self) -> Self::#ty<'_> {
                #expression
            }
        });
    }
    if let Some(error) = errors.into_iter().reduce(|mut all, error| {
        all.combine(error);
        all
    }) {
        return Err(error);
    }
    let (idmap, name) = (&record.idmap, &input.ident);
    let (of_trait, upcast) = (format_ident!("{}", of.name), format_ident!("{}", of.upcast));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics #idmap::#of_trait for #name #ty_generics #where_clause {
            #(#types)*
            #(#methods)*
            #idmap::#upcast!();
        }
    })
}

/// The fields that have an attribute.
fn read_key<'a>(record: &Record<'a>, attribute: &str) -> Result<Key<'a>> {
    let is_it = |found: &&Attribute| found.path().is_ident(attribute);
    if let Some(misplaced) = record.input.attrs.iter().find(is_it) {
        return Err(Error::new_spanned(
            misplaced,
            format!("`#[{attribute}]` stands on fields: on each that is part of the key"),
        ));
    }
    let mut parts = Vec::new();
    for (member, field) in record.members() {
        let mut found = field.attrs.iter().filter(is_it);
        let Some(first) = found.next() else { continue };
        if let Some(second) = found.next() {
            return Err(Error::new_spanned(
                second,
                format!("this field has `#[{attribute}]` already"),
            ));
        }
        parts.push(Part {
            member,
            ty: &field.ty,
            copy: read_copy(first, attribute)?,
        });
    }
    if parts.is_empty() {
        let message = format!(
            "no field of `{}` has `#[{attribute}]`: write it above the field that is the key, as in `#[{attribute}] id: \
             u64`, or above several, whose tuple is the key then",
            record.input.ident,
        );
        return Err(Error::new(record.span(), message));
    }
    Ok(Key(parts))
}

fn read_copy(attribute: &Attribute, name: &str) -> Result<bool> {
    if matches!(attribute.meta, Meta::Path(_)) {
        return Ok(false);
    }
    let mut copy = false;
    attribute.parse_nested_meta(|option| {
        if !option.path.is_ident("copy") {
            return Err(option.error(format!(
                "not an option of `#[{name}]`: write `#[{name}]`, or `#[{name}(copy)]` to take a field by value whose type \
                 is `Copy`",
            )));
        }
        copy = true;
        Ok(())
    })?;
    Ok(copy)
}
