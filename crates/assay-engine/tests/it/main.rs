//! Tests of the engine on packages that they write to temporary folders.

mod instrument;
mod inventory;
mod packages;
