//! Amounts with units, as `4 KiB` and `1 s`.

use syn::{LitInt, LitStr};

const BYTES: &[(&str, u64)] = &[
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];
const MICROSECONDS: &[(&str, u64)] = &[("us", 1), ("ms", 1_000), ("s", 1_000_000)];

/// Bytes, as a number or as a text with a unit.
pub(crate) fn bytes(input: syn::parse::ParseStream<'_>) -> syn::Result<u64> {
    if input.peek(LitInt) {
        return input.parse::<LitInt>()?.base10_parse();
    }
    in_units(&input.parse()?, BYTES)
}

/// A time, as a text with a unit.
pub(crate) fn microseconds(input: syn::parse::ParseStream<'_>) -> syn::Result<u64> {
    in_units(&input.parse()?, MICROSECONDS)
}

fn in_units(literal: &LitStr, units: &[(&str, u64)]) -> syn::Result<u64> {
    let text = literal.value();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = units.iter().find(|(name, _)| *name == unit.trim());
    let number = number.parse::<u64>().ok();
    number
        .zip(unit)
        .and_then(|(number, (_, factor))| number.checked_mul(*factor))
        .ok_or_else(|| {
            let names: Vec<_> = units.iter().map(|(name, _)| *name).collect();
            let message = format!("a whole number and a unit, one of {}", names.join(", "));
            syn::Error::new(literal.span(), message)
        })
}
