//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use termgrid::Size;

/// Runs a shell in a terminal in this terminal, and writes pictures of it.
///
/// While it runs, SIGUSR1 writes the pictures too.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    /// Runs without a terminal, on a screen of that size, and shows nothing
    #[arg(long, value_name = "COLUMNSxLINES", value_parser = size)]
    pub(crate) size: Option<Size>,
    /// What is on the screen at the end, as a picture
    #[arg(long, value_name = "FILE.png")]
    pub(crate) screenshot: Option<PathBuf>,
    /// What is on the screen at the end, as a page
    #[arg(long, value_name = "FILE.html")]
    pub(crate) html: Option<PathBuf>,
    /// How many lines are kept of those that scroll out
    #[arg(long, value_name = "LINES", default_value_t = 10_000)]
    pub(crate) scrollback: usize,
    /// The command with its arguments; SHELL, or /bin/sh, if there is none
    #[arg(trailing_var_arg = true)]
    pub(crate) command: Vec<OsString>,
}

fn size(text: &str) -> Result<Size, String> {
    let (columns, lines) = text
        .split_once('x')
        .ok_or("it is columns, an x and lines, as in 80x24")?;
    let number = |text: &str| {
        text.parse()
            .map_err(|error| format!("`{text}` is no number of columns or lines: {error}"))
    };
    Size::new(number(lines)?, number(columns)?).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Options, size};
    use clap::{CommandFactory, Parser};

    #[test]
    fn a_size_is_columns_and_lines() {
        let good = size("80x24").unwrap();
        assert_eq!((good.columns(), good.lines()), (80, 24));
        for bad in [
            "80", "80x", "x24", "80x0", "1x24", "80x24x2", "99999x2", "-1x5",
        ] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_stands_behind_the_command_is_its_own() {
        Options::command().debug_assert();
        let options = Options::parse_from(["evterm", "--size", "80x24", "ls", "--size", "1"]);
        assert_eq!(options.command, ["ls", "--size", "1"]);
    }
}
