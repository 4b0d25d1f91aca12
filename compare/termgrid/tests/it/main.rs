//! termgrid shows what alacritty_terminal and vt100 show.

mod random;
mod resize;
mod same;
mod streams;
