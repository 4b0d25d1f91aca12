//! The screen as files.

mod page;
mod picture;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use termgrid::Terminal;

use crate::error::Error;
use crate::options::Options;

/// How a screen is written to a file.
type Draw = fn(&Terminal, &mut BufWriter<File>) -> io::Result<()>;

/// Writes the files that are wanted.
pub(crate) fn write(options: &Options, terminal: &Terminal) -> Result<(), Error> {
    let wanted: [(_, Draw); 2] = [
        (&options.screenshot, picture::draw),
        (&options.html, page::draw),
    ];
    for (path, draw) in wanted {
        if let Some(path) = path {
            write_file(path, terminal, draw).map_err(|source| Error::Picture {
                path: path.clone(),
                source,
            })?;
        }
    }
    Ok(())
}

fn write_file(path: &Path, terminal: &Terminal, draw: Draw) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    draw(terminal, &mut file)?;
    file.flush()
}
