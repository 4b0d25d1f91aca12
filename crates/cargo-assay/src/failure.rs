//! From an error to the exit code that docs/exit-codes.md names.

use assay_engine::Error;
use assay_evidence::exit_code;

/// The exit code for what ended a verb.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Usage>() {
        return exit_code::USAGE;
    }
    match error.downcast_ref::<Error>() {
        Some(
            Error::Manifest { .. }
            | Error::Selection { .. }
            | Error::AllowList { .. }
            | Error::Equivalents { .. }
            | Error::Track { .. },
        ) => exit_code::USAGE,
        Some(Error::Metadata { .. } | Error::DoesNotBuild { .. } | Error::Tool { .. }) => {
            exit_code::COULD_NOT_BUILD
        }
        Some(Error::Interrupted | Error::Untracked { .. }) => exit_code::INCOMPLETE,
        _ => exit_code::INTERNAL,
    }
}

/// Something in the user's input that clap cannot check.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}
