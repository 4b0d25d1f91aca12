//! What is done to both maps: steps, and random sequences of them.

use crate::item::Row;
use fastrand::Rng;

/// An operation. Keys are numbers below [`Sequence::domain`].
#[derive(Clone, Debug)]
pub enum Step {
    New(usize),
    InsertUnique(Row),
    InsertOverwrite(Row),
    /// Changes what is no key of the record that has key `by` (0, 1 or 2).
    Modify(usize, u32),
    ModifyUnique([u32; 3]),
    /// Changes a key of the record that has key 0 through a reference, which is against the rules, and then back.
    ChangeKey(u32, usize, u32),
    Remove(usize, u32),
    RemoveUnique([u32; 3]),
    Entry([u32; 3], Then),
    /// Keeps records whose tag is no multiple.
    Retain(u32),
    Clear,
    Reserve(usize),
    TryReserve(usize),
    ShrinkToFit,
    ShrinkTo(usize),
    ModifyAll,
    Extend(Vec<Row>),
    FromIterUnique(Vec<Row>),
    Collect(Vec<Row>),
    /// Takes some records of the map that is cloned first, then puts the rest into a new one.
    IntoItems(usize),
    Equal(Vec<Row>),
    Serde(Vec<Row>),
    Diff(Vec<Row>),
    End(End),
}

/// What is done with an entry.
#[derive(Clone, Debug)]
pub enum Then {
    Show,
    Get,
    OrInsert(Row),
    OrInsertWith(Row),
    AndModify(Row),
    Insert(Row),
    InsertEntry(Row),
    Remove,
    IntoMut,
}

/// What is done at an end of an ordered map.
#[derive(Clone, Debug)]
pub enum End {
    PopFirst,
    PopLast,
    FirstEntry(Row),
    LastEntry(Row),
    RemoveFirst,
    RemoveLast,
}

/// Steps, and how many keys they are about.
#[derive(Clone, Debug)]
pub struct Sequence {
    pub domain: u32,
    pub steps: Vec<Step>,
}

impl Sequence {
    /// The sequence of a seed.
    pub fn random(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        // Few keys so that records meet; many so that there are several nodes.
        let (domain, longest) = *rng
            .choice(&[(3, 30), (8, 60), (24, 80), (200, 300)])
            .expect("not empty");
        let mut maker = Maker {
            rng,
            domain,
            tag: 0,
        };
        let len = maker.rng.usize(1..=longest);
        // Long sequences begin with a map that is not small.
        let mut steps: Vec<Step> = (domain == 200)
            .then(|| Step::Extend(maker.rows(150)))
            .into_iter()
            .collect();
        steps.extend((0..len).map(|_| maker.step()));
        Self { domain, steps }
    }
}

struct Maker {
    rng: Rng,
    domain: u32,
    tag: u32,
}

impl Maker {
    fn key(&mut self) -> u32 {
        self.rng.u32(..self.domain)
    }

    fn keys(&mut self) -> [u32; 3] {
        let key = self.key();
        match self.rng.u8(..3) {
            0 => [key; 3],
            _ => [key, self.key(), self.key()],
        }
    }

    fn row(&mut self) -> Row {
        let keys = self.keys();
        self.row_with(keys)
    }

    fn row_with(&mut self, keys: [u32; 3]) -> Row {
        self.tag += 1;
        Row {
            keys,
            tag: self.tag,
        }
    }

    fn rows(&mut self, most: usize) -> Vec<Row> {
        (0..self.rng.usize(..=most)).map(|_| self.row()).collect()
    }

    fn by(&mut self) -> usize {
        self.rng.usize(..3)
    }

    fn step(&mut self) -> Step {
        match self.rng.u8(..100) {
            0..20 => Step::InsertUnique(self.row()),
            20..30 => Step::InsertOverwrite(self.row()),
            30..34 => Step::Modify(self.by(), self.key()),
            34..36 => Step::ModifyUnique(self.keys()),
            36..39 => Step::ChangeKey(self.key(), self.by(), self.key()),
            39..55 => Step::Remove(self.by(), self.key()),
            55..58 => Step::RemoveUnique(self.keys()),
            58..78 => {
                let keys = self.keys();
                Step::Entry(keys, self.then(keys))
            }
            78..80 => Step::Retain(self.rng.u32(2..6)),
            80 => Step::Clear,
            81 => Step::New(self.rng.usize(..40)),
            82 => Step::Reserve(self.rng.usize(..100)),
            83 => {
                let random = self.rng.usize(..100);
                Step::TryReserve(
                    *self
                        .rng
                        .choice(&[usize::MAX, usize::MAX / 2, random])
                        .expect("not empty"),
                )
            }
            84 => Step::ShrinkToFit,
            85 => Step::ShrinkTo(self.rng.usize(..60)),
            86 => Step::ModifyAll,
            87 => Step::Extend(self.rows(12)),
            88 => Step::FromIterUnique(self.rows(6)),
            89 => Step::Collect(self.rows(20)),
            90 => Step::IntoItems(self.rng.usize(..20)),
            91 => Step::Equal(self.rows(2)),
            92 => Step::Serde(self.rows(2)),
            93 => Step::Diff(self.rows(2)),
            _ => Step::End(self.end()),
        }
    }

    fn then(&mut self, keys: [u32; 3]) -> Then {
        // Mostly a record that belongs there.
        let row = if self.rng.u8(..8) == 0 {
            self.row()
        } else {
            self.row_with(keys)
        };
        match self.rng.u8(..9) {
            0 => Then::Show,
            1 => Then::Get,
            2 => Then::OrInsert(row),
            3 => Then::OrInsertWith(row),
            4 => Then::AndModify(row),
            5 => Then::Insert(row),
            6 => Then::InsertEntry(row),
            7 => Then::Remove,
            _ => Then::IntoMut,
        }
    }

    fn end(&mut self) -> End {
        match self.rng.u8(..6) {
            0 => End::PopFirst,
            1 => End::PopLast,
            2 => End::FirstEntry(self.row()),
            3 => End::LastEntry(self.row()),
            4 => End::RemoveFirst,
            _ => End::RemoveLast,
        }
    }
}
