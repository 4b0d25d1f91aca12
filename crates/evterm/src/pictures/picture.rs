//! A screen as PNG, in the glyphs of GNU Unifont: 8 by 16 points, 16 by 16 for wide characters.

use std::io::{self, Write};

use png::{BitDepth, ColorType, Encoder};
use termgrid::{Attributes, Cell, CursorShape, Row, Terminal, Underline, Width};
use unifont::Glyph;

use crate::palette::{Rgb, colors};

const WIDTH: usize = 8;
const HEIGHT: usize = 16;
const CHANNELS: usize = 3;

/// Where the lines of text are, in points from the top.
const UNDERLINE: usize = 14;
const STRIKE: usize = 8;

pub(crate) fn draw(terminal: &Terminal, out: &mut impl Write) -> io::Result<()> {
    let grid = terminal.grid();
    // Points are fewer than 2^32: lines and columns are less than 2^16.
    let points = |count: usize, size: usize| (count * size) as u32;
    let mut encoder = Encoder::new(
        out,
        points(grid.columns(), WIDTH),
        points(grid.lines(), HEIGHT),
    );
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let mut header = encoder.write_header()?;
    let mut data = header.stream_writer()?;
    for line in 0..grid.lines() {
        let mut strip = Strip::new(grid.columns());
        strip.row(grid.row(line), terminal.modes().reverse_video);
        if terminal.modes().cursor_visible && terminal.cursor().line == line {
            strip.cursor(terminal.cursor().column, terminal.modes().cursor_shape);
        }
        data.write_all(&strip.points)?;
    }
    data.finish()?;
    Ok(())
}

/// One line of the screen.
struct Strip {
    points: Vec<u8>,
    columns: usize,
}

impl Strip {
    fn new(columns: usize) -> Self {
        Self {
            points: vec![0; columns * WIDTH * HEIGHT * CHANNELS],
            columns,
        }
    }

    fn row(&mut self, row: &Row, reverse: bool) {
        for column in 0..self.columns {
            let (_, ground) = colors(&row.cell(column), reverse);
            for (x, y) in points(WIDTH) {
                self.set(column, x, y, ground);
            }
        }
        // After all grounds, for glyphs may reach into the next cell.
        for column in 0..self.columns {
            let cell = row.cell(column);
            if cell.width != Width::Spacer {
                let (color, _) = colors(&cell, reverse);
                self.cell(column, &cell, color);
                for mark in row.combining(column) {
                    self.character(column, mark, &cell, color);
                }
            }
        }
    }

    fn cell(&mut self, column: usize, cell: &Cell, color: Rgb) {
        self.character(column, cell.character, cell, color);
        let width = if cell.width == Width::Wide {
            2 * WIDTH
        } else {
            WIDTH
        };
        for x in 0..width {
            let lines = match cell.attributes.underline() {
                Underline::None => [None; 2],
                Underline::Single => [Some(UNDERLINE), None],
                Underline::Double => [Some(UNDERLINE - 1), Some(UNDERLINE + 1)],
                Underline::Curly => [Some(UNDERLINE - usize::from(x % 4 > 1)), None],
                Underline::Dotted => [(x % 2 == 0).then_some(UNDERLINE), None],
                Underline::Dashed => [(x % 8 < 5).then_some(UNDERLINE), None],
            };
            let strike = cell
                .attributes
                .contains(Attributes::STRIKE)
                .then_some(STRIKE);
            for y in lines.into_iter().flatten().chain(strike) {
                self.set(column, x, y, color);
            }
        }
    }

    /// Draws the points of a glyph; bold ones are a point wider, italic ones lean, and those of two cells that stand in one
    /// are half as wide.
    fn character(&mut self, column: usize, character: char, cell: &Cell, color: Rgb) {
        let Some(glyph) = glyph(character) else {
            return;
        };
        let has = |attribute| cell.attributes.contains(attribute);
        let bold = usize::from(has(Attributes::BOLD));
        let narrowed = 1 + usize::from(glyph.is_fullwidth() && cell.width != Width::Wide);
        for (x, y) in points(glyph.get_width()).filter(|(x, y)| glyph.get_pixel(*x, *y)) {
            let lean = if has(Attributes::ITALIC) {
                (HEIGHT - y) / 6
            } else {
                0
            };
            let start = x / narrowed + lean;
            for x in start..=start + bold {
                self.set(column, x, y, color);
            }
        }
    }

    /// Exchanges what is drawn under the cursor.
    fn cursor(&mut self, column: usize, shape: CursorShape) {
        for (x, y) in points(WIDTH) {
            let is_under = match shape {
                CursorShape::Block => true,
                CursorShape::Underline => y >= UNDERLINE,
                CursorShape::Bar => x < 2,
            };
            if is_under {
                let at = self.at(column, x, y);
                for part in &mut self.points[at..at + CHANNELS] {
                    *part = !*part;
                }
            }
        }
    }

    /// Sets a point, by its place in a cell; those right of the screen are left out.
    fn set(&mut self, column: usize, x: usize, y: usize, color: Rgb) {
        if column * WIDTH + x < self.columns * WIDTH {
            let at = self.at(column, x, y);
            self.points[at..at + CHANNELS].copy_from_slice(&color);
        }
    }

    fn at(&self, column: usize, x: usize, y: usize) -> usize {
        ((y * self.columns + column) * WIDTH + x) * CHANNELS
    }
}

fn points(width: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..HEIGHT).flat_map(move |y| (0..width).map(move |x| (x, y)))
}

/// That of the replacement character where there is none.
fn glyph(character: char) -> Option<&'static Glyph> {
    unifont::get_glyph(character).or_else(|| unifont::get_glyph(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    use super::{HEIGHT, WIDTH, draw};
    use crate::palette::{BACKGROUND, FOREGROUND};
    use termgrid::{Size, Terminal};

    /// The points of what a terminal of one line shows.
    fn drawn(columns: usize, bytes: &str) -> (usize, Vec<[u8; 3]>) {
        let mut terminal = Terminal::new(Size::new(1, columns).unwrap(), 0);
        terminal.process(bytes.as_bytes());
        let mut file = Vec::new();
        draw(&terminal, &mut file).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        let mut data = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut data).unwrap();
        assert_eq!(info.height as usize, HEIGHT);
        let points = data.as_chunks::<3>().0.to_vec();
        (info.width as usize, points)
    }

    #[test]
    fn a_full_block_fills_its_cell_and_no_other() {
        let (width, points) = drawn(3, "\x1b[?25l \u{2588}");
        assert_eq!(width, 3 * WIDTH);
        for (at, point) in points.iter().enumerate() {
            let is_block = at % width / WIDTH == 1;
            assert_eq!(
                *point,
                if is_block { FOREGROUND } else { BACKGROUND },
                "{at}"
            );
        }
    }

    #[test]
    fn colours_are_those_of_the_cells() {
        let (_, points) = drawn(2, "\x1b[?25l\x1b[48;2;1;2;3m ");
        assert_eq!(points[0], [1, 2, 3]);
        assert_eq!(points[WIDTH], BACKGROUND);
    }

    #[test]
    fn a_wide_character_is_drawn_across_two_cells() {
        let (width, points) = drawn(4, "\x1b[?25l\u{6f22}");
        let drawn_in = |cell: usize| {
            let of_cell = |at: &usize| at % width / WIDTH == cell;
            (0..points.len())
                .filter(of_cell)
                .any(|at| points[at] == FOREGROUND)
        };
        assert_eq!([0, 1, 2, 3].map(drawn_in), [true, true, false, false]);
    }

    #[test]
    fn a_wide_glyph_in_one_cell_is_half_as_wide() {
        let (width, points) = drawn(2, "\x1b[?25l\u{2603}");
        let in_cell = |cell: usize| move |at: &usize| at % width / WIDTH == cell;
        let is_drawn = |at: usize| points[at] == FOREGROUND;
        assert!((0..points.len()).filter(in_cell(0)).any(is_drawn));
        assert!(!(0..points.len()).filter(in_cell(1)).any(is_drawn));
    }

    #[test]
    fn the_cursor_is_seen_where_it_is() {
        let (width, points) = drawn(3, "a");
        let inverse = BACKGROUND.map(|part| !part);
        assert_eq!(points[WIDTH], inverse);
        assert_eq!(points[width * (HEIGHT - 1) + 2 * WIDTH - 1], inverse);
        assert_eq!(points[2 * WIDTH], BACKGROUND);
    }
}
