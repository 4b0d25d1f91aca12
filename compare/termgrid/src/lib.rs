//! Terminals behind one interface: bytes in, what they show out.

pub mod shown;
mod terminals;

pub use terminals::{ALACRITTY, Contender, OURS, RIVALS, Rival, VT100, ours};
