//! Keys that lie about equality and order, unless told not to.

use std::cell::Cell;
use std::cmp::Ordering;

thread_local! {
    static HONEST: Cell<bool> = const { Cell::new(false) };
    static TURN: Cell<bool> = const { Cell::new(false) };
}

/// Runs the operation while no key on this thread lies.
pub fn without_chaos<R>(operation: impl FnOnce() -> R) -> R {
    let before = HONEST.replace(true);
    let result = operation();
    HONEST.set(before);
    result
}

/// How a key answers whether it is equal to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChaosEq {
    #[default]
    Honest,
    Always,
    Never,
    InTurn,
}

impl ChaosEq {
    pub fn all_variants() -> [Self; 4] {
        [Self::Honest, Self::Always, Self::Never, Self::InTurn]
    }

    pub(crate) fn answer(self, truth: bool) -> bool {
        match self {
            _ if HONEST.get() => truth,
            Self::Honest => truth,
            Self::Always => true,
            Self::Never => false,
            Self::InTurn => turn(),
        }
    }
}

/// How a key answers how it compares to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChaosOrd {
    #[default]
    Honest,
    Less,
    Equal,
    Greater,
    InTurn,
    Panics,
}

impl ChaosOrd {
    pub fn all_variants() -> [Self; 6] {
        use ChaosOrd::*;
        [Honest, Less, Equal, Greater, InTurn, Panics]
    }

    pub(crate) fn answer(self, truth: Ordering) -> Ordering {
        match self {
            _ if HONEST.get() => truth,
            Self::Honest => truth,
            Self::Less => Ordering::Less,
            Self::Equal => Ordering::Equal,
            Self::Greater => Ordering::Greater,
            Self::InTurn if turn() => Ordering::Less,
            Self::InTurn => Ordering::Greater,
            Self::Panics => panic!("a key refuses to be compared"),
        }
    }
}

/// How a key lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyChaos {
    pub(crate) eq: ChaosEq,
    pub(crate) ord: ChaosOrd,
}

impl KeyChaos {
    pub fn with_eq(self, eq: ChaosEq) -> Self {
        Self { eq, ..self }
    }

    pub fn with_ord(self, ord: ChaosOrd) -> Self {
        Self { ord, ..self }
    }
}

fn turn() -> bool {
    TURN.replace(!TURN.get())
}
