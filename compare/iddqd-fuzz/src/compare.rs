//! Sequences on two maps at once; the first answer that differs; the shortest sequence that still makes one differ.

use crate::item::{Shared, Spread};
use crate::step::{Sequence, Step};
use crate::subject::{Subject, attempt, say};
use crate::{one_key, several_keys};
use std::fmt;
use std::fmt::Write as _;

/// A map of iddqd and one of idmap, of the same records.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub name: &'static str,
    run: fn(&Sequence) -> Option<Divergence>,
}

/// Where the two do not answer the same.
#[derive(Clone, Debug)]
pub struct Divergence {
    pub sequence: Sequence,
    pub theirs: String,
    pub ours: String,
}

impl Pair {
    /// Does the sequence of a seed. A divergence is made as short as deleting steps makes it.
    pub fn run(&self, seed: u64) -> Option<Divergence> {
        let mut found = (self.run)(&Sequence::random(seed))?;
        let mut len = found.sequence.steps.len();
        while len > 0 {
            let mut at = 0;
            while at < found.sequence.steps.len() {
                let mut shorter = found.sequence.clone();
                shorter.steps.drain(at..shorter.steps.len().min(at + len));
                match (self.run)(&shorter) {
                    Some(other) => found = other,
                    None => at += len,
                }
            }
            len /= 2;
        }
        Some(found)
    }
}

/// Runs a sequence up to the first answer that differs.
fn run<Theirs: Subject, Ours: Subject>(sequence: &Sequence) -> Option<Divergence> {
    let (mut theirs, mut ours) = (Theirs::new(), Ours::new());
    for (at, step) in sequence.steps.iter().enumerate() {
        let answers = [
            answer(&mut theirs, step, sequence.domain),
            answer(&mut ours, step, sequence.domain),
        ];
        if answers[0] != answers[1] {
            let [theirs, ours] = answers;
            let mut sequence = sequence.clone();
            sequence.steps.truncate(at + 1);
            return Some(Divergence {
                sequence,
                theirs,
                ours,
            });
        }
    }
    None
}

fn answer(map: &mut impl Subject, step: &Step, domain: u32) -> String {
    let mut out = String::new();
    attempt(&mut out, |out| map.apply(step, out));
    attempt(&mut out, |out| map.observe(domain, out));
    out
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "keys below {}:", self.sequence.domain)?;
        for step in &self.sequence.steps {
            writeln!(f, "    {step:?}")?;
        }
        let mut differing = String::new();
        for (theirs, ours) in self.theirs.lines().zip(self.ours.lines()) {
            if theirs != ours {
                say!(differing, "iddqd: {theirs}\nidmap: {ours}");
            }
        }
        if differing.is_empty() {
            // One has lines more.
            say!(differing, "iddqd: {}\nidmap: {}", self.theirs, self.ours);
        }
        f.write_str(&differing)
    }
}

macro_rules! pairs {
    ($($name:literal $module:ident $Map:ident),+ $(,)?) => {
        [$(
            Pair {
                name: concat!($name, ", honest hashes"),
                run: run::<$module::theirs::$Map<Spread>, $module::ours::$Map<Spread>>,
            },
            Pair {
                name: concat!($name, ", three hashes for all keys"),
                run: run::<$module::theirs::$Map<Shared>, $module::ours::$Map<Shared>>,
            },
        )+]
    };
}

/// All maps, by what records they have, and by how the keys of these hash.
pub fn pairs() -> Vec<Pair> {
    let hashed = pairs![
        "IdHashMap of u64" one_key HashNumbers,
        "IdHashMap of String" one_key HashTexts,
        "IdHashMap of borrowed composites" one_key HashComposites,
        "BiHashMap of borrowed composites" several_keys BiComposites,
        "BiHashMap of String and u64" several_keys BiMixed,
        "TriHashMap of u64" several_keys TriNumbers,
        "TriHashMap of String, u64 and borrowed composites" several_keys TriMixed,
    ];
    macro_rules! ordered {
        ($($name:literal $Map:ident),+ $(,)?) => {
            // An ordered map takes no hasher.
            [$(Pair { name: $name, run: run::<one_key::theirs::$Map<Spread>, one_key::ours::$Map<Spread>> }),+]
        };
    }
    let ordered = ordered![
        "IdOrdMap of u64" OrdNumbers,
        "IdOrdMap of String" OrdTexts,
        "IdOrdMap of borrowed composites" OrdComposites,
        "IdOrdMap of keys of one hash" OrdBlunted,
    ];
    hashed.into_iter().chain(ordered).collect()
}
