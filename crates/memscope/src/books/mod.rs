//! What scopes ask of the accounts: with the feature `enabled` the ledger, without it nothing that costs anything.

#[cfg(feature = "enabled")]
mod kept;
mod survey;
#[cfg(not(feature = "enabled"))]
mod unkept;

#[cfg(feature = "enabled")]
pub(crate) use kept::*;
pub(crate) use survey::{Surveyed, survey};
#[cfg(not(feature = "enabled"))]
pub(crate) use unkept::*;
