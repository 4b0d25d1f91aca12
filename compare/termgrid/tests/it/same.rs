//! One terminal beside another.

use compare_termgrid::shown::Shown;
use compare_termgrid::{Contender, Rival, ours};

/// The sizes of a pair, and how much it keeps of what scrolls out.
pub const LINES: usize = 6;
pub const COLUMNS: usize = 20;
pub const SCROLLBACK: usize = 500;

/// termgrid and a rival.
pub struct Pair {
    terminals: [Box<dyn Contender>; 2],
    leave_out: fn(&mut Shown),
}

impl Pair {
    pub fn new(rival: &Rival) -> Self {
        let made =
            |make: fn(usize, usize, usize) -> Box<dyn Contender>| make(LINES, COLUMNS, SCROLLBACK);
        Self {
            terminals: [made(ours), made(rival.make)],
            leave_out: rival.leave_out,
        }
    }

    pub fn process(&mut self, bytes: &[u8]) {
        self.terminals.iter_mut().for_each(|it| it.process(bytes));
    }

    pub fn resize(&mut self, lines: usize, columns: usize) {
        self.terminals
            .iter_mut()
            .for_each(|it| it.resize(lines, columns));
    }

    /// What both show, without what the rival does not know.
    pub fn shown(&self) -> [Shown; 2] {
        let mut both = [0, 1].map(|which: usize| self.terminals[which].shown());
        both.iter_mut().for_each(self.leave_out);
        both
    }

    pub fn difference(&self) -> Option<String> {
        let [own, its] = self.shown();
        own.difference(&its)
    }
}
