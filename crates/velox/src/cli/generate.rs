//! `velox gen`.

use std::fs::File;
use std::io::{BufWriter, Write};

use velox::synthetic::{Config, write_day};

use super::args::Generate;
use super::source::arrivals;
use super::{Failure, print};

pub(crate) fn generate(arguments: &Generate) -> Result<(), Failure> {
    let failed = |error| Failure::Io(arguments.file.clone(), error);
    let config = Config {
        rate: arguments.rate.get(),
        arrivals: arrivals(arguments.arrivals),
        instruments: arguments.instruments,
        ..Config::default()
    };
    let file = BufWriter::with_capacity(1 << 18, File::create(&arguments.file).map_err(failed)?);
    let mut file =
        write_day(config, arguments.seed, arguments.messages, file).map_err(|error| {
            if error.kind() == std::io::ErrorKind::InvalidInput {
                Failure::Usage(error.to_string())
            } else {
                failed(error)
            }
        })?;
    file.flush().map_err(failed)?;
    let bytes = file.get_ref().metadata().map_err(failed)?.len();
    print(&format!("{}: {bytes} bytes", arguments.file.display()))
}
