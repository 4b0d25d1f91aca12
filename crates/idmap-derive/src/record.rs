//! The struct that a derive is on.

use proc_macro2::Span;
use quote::{ToTokens, format_ident};
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Fields, Ident, Member, Path, Result, Token};

/// The struct, with what `#[idmap(..)]` says of it.
pub(crate) struct Record<'a> {
    pub(crate) input: &'a DeriveInput,
    fields: &'a Fields,
    /// The path to the crate `idmap`.
    pub(crate) idmap: Path,
    /// The module that the indexes are to be in.
    pub(crate) module: Option<Ident>,
}

impl<'a> Record<'a> {
    /// Takes structs alone.
    pub(crate) fn new(input: &'a DeriveInput, derive: &str) -> Result<Self> {
        let kind = match &input.data {
            Data::Struct(data) => {
                let mut record = Self {
                    input,
                    fields: &data.fields,
                    idmap: syn::parse_quote!(::idmap),
                    module: None,
                };
                record.read_options()?;
                return Ok(record);
            }
            Data::Enum(data) => data.enum_token.span,
            Data::Union(data) => data.union_token.span,
        };
        let message = format!(
            "`{derive}` can be derived for structs alone, since the fields of a struct are always there: implement the \
             trait by hand, or put `{}` in a struct with its keys as fields",
            input.ident,
        );
        Err(Error::new(kind, message))
    }

    fn read_options(&mut self) -> Result<()> {
        for attribute in self
            .input
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("idmap"))
        {
            attribute.parse_args_with(|options: ParseStream<'_>| {
                while !options.is_empty() {
                    self.read_option(options)?;
                    if !options.is_empty() {
                        options.parse::<Token![,]>()?;
                    }
                }
                Ok(())
            })?;
        }
        let misplaced = self
            .fields
            .iter()
            .flat_map(|field| &field.attrs)
            .find(|attribute| attribute.path().is_ident("idmap"));
        misplaced.map_or(Ok(()), |attribute| {
            Err(Error::new_spanned(
                attribute,
                "`#[idmap(..)]` stands on the struct",
            ))
        })
    }

    fn read_option(&mut self, options: ParseStream<'_>) -> Result<()> {
        if options.parse::<Option<Token![crate]>>()?.is_some() {
            options.parse::<Token![=]>()?;
            self.idmap = options.call(Path::parse_mod_style)?;
        } else if options.parse::<Option<Token![mod]>>()?.is_some() {
            options.parse::<Token![=]>()?;
            self.module = Some(options.parse()?);
        } else {
            return Err(options.error(
                "not an option of `#[idmap(..)]`: write `crate = maps` if the crate has another name here, or \
                 `mod = by` to name the module of the indexes",
            ));
        }
        Ok(())
    }

    /// The fields, with their names or numbers.
    pub(crate) fn members(&self) -> impl Iterator<Item = (Member, &'a Field)> {
        self.fields.members().zip(self.fields)
    }

    /// The field of a name or number.
    pub(crate) fn field(&self, member: &Member) -> Result<&'a Field> {
        let found = self.members().find(|(other, _)| other == member);
        found.map(|(_, field)| field).ok_or_else(|| {
            let name = member.to_token_stream();
            Error::new(
                member.span(),
                format!("`{}` has no field `{name}`", self.input.ident),
            )
        })
    }

    /// The name of the module of the indexes: that of the struct in small letters.
    pub(crate) fn module(&self) -> Ident {
        self.module.clone().unwrap_or_else(|| {
            let name = snake_case(&unraw(&self.input.ident));
            ident(&name, self.input.ident.span())
        })
    }

    /// Where the struct is named, for errors that concern all of it.
    pub(crate) fn span(&self) -> Span {
        self.input.ident.span()
    }
}

pub(crate) fn unraw(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

/// An identifier, raw if the name is a keyword.
pub(crate) fn ident(name: &str, span: Span) -> Ident {
    syn::parse_str::<Ident>(name).map_or_else(
        |_| {
            syn::parse_str::<Ident>(&format!("r#{name}")).map_or_else(
                |_| format_ident!("{name}_", span = span),
                |_| Ident::new_raw(name, span),
            )
        },
        |_| Ident::new(name, span),
    )
}

/// `SledDisk` as `sled_disk`, `SSDDisk` as `ssd_disk`.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_small = at > 0 && !letters[at - 1].is_uppercase() && letters[at - 1] != '_';
        let before_small = at > 0
            && letters[at - 1] != '_'
            && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// `list_price` as `ListPrice`.
pub(crate) fn camel_case(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    words
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .chain(letters)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{camel_case, snake_case};

    #[test]
    fn names_are_written_as_modules_and_types_are() {
        for (name, snake) in [
            ("Order", "order"),
            ("SledDisk", "sled_disk"),
            ("SSDDisk", "ssd_disk"),
            ("Ipv4", "ipv4"),
            ("A_B", "a_b"),
        ] {
            assert_eq!(snake_case(name), snake);
        }
        for (name, camel) in [
            ("price", "Price"),
            ("list_price", "ListPrice"),
            ("_id2", "Id2"),
            ("rack_2_slot", "Rack2Slot"),
        ] {
            assert_eq!(camel_case(name), camel);
        }
    }
}
