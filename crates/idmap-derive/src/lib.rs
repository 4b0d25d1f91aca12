//! Derives for `idmap`: keys and indexes that are declared on the fields of a record.
//!
//! Use them through `idmap` and its feature `derive`. What they have in common:
//!
//! - **How a field is lent to a key.** Integers, floats, `bool`, `char` and shared references by value; `String` as
//!   `&str`, `Vec<T>` as `&[T]`, `PathBuf` as `&Path`, `OsString` as `&OsStr`, `Box<T>`, `Rc<T>` and `Arc<T>` as `&T`;
//!   everything else as a reference. A macro sees names, not types: for another type that is `Copy` say so, with
//!   `#[key(copy)]` or `#[index(copy)]`, and it goes by value.
//! - **Several fields make a tuple**, in the order in which they are named. It borrows: `(&str, u8)`.
//! - **Generic records** work; a key that mentions a type parameter bounds it.
//! - **Another name of the crate**, as in `maps = { package = "idmap", .. }`, is told by `#[idmap(crate = maps)]`.

#![forbid(unsafe_code)]

mod indexed;
mod item;
mod key;
mod record;

use proc_macro::TokenStream;

/// Implements `IdHashItem`: the field with `#[key]` is the key, or a tuple of the fields that have it.
///
/// For records of an `IdHashMap`, and of an `IdIndexMap`.
///
/// `#[key(copy)]` takes a field by value whose type is `Copy`.
#[proc_macro_derive(IdHashItem, attributes(key, idmap))]
pub fn id_hash_item(input: TokenStream) -> TokenStream {
    expand(input, |input| item::derive(input, &item::ID_HASH))
}

/// Implements `IdOrdItem`: the field with `#[key]` is the key, or a tuple of the fields that have it.
///
/// `#[key(copy)]` takes a field by value whose type is `Copy`.
#[proc_macro_derive(IdOrdItem, attributes(key, idmap))]
pub fn id_ord_item(input: TokenStream) -> TokenStream {
    expand(input, |input| item::derive(input, &item::ID_ORD))
}

/// Implements `BiHashItem`: the fields with `#[key1]` are one key, those with `#[key2]` the other.
///
/// `#[key1(copy)]` takes a field by value whose type is `Copy`. A field may be in both.
#[proc_macro_derive(BiHashItem, attributes(key1, key2, idmap))]
pub fn bi_hash_item(input: TokenStream) -> TokenStream {
    expand(input, |input| item::derive(input, &item::BI_HASH))
}

/// Implements `TriHashItem`: the fields with `#[key1]`, with `#[key2]` and with `#[key3]` are its keys.
///
/// `#[key1(copy)]` takes a field by value whose type is `Copy`. A field may be in several.
#[proc_macro_derive(TriHashItem, attributes(key1, key2, key3, idmap))]
pub fn tri_hash_item(input: TokenStream) -> TokenStream {
    expand(input, |input| item::derive(input, &item::TRI_HASH))
}

/// Implements `Indexed`, so that `IdMap<Record>` has an index for each `#[index(..)]`.
///
/// On a field: `#[index(hash)]` or `#[index(ord)]`, with `unique` if no two records may have the key. The index is
/// named for the field: `price` of `Order` is `order::Price`.
///
/// On the struct: `#[index(Place = (rack, slot), ord, unique)]`, an index by several fields, with a name. By one field
/// it gives that another name, or a second index.
///
/// `#[index(copy)]` on a field takes it by value wherever it is part of a key. `#[idmap(mod = by)]` on the struct names
/// the module of the indexes.
#[proc_macro_derive(Indexed, attributes(index, idmap))]
pub fn indexed(input: TokenStream) -> TokenStream {
    expand(input, indexed::derive)
}

fn expand(
    input: TokenStream,
    derive: impl FnOnce(&syn::DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    let expanded = syn::parse(input).and_then(|input| derive(&input));
    expanded
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
