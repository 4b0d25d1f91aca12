//! `Indexed`: maps by any number of indexes.

use crate::key::{Key, Part};
use crate::record::{Record, camel_case, ident, unraw};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse as _, ParseStream};
use syn::{Attribute, DeriveInput, Error, Ident, Member, Result, Token, parenthesized};

/// How many indexes a map may have.
const MOST: usize = 6;

#[derive(Clone, Copy)]
enum Style {
    Hash,
    Ord,
}

/// What an attribute says.
struct Options<'a> {
    attribute: &'a Attribute,
    style: Option<Style>,
    unique: bool,
    copy: bool,
    /// The name, and the fields.
    named: Option<(Ident, Vec<Member>)>,
}

/// An index.
struct Index {
    name: Ident,
    style: Style,
    unique: bool,
    fields: Vec<Member>,
}

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let record = Record::new(input, "Indexed")?;
    let (indexes, copied) = read(&record)?;
    check(&record, &indexes)?;
    let module = record.module();
    let mut implementations = TokenStream::new();
    for index in &indexes {
        implementations.extend(implement(&record, &module, index, &copied)?);
    }
    let markers = indexes.iter().map(marker);
    let types = indexes.iter().map(|index| index.ty(&record, &module));
    let (idmap, name, vis) = (&record.idmap, &input.ident, &input.vis);
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let about = format!("The indexes of [`{name}`].");
    Ok(quote! {
        #[doc = #about]
        #vis mod #module {
            #(#markers)*
        }

        #implementations

        #[automatically_derived]
        impl #impl_generics #idmap::Indexed for #name #ty_generics #where_clause {
            type Indexes = (#(#types,)*);
        }
    })
}

/// The indexes, those of fields first, and the fields that go by value.
fn read(record: &Record<'_>) -> Result<(Vec<Index>, Vec<Member>)> {
    let (mut indexes, mut copied) = (Vec::new(), Vec::new());
    for (member, field) in record.members() {
        for attribute in index_attributes(&field.attrs) {
            let options = Options::read(attribute)?;
            if options.copy {
                copied.push(member.clone());
            }
            indexes.extend(options.of_field(&member)?);
        }
    }
    for attribute in index_attributes(&record.input.attrs) {
        indexes.push(Options::read(attribute)?.of_struct()?);
    }
    Ok((indexes, copied))
}

fn index_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("index"))
}

fn check(record: &Record<'_>, indexes: &[Index]) -> Result<()> {
    for (at, index) in indexes.iter().enumerate() {
        if indexes[..at].iter().any(|other| other.name == index.name) {
            let message = format!(
                "two indexes are named `{0}`: give this one a name of its own, on the struct, as in `#[index(By{0} = {1}, \
                 ord)]`",
                index.name,
                index.fields[0].to_token_stream(),
            );
            return Err(Error::new(index.name.span(), message));
        }
    }
    if let Some(index) = indexes.get(MOST) {
        return Err(Error::new(
            index.name.span(),
            format!("a map has at most {MOST} indexes"),
        ));
    }
    if indexes.iter().any(|index| index.unique) {
        return Ok(());
    }
    let message = if indexes.is_empty() {
        "no field has an index: write `#[index(hash, unique)]` above the field that tells records apart, and \
         `#[index(hash)]` or `#[index(ord)]` above others to find records by"
    } else {
        "no index is unique: at least one has to tell records apart, as `#[index(hash, unique)]` or `#[index(ord, unique)]` \
         does"
    };
    Err(Error::new(record.span(), message))
}

impl<'a> Options<'a> {
    fn read(attribute: &'a Attribute) -> Result<Self> {
        let mut options = Self {
            attribute,
            style: None,
            unique: false,
            copy: false,
            named: None,
        };
        if matches!(attribute.meta, syn::Meta::Path(_)) {
            return Err(options.no_style());
        }
        attribute.parse_args_with(|input: ParseStream<'_>| {
            while !input.is_empty() {
                options.read_one(input)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        })?;
        Ok(options)
    }

    fn read_one(&mut self, input: ParseStream<'_>) -> Result<()> {
        let name: Ident = input.parse()?;
        let style = match name.to_string().as_str() {
            _ if input.peek(Token![=]) => {
                let twice = self.named.is_some();
                return if twice {
                    Err(twice_said(&name))
                } else {
                    self.read_fields(name, input)
                };
            }
            "hash" => Style::Hash,
            "ord" => Style::Ord,
            "unique" => return said_once(&mut self.unique, &name),
            "copy" => return said_once(&mut self.copy, &name),
            other => {
                let message = format!(
                    "`{other}` is not an option of `#[index(..)]`: write `hash` or `ord`, and `unique` if no two records may \
                     have the key; on the struct also `Name = (field, field)`",
                );
                return Err(Error::new(name.span(), message));
            }
        };
        if self.style.replace(style).is_some() {
            return Err(Error::new(
                name.span(),
                "an index is either `hash` or `ord`: for both, give one a name on the struct, as in `#[index(ByName = name, ord)]`",
            ));
        }
        Ok(())
    }

    /// `= field`, or `= (field, field)`.
    fn read_fields(&mut self, name: Ident, input: ParseStream<'_>) -> Result<()> {
        input.parse::<Token![=]>()?;
        let fields = if input.peek(syn::token::Paren) {
            let fields;
            parenthesized!(fields in input);
            fields
                .parse_terminated(Member::parse, Token![,])?
                .into_iter()
                .collect()
        } else {
            vec![input.parse()?]
        };
        if fields.is_empty() {
            return Err(Error::new(
                name.span(),
                format!("an index has a field or more: write `{name} = (field, field)`"),
            ));
        }
        self.named = Some((name, fields));
        Ok(())
    }

    fn no_style(&self) -> Error {
        let message = "is the index hashed or ordered? Write `hash`, to look keys up, or `ord`, for ranges of them too; and \
                       `unique` if no two records may have the key";
        Error::new_spanned(self.attribute, message)
    }

    fn of_field(self, member: &Member) -> Result<Option<Index>> {
        if let Some((name, _)) = &self.named {
            return Err(Error::new(
                name.span(),
                "an index with a name stands on the struct",
            ));
        }
        let Some(style) = self.style else {
            return if self.copy && !self.unique {
                Ok(None)
            } else {
                Err(self.no_style())
            };
        };
        let Member::Named(field) = member else {
            let Member::Unnamed(number) = member else {
                unreachable!()
            };
            let message = format!(
                "the index has no field to be named for: write it on the struct, as in `#[index(Name = {}, hash)]`",
                number.index
            );
            return Err(Error::new_spanned(self.attribute, message));
        };
        let name = ident(&camel_case(&unraw(field)), field.span());
        Ok(Some(Index {
            name,
            style,
            unique: self.unique,
            fields: vec![member.clone()],
        }))
    }

    fn of_struct(self) -> Result<Index> {
        if self.copy {
            let message = "`copy` is said of a field: write `#[index(copy)]` above it";
            return Err(Error::new_spanned(self.attribute, message));
        }
        let style = self.style.ok_or_else(|| self.no_style())?;
        let Some((name, fields)) = self.named else {
            let message = "an index on the struct says its name and its fields, as in `#[index(Place = (rack, slot), ord)]`";
            return Err(Error::new_spanned(self.attribute, message));
        };
        Ok(Index {
            name,
            style,
            unique: self.unique,
            fields,
        })
    }
}

fn said_once(said: &mut bool, name: &Ident) -> Result<()> {
    if core::mem::replace(said, true) {
        Err(twice_said(name))
    } else {
        Ok(())
    }
}

fn twice_said(name: &Ident) -> Error {
    Error::new(name.span(), "this is said twice")
}

impl Index {
    /// The type of the index.
    fn ty(&self, record: &Record<'_>, module: &Ident) -> TokenStream {
        let (idmap, name) = (&record.idmap, &self.name);
        let style = match (self.style, self.unique) {
            (Style::Hash, true) => quote!(Hashed),
            (Style::Hash, false) => quote!(HashedMulti),
            (Style::Ord, true) => quote!(Ordered),
            (Style::Ord, false) => quote!(OrderedMulti),
        };
        quote!(#idmap::index::#style<#module::#name>)
    }
}

/// The type that stands for an index.
fn marker(index: &Index) -> TokenStream {
    let fields: Vec<String> = index
        .fields
        .iter()
        .map(|field| format!("`{}`", field.to_token_stream()))
        .collect();
    let how = match (index.style, index.unique) {
        (Style::Hash, true) => "hashed, unique",
        (Style::Hash, false) => "hashed",
        (Style::Ord, true) => "ordered, unique",
        (Style::Ord, false) => "ordered",
    };
    let about = format!("The index by {}: {how}.", fields.join(", "));
    let name = &index.name;
    quote! {
        #[doc = #about]
        #[derive(Clone, Copy, Debug)]
        pub struct #name;
    }
}

/// Says how a record gives the key of an index.
fn implement(
    record: &Record<'_>,
    module: &Ident,
    index: &Index,
    copied: &[Member],
) -> Result<TokenStream> {
    let part = |member: &Member| {
        Ok(Part {
            member: member.clone(),
            ty: &record.field(member)?.ty,
            copy: copied.contains(member),
        })
    };
    let key = Key(index.fields.iter().map(part).collect::<Result<_>>()?);
    let (of_trait, bounds) = match index.style {
        Style::Hash => (
            quote!(HashKey),
            quote!(::core::cmp::Eq + ::core::hash::Hash),
        ),
        Style::Ord => (
            quote!(OrdKey),
            quote!(::core::cmp::Ord + ::core::hash::Hash),
        ),
    };
    let (input, idmap, name) = (record.input, &record.idmap, &index.name);
    let mut generics = input.generics.clone();
    generics
        .make_where_clause()
        .predicates
        .extend(key.bounds(&input.generics, &bounds));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let struct_name = &input.ident;
    let prefix = matches!(index.style, Style::Ord)
        .then(|| quote!(#idmap::__ord_key_prefix!(#struct_name #ty_generics);));
    let (ty, expression) = (key.ty(), key.expression(&quote!(__record)));
    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics #idmap::index::#of_trait<#struct_name #ty_generics> for #module::#name #where_clause {
            type Key<'__key> = #ty where #struct_name #ty_generics: '__key;

            #[inline]
            fn key<'__key>(__record: &'__key #struct_name #ty_generics) -> Self::Key<'__key> {
                #expression
            }

            #prefix
        }
    })
}
