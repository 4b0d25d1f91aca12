//! For tests: what checks the structure of maps. Not covered by semantic versioning.

use alloc::string::String;
use core::fmt;

pub use allocator_api2::alloc::Global;

/// Whether the records have to be without vacant slots between.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ValidateCompact {
    /// They have.
    Compact,
    /// They need not.
    NonCompact,
}

/// Whether the keys of the records may lie.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ValidateChaos {
    /// They may, so that searches by key mean nothing.
    Yes,
    /// They may not.
    No,
}

/// What is wrong with a map.
#[derive(Debug)]
pub enum ValidationError {
    /// Something.
    General(String),
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::General(what) => f.write_str(what),
        }
    }
}

impl core::error::Error for ValidationError {}
