//! A screen as a page of HTML: text in spans, without scripts or other files.

use std::io::{self, Write};

use termgrid::{Attributes, Cell, Row, Terminal, Underline, Width};

use crate::palette::{BACKGROUND, FOREGROUND, Rgb, colors};

pub(crate) fn draw(terminal: &Terminal, out: &mut impl Write) -> io::Result<()> {
    let grid = terminal.grid();
    let title = match terminal.title() {
        "" => "evterm".to_owned(),
        title => title.chars().map(escaped).collect(),
    };
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>\n\
        body {{ margin: 0; background: {ground}; }}\n\
        pre {{ margin: 0; padding: 1ch; overflow-x: auto; color: {glyph}; font: 1rem/1.25 monospace; }}\n\
        .wide {{ display: inline-block; width: 2ch; vertical-align: top; }}\n</style>\n</head>\n<body>",
        ground = hex(BACKGROUND),
        glyph = hex(FOREGROUND),
    )?;
    write!(out, "<pre>")?;
    for line in 0..grid.lines() {
        row(
            grid.row(line),
            grid.columns(),
            terminal.modes().reverse_video,
            out,
        )?;
        writeln!(out)?;
    }
    writeln!(out, "</pre>\n</body>\n</html>")
}

fn row(row: &Row, columns: usize, reverse: bool, out: &mut impl Write) -> io::Result<()> {
    let columns = if reverse { columns } else { row.cells().len() };
    let mut style = String::new();
    for column in 0..columns {
        let cell = row.cell(column);
        if cell.width == Width::Spacer {
            continue;
        }
        let its = style_of(&cell, reverse);
        if its != style {
            close(&style, out)?;
            if !its.is_empty() {
                write!(out, "<span style=\"{its}\">")?;
            }
            style = its;
        }
        let text: String = [cell.character]
            .into_iter()
            .chain(row.combining(column))
            .map(escaped)
            .collect();
        if cell.width == Width::Wide {
            write!(out, "<span class=\"wide\">{text}</span>")?;
        } else {
            write!(out, "{text}")?;
        }
    }
    close(&style, out)
}

fn close(style: &str, out: &mut impl Write) -> io::Result<()> {
    if style.is_empty() {
        Ok(())
    } else {
        write!(out, "</span>")
    }
}

fn style_of(cell: &Cell, reverse: bool) -> String {
    let (glyph, ground) = colors(cell, reverse);
    let has = |attribute| cell.attributes.contains(attribute);
    let mut style = String::new();
    let mut add = |property: &str, value: &str| style += &format!("{property}:{value};");
    if glyph != FOREGROUND {
        add("color", &hex(glyph));
    }
    if ground != BACKGROUND {
        add("background", &hex(ground));
    }
    if has(Attributes::BOLD) {
        add("font-weight", "bold");
    }
    if has(Attributes::ITALIC) {
        add("font-style", "italic");
    }
    let lines = [
        (cell.attributes.underline() != Underline::None, "underline"),
        (has(Attributes::STRIKE), "line-through"),
    ];
    let lines: Vec<&str> = lines.iter().filter(|it| it.0).map(|it| it.1).collect();
    if !lines.is_empty() {
        let kind = match cell.attributes.underline() {
            Underline::None | Underline::Single => "",
            Underline::Double => " double",
            Underline::Curly => " wavy",
            Underline::Dotted => " dotted",
            Underline::Dashed => " dashed",
        };
        add("text-decoration", &(lines.join(" ") + kind));
    }
    style
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(character: char) -> String {
    match character {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '"' => "&quot;".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::draw;
    use termgrid::{Size, Terminal};

    fn page(bytes: &str) -> String {
        let mut terminal = Terminal::new(Size::new(2, 20).unwrap(), 0);
        terminal.process(bytes.as_bytes());
        let mut page = Vec::new();
        draw(&terminal, &mut page).unwrap();
        String::from_utf8(page).unwrap()
    }

    #[test]
    fn text_is_escaped_in_the_page_and_in_its_title() {
        let page = page("\x1b]2;<script>\x07<b>&\"");
        assert!(page.contains("<title>&lt;script&gt;</title>"));
        assert!(page.contains("<pre>&lt;b&gt;&amp;&quot;\n"));
    }

    #[test]
    fn styles_are_spans_and_end_with_their_text() {
        let page = page("a\x1b[1;38;2;1;2;3mb\x1b[mc\x1b[9;4:3md");
        assert!(page.contains("a<span style=\"color:#010203;font-weight:bold;\">b</span>c<span"));
        assert!(page.contains("text-decoration:underline line-through wavy;\">d</span>\n"));
    }

    #[test]
    fn wide_characters_take_two_columns_and_marks_none() {
        let page = page("\u{6f22}e\u{301}");
        assert!(page.contains("<span class=\"wide\">\u{6f22}</span>e\u{301}\n"));
    }
}
