//! Select graphic rendition: `CSI m`.

use crate::attributes::{Attributes, Color, Style, Underline};

/// Changes a style as the parameters say. Unknown ones change nothing.
#[inline]
pub(crate) fn apply<'a>(style: &mut Style, mut params: impl Iterator<Item = &'a [u16]>) {
    while let Some(param) = params.next() {
        match *param {
            [38, ref rest @ ..] => {
                style.foreground = color(rest, &mut params).unwrap_or(style.foreground);
            }
            [48, ref rest @ ..] => {
                style.background = color(rest, &mut params).unwrap_or(style.background);
            }
            // The colour of the underline is not kept, but its parameters are not to be taken for others.
            [58, ref rest @ ..] => _ = color(rest, &mut params),
            [4, kind] => style.attributes.set_underline(underline(kind)),
            [code] => apply_code(style, code),
            _ => {}
        }
    }
}

#[inline]
fn apply_code(style: &mut Style, code: u16) {
    let attributes = &mut style.attributes;
    match code {
        0 => *style = Style::default(),
        1 => attributes.insert(Attributes::BOLD),
        2 => attributes.insert(Attributes::DIM),
        3 => attributes.insert(Attributes::ITALIC),
        4 => attributes.set_underline(Underline::Single),
        5 | 6 => attributes.insert(Attributes::BLINK),
        7 => attributes.insert(Attributes::INVERSE),
        8 => attributes.insert(Attributes::HIDDEN),
        9 => attributes.insert(Attributes::STRIKE),
        21 => attributes.set_underline(Underline::Double),
        22 => {
            attributes.remove(Attributes::BOLD);
            attributes.remove(Attributes::DIM);
        }
        23 => attributes.remove(Attributes::ITALIC),
        24 => attributes.set_underline(Underline::None),
        25 => attributes.remove(Attributes::BLINK),
        27 => attributes.remove(Attributes::INVERSE),
        28 => attributes.remove(Attributes::HIDDEN),
        29 => attributes.remove(Attributes::STRIKE),
        30..=37 => style.foreground = Color::Indexed((code - 30) as u8),
        39 => style.foreground = Color::Default,
        40..=47 => style.background = Color::Indexed((code - 40) as u8),
        49 => style.background = Color::Default,
        90..=97 => style.foreground = Color::Indexed((code - 90 + 8) as u8),
        100..=107 => style.background = Color::Indexed((code - 100 + 8) as u8),
        _ => {}
    }
}

fn underline(kind: u16) -> Underline {
    match kind {
        0 => Underline::None,
        2 => Underline::Double,
        3 => Underline::Curly,
        4 => Underline::Dotted,
        5 => Underline::Dashed,
        _ => Underline::Single,
    }
}

/// A colour that stands behind 38, 48 or 58: as subparameters (`38:5:n`, `38:2:r:g:b`, `38:2:space:r:g:b`), or as
/// parameters of their own (`38;5;n`, `38;2;r;g;b`).
fn color<'a>(rest: &[u16], params: &mut impl Iterator<Item = &'a [u16]>) -> Option<Color> {
    match *rest {
        [] => {
            let mut next = || params.next().and_then(|param| param.first().copied());
            match next()? {
                5 => indexed(next()?),
                2 => rgb(next()?, next()?, next()?),
                _ => None,
            }
        }
        [5, index, ..] => indexed(index),
        [2, red, green, blue] | [2, _, red, green, blue, ..] => rgb(red, green, blue),
        _ => None,
    }
}

fn indexed(index: u16) -> Option<Color> {
    u8::try_from(index).ok().map(Color::Indexed)
}

fn rgb(red: u16, green: u16, blue: u16) -> Option<Color> {
    let part = |value| u8::try_from(value).ok();
    Some(Color::Rgb(part(red)?, part(green)?, part(blue)?))
}
