//! termgrid and its rivals.

mod alacritty;
mod ours;
mod vt100;

use crate::shown::Shown;

pub const OURS: &str = "termgrid";
pub const ALACRITTY: &str = "alacritty_terminal";
pub const VT100: &str = "vt100";

/// A terminal of some size.
pub trait Contender {
    fn process(&mut self, bytes: &[u8]);
    fn resize(&mut self, lines: usize, columns: usize);
    fn shown(&self) -> Shown;
}

/// Makes a terminal of so many lines and columns, with so much scrollback.
type Make = fn(usize, usize, usize) -> Box<dyn Contender>;

/// What termgrid is compared with.
pub struct Rival {
    pub name: &'static str,
    pub make: Make,
    /// Leaves out what this one does not know, of what any of them shows.
    pub leave_out: fn(&mut Shown),
}

pub const RIVALS: [Rival; 2] = [
    Rival {
        name: ALACRITTY,
        make: alacritty::make,
        leave_out: alacritty::leave_out,
    },
    Rival {
        name: VT100,
        make: vt100::make,
        leave_out: vt100::leave_out,
    },
];

pub fn ours(lines: usize, columns: usize, scrollback: usize) -> Box<dyn Contender> {
    ours::make(lines, columns, scrollback)
}
