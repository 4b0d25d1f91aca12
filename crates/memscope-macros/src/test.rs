//! The function, and what becomes of it.

use proc_macro2::{Group, Ident, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Path, ReturnType, Token, Visibility, parenthesized, parse_quote};

use crate::options::Options;

pub(crate) struct Test {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    asyncness: Option<Token![async]>,
    name: Ident,
    output: ReturnType,
    body: Group,
}

impl Parse for Test {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let asyncness = input.parse()?;
        input.parse::<Token![fn]>()?;
        let name = input.parse()?;
        if let Some(generic) = input.parse::<Option<Token![<]>>()? {
            return Err(syn::Error::new(generic.span, "a test is not generic"));
        }
        let arguments;
        parenthesized!(arguments in input);
        if !arguments.is_empty() {
            return Err(arguments.error("a test takes nothing"));
        }
        Ok(Self {
            attributes,
            visibility,
            asyncness,
            name,
            output: input.parse()?,
            body: input.parse()?,
        })
    }
}

pub(crate) fn expand(options: &Options, test: &Test) -> syn::Result<TokenStream> {
    let krate = options.krate.clone();
    let krate = krate.unwrap_or_else(|| parse_quote!(::memscope));
    let check = check(options, &krate);
    let body = body(options, test, &krate)?;
    let Test {
        attributes,
        visibility,
        name,
        output,
        ..
    } = test;
    Ok(quote! {
        #[::core::prelude::v1::test]
        #(#attributes)*
        #visibility fn #name() #output {
            fn body() #output #body
            #krate::Check::new(::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)))
                #check
                .run(body)
        }
    })
}

/// The calls that say what may stay.
fn check(options: &Options, krate: &Path) -> TokenStream {
    let budget = match (options.bytes, options.blocks) {
        (None, None) => None,
        (Some(bytes), None) => Some(quote!(bytes(#bytes))),
        (None, Some(blocks)) => Some(quote!(blocks(#blocks))),
        (Some(bytes), Some(blocks)) => Some(quote!(bytes(#bytes).and_blocks(#blocks))),
    };
    let budget = budget.map(|budget| quote!(.budget(#krate::Budget::#budget)));
    let within = options
        .within
        .map(|microseconds| quote!(.within(::core::time::Duration::from_micros(#microseconds))));
    let warm_up = options.warm_up.map(|runs| quote!(.warm_up(#runs)));
    quote!(#budget #within #warm_up)
}

/// The body as that of a plain function. Wherever the future is driven, it is in the test's scope.
fn body(options: &Options, test: &Test, krate: &Path) -> syn::Result<TokenStream> {
    let body = &test.body;
    match (&test.asyncness, &options.block_on) {
        (None, None) => Ok(quote!(#body)),
        (Some(_), Some(block_on)) => Ok(quote!({
            let future = async move #body;
            match #krate::ScopeHandle::current() {
                Some(scope) => #block_on(#krate::InScopeExt::in_scope(future, scope)),
                None => #block_on(future),
            }
        })),
        (Some(token), None) => Err(syn::Error::new(
            token.span,
            "say what runs the future, as in `block_on = futures::executor::block_on`",
        )),
        (None, Some(path)) => Err(syn::Error::new_spanned(path, "the function is not `async`")),
    }
}
