//! Colours of cells as they are seen.

use termgrid::{Attributes, Cell, Color};

/// Red, green, blue.
pub(crate) type Rgb = [u8; 3];

pub(crate) const FOREGROUND: Rgb = [0xd8, 0xd8, 0xd8];
pub(crate) const BACKGROUND: Rgb = [0x18, 0x18, 0x18];

/// Those that programs call black, red, green, yellow, blue, magenta, cyan, white, and their bright variants.
const NAMED: [Rgb; 16] = [
    [0x00, 0x00, 0x00],
    [0xcd, 0x31, 0x31],
    [0x0d, 0xbc, 0x79],
    [0xe5, 0xe5, 0x10],
    [0x24, 0x72, 0xc8],
    [0xbc, 0x3f, 0xbc],
    [0x11, 0xa8, 0xcd],
    [0xe5, 0xe5, 0xe5],
    [0x66, 0x66, 0x66],
    [0xf1, 0x4c, 0x4c],
    [0x23, 0xd1, 0x8b],
    [0xf5, 0xf5, 0x43],
    [0x3b, 0x8e, 0xea],
    [0xd6, 0x70, 0xd6],
    [0x29, 0xb8, 0xdb],
    [0xff, 0xff, 0xff],
];

/// What a glyph is drawn with, and on what. `reverse` exchanges the colours of the whole screen.
pub(crate) fn colors(cell: &Cell, reverse: bool) -> (Rgb, Rgb) {
    let has = |attribute| cell.attributes.contains(attribute);
    let mut glyph = seen(cell.foreground, FOREGROUND);
    let mut ground = seen(cell.background, BACKGROUND);
    if has(Attributes::INVERSE) != reverse {
        (glyph, ground) = (ground, glyph);
    }
    if has(Attributes::DIM) {
        glyph = std::array::from_fn(|part| glyph[part].midpoint(ground[part]));
    }
    if has(Attributes::HIDDEN) {
        glyph = ground;
    }
    (glyph, ground)
}

fn seen(color: Color, default: Rgb) -> Rgb {
    match color {
        Color::Default => default,
        Color::Indexed(index @ 0..16) => NAMED[usize::from(index)],
        // A cube of 6 by 6 by 6.
        Color::Indexed(index @ 16..232) => {
            let part = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let index = index - 16;
            [part(index / 36), part(index / 6 % 6), part(index % 6)]
        }
        Color::Indexed(index) => [8 + 10 * (index - 232); 3],
        Color::Rgb(red, green, blue) => [red, green, blue],
    }
}

#[cfg(test)]
mod tests {
    use super::{BACKGROUND, FOREGROUND, colors};
    use termgrid::{Attributes, Cell, Color};

    #[test]
    fn the_palette_is_that_of_xterm_beyond_the_first_sixteen() {
        let of = |index| {
            let background = Color::Indexed(index);
            colors(
                &Cell {
                    background,
                    ..Cell::BLANK
                },
                false,
            )
            .1
        };
        assert_eq!(of(16), [0, 0, 0]);
        assert_eq!(of(110), [135, 175, 215]);
        assert_eq!(of(231), [255, 255, 255]);
        assert_eq!(of(232), [8, 8, 8]);
        assert_eq!(of(255), [238, 238, 238]);
    }

    #[test]
    fn inverse_cells_of_an_inverse_screen_are_as_usual() {
        let mut cell = Cell::BLANK;
        assert_eq!(colors(&cell, true), (BACKGROUND, FOREGROUND));
        cell.attributes.insert(Attributes::INVERSE);
        assert_eq!(colors(&cell, false), (BACKGROUND, FOREGROUND));
        assert_eq!(colors(&cell, true), (FOREGROUND, BACKGROUND));
    }
}
