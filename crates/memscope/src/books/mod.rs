//! What scopes ask of the accounts: with the feature `enabled` the ledger, without it nothing that costs anything.

#[cfg(feature = "enabled")]
mod kept;
#[cfg(not(feature = "enabled"))]
mod unkept;

#[cfg(feature = "enabled")]
pub(crate) use kept::*;
#[cfg(not(feature = "enabled"))]
pub(crate) use unkept::*;
