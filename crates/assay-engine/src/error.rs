//! What can end an audit before it has evidence, or any other work of the engine.

use std::path::PathBuf;

/// An audit that could not be made. What a crate under audit does wrong is evidence, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The manifest does not exist or cannot be read.
    #[error("failed to read the manifest `{path}`")]
    Manifest {
        /// The path as given.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// `cargo metadata` refused the manifest.
    #[error("cargo could not load the workspace: {message}")]
    Metadata {
        /// Cargo's own message.
        message: String,
    },
    /// The selection names no package, or more than one.
    #[error("{message}")]
    Selection {
        /// What was looked for, what there is, and what to write instead.
        message: String,
    },
    /// The package does not compile as it is.
    #[error("`{package}` does not build:\n{message}")]
    DoesNotBuild {
        /// The package.
        package: String,
        /// The compiler's first error, rendered.
        message: String,
    },
    /// A file of the tool itself could not be written or read.
    #[error("failed to {action} `{path}`")]
    Io {
        /// What was tried, for example `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The list of equivalent mutants is malformed.
    #[error("list of equivalent mutants `{path}`: {message}")]
    Equivalents {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The allow-list is malformed, or an entry of it matches nothing.
    #[error("allow-list `{path}`: {message}")]
    AllowList {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        message: String,
    },
    /// A program cannot be tracked.
    #[error("{message}")]
    Track {
        /// What is wrong, and what to do.
        message: String,
    },
    /// A program ran, or could not, and nothing is known of it.
    #[error("not run: {message}")]
    Untracked {
        /// The reason, and what to do.
        message: String,
    },
    /// The audit was interrupted before there was evidence to keep.
    #[error("interrupted before any evidence was gathered")]
    Interrupted,
    /// A tool that every audit needs is missing or fails.
    #[error("`{tool}` failed: {message}")]
    Tool {
        /// The program.
        tool: String,
        /// What it said, and what to do.
        message: String,
    },
}
