//! What stands in the attribute's brackets.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{LitInt, Path, Token};

use crate::amount;

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) bytes: Option<u64>,
    pub(crate) blocks: Option<u64>,
    pub(crate) within: Option<u64>,
    pub(crate) warm_up: Option<u32>,
    pub(crate) block_on: Option<Path>,
    pub(crate) krate: Option<Path>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            let name = Ident::parse_any(input)?;
            input.parse::<Token![=]>()?;
            options.set(&name, input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    fn set(&mut self, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let span = name.span();
        match name.to_string().as_str() {
            "budget" => once(&mut self.bytes, span, amount::bytes(input)?),
            "blocks" => once(&mut self.blocks, span, number(input)?),
            "within" => once(&mut self.within, span, amount::microseconds(input)?),
            "warm_up" => once(&mut self.warm_up, span, number(input)?),
            "block_on" => once(&mut self.block_on, span, input.call(Path::parse_mod_style)?),
            "crate" => once(&mut self.krate, span, input.call(Path::parse_mod_style)?),
            _ => Err(syn::Error::new(
                span,
                "no such option: it is one of budget, blocks, within, warm_up, block_on, crate",
            )),
        }
    }
}

fn once<T>(place: &mut Option<T>, span: Span, value: T) -> syn::Result<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(syn::Error::new(span, "this option is given twice")),
    }
}

fn number<N: std::str::FromStr<Err: std::fmt::Display>>(input: ParseStream<'_>) -> syn::Result<N> {
    input.parse::<LitInt>()?.base10_parse()
}
