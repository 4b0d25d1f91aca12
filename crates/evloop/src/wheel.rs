//! Timers in a hierarchy of wheels: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987), scheme 7.
//!
//! Arming and disarming link and unlink one entry. An entry moves to a finer wheel at most [`LEVELS`] times before it is
//! due.

/// Each wheel turns once while the next coarser one moves by one.
const SLOTS: u64 = 64;
const BITS: u32 = SLOTS.trailing_zeros();
/// 64^7 microseconds are 50 days; what is further away waits in the last slot, and is looked at again from there.
const LEVELS: usize = 7;
const END: u64 = 1 << (BITS * LEVELS as u32);
/// One slot less than a turn of the coarsest wheel, for the slot of now is not that of a turn later.
const FURTHEST: u64 = END - END / SLOTS;
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Entry {
    /// In a ring with all of its slot.
    previous: u32,
    next: u32,
    /// In microseconds.
    deadline: u64,
    /// Level and slot as one number; [`NONE`] for what is not armed.
    place: u32,
}

const IDLE: Entry = Entry {
    previous: NONE,
    next: NONE,
    deadline: 0,
    place: NONE,
};

/// Entries by number, each armed or not.
///
/// # Invariants
/// 1. An armed entry is in the ring of its place, once, and others are in none.
/// 2. A bit of `occupied` is set where the ring of the slot has an entry, and one of `levels` where such a bit is.
/// 3. No entry's slot lies before `elapsed`.
pub(crate) struct Wheel {
    entries: Vec<Entry>,
    first: [[u32; SLOTS as usize]; LEVELS],
    occupied: [u64; LEVELS],
    /// A bit for each level that has a slot with an entry.
    levels: u32,
    /// Up to here everything that was due has been answered.
    elapsed: u64,
}

impl Wheel {
    pub(crate) const fn new() -> Self {
        Self {
            entries: Vec::new(),
            first: [[NONE; SLOTS as usize]; LEVELS],
            occupied: [0; LEVELS],
            levels: 0,
            elapsed: 0,
        }
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.levels == 0
    }

    pub(crate) fn is_armed(&self, number: u32) -> bool {
        let entry = self.entries.get(number as usize);
        entry.is_some_and(|entry| entry.place != NONE)
    }

    /// Arms an entry for a time, which may be over; one that is armed already for another time.
    #[inline]
    pub(crate) fn arm(&mut self, number: u32, deadline: u64) {
        if self.entries.len() <= number as usize {
            self.entries.resize(number as usize + 1, IDLE);
        }
        self.disarm(number);
        self.entries[number as usize].deadline = deadline;
        self.link(number);
    }

    /// Whether it was armed.
    #[inline]
    pub(crate) fn disarm(&mut self, number: u32) -> bool {
        let Some(entry) = self.entries.get(number as usize).copied() else {
            return false;
        };
        if entry.place == NONE {
            return false;
        }
        let (level, slot) = (entry.place as usize / 64, entry.place as usize % 64);
        if entry.next == number {
            self.clear(level, slot);
        } else {
            self.entries[entry.previous as usize].next = entry.next;
            self.entries[entry.next as usize].previous = entry.previous;
            if self.first[level][slot] == number {
                self.first[level][slot] = entry.next;
            }
        }
        self.entries[number as usize].place = NONE;
        true
    }

    /// When to look again at the latest: not after the first deadline, and before it where that is far away.
    pub(crate) fn next(&self) -> Option<u64> {
        self.next_slot().map(|(_, _, start)| start)
    }

    /// Calls `due` for all whose time has come, earlier ones first, and disarms them.
    #[inline]
    pub(crate) fn advance(&mut self, now: u64, mut due: impl FnMut(u32)) {
        while let Some((level, slot, start)) = self.next_slot().filter(|it| it.2 <= now) {
            self.elapsed = self.elapsed.max(start);
            let mut left = self.first[level][slot];
            self.clear(level, slot);
            let last = self.entries[left as usize].previous;
            loop {
                let entry = self.entries[left as usize];
                if entry.deadline <= self.elapsed {
                    self.entries[left as usize].place = NONE;
                    due(left);
                } else {
                    self.link(left);
                }
                if left == last {
                    break;
                }
                left = entry.next;
            }
        }
        self.elapsed = self.elapsed.max(now);
    }

    /// Level and slot of the first that has entries, and its begin.
    #[inline]
    fn next_slot(&self) -> Option<(usize, usize, u64)> {
        if self.is_empty() {
            return None;
        }
        let level = self.levels.trailing_zeros() as usize;
        let shift = BITS * level as u32;
        let here = (self.elapsed >> shift) % SLOTS;
        // From here around the wheel: what is behind belongs to its next turn, on the coarsest only.
        let ahead = self.occupied[level]
            .rotate_right(here as u32)
            .trailing_zeros();
        let slot = (here + u64::from(ahead)) % SLOTS;
        let turn = self.elapsed & !((SLOTS << shift) - 1);
        let start = turn + (slot << shift);
        let start = if slot < here {
            start + (SLOTS << shift)
        } else {
            start
        };
        Some((level, slot as usize, start.max(self.elapsed)))
    }

    /// The ring of a slot is empty.
    fn clear(&mut self, level: usize, slot: usize) {
        self.first[level][slot] = NONE;
        self.occupied[level] &= !(1 << slot);
        if self.occupied[level] == 0 {
            self.levels &= !(1 << level);
        }
    }

    fn link(&mut self, number: u32) {
        let deadline = self.entries[number as usize].deadline;
        let when = deadline.clamp(self.elapsed, self.elapsed + FURTHEST);
        let level = level(self.elapsed, when);
        let slot = (when >> (BITS * level as u32)) % SLOTS;
        let first = &mut self.first[level][slot as usize];
        let (previous, next) = if *first == NONE {
            *first = number;
            self.occupied[level] |= 1 << slot;
            self.levels |= 1 << level;
            (number, number)
        } else {
            let first = *first;
            let last = self.entries[first as usize].previous;
            self.entries[first as usize].previous = number;
            self.entries[last as usize].next = number;
            (last, first)
        };
        self.entries[number as usize] = Entry {
            previous,
            next,
            deadline,
            place: level as u32 * 64 + slot as u32,
        };
    }
}

/// The finest wheel on which both times have slots within one turn.
const fn level(elapsed: u64, when: u64) -> usize {
    let differ = (elapsed ^ when) | (SLOTS - 1);
    let highest = 63 - differ.leading_zeros();
    let level = (highest / BITS) as usize;
    if level < LEVELS { level } else { LEVELS - 1 }
}

#[cfg(test)]
mod tests {
    use super::{END, Wheel};
    use proptest::prelude::{Strategy, prop_oneof, proptest};
    use proptest::{collection::vec, prop_assert, prop_assert_eq};

    #[derive(Clone, Debug)]
    enum Step {
        Arm(u32, u64),
        Disarm(u32),
        Advance(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let ahead = || prop_oneof![0..70_u64, 0..10_000_u64, 0..10_000_000_u64, 0..3 * END];
        prop_oneof![
            (0..20_u32, ahead()).prop_map(|(number, ahead)| Step::Arm(number, ahead)),
            (0..20_u32).prop_map(Step::Disarm),
            ahead().prop_map(Step::Advance),
        ]
    }

    proptest! {
        #[test]
        fn each_timer_is_due_once_at_its_time_and_earlier_ones_first(steps in vec(step(), 1..80)) {
            let mut wheel = Wheel::new();
            let mut model = std::collections::BTreeMap::new();
            let mut now = 0;
            for step in steps {
                match step {
                    Step::Arm(number, ahead) => {
                        wheel.arm(number, now + ahead);
                        model.insert(number, now + ahead);
                    }
                    Step::Disarm(number) => {
                        prop_assert_eq!(wheel.disarm(number), model.remove(&number).is_some());
                    }
                    Step::Advance(ahead) => {
                        now += ahead;
                        let mut due = Vec::new();
                        wheel.advance(now, |number| due.push(number));
                        let times: Vec<u64> = due.iter().map(|it| model[it]).collect();
                        prop_assert!(times.is_sorted(), "{:?}", times);
                        prop_assert!(times.iter().all(|time| *time <= now));
                        due.iter().for_each(|it| _ = model.remove(it));
                    }
                }
                let first = model.values().min().copied();
                prop_assert!(first.is_none_or(|first| first >= now || wheel.next() <= Some(now)));
                prop_assert_eq!(wheel.next().is_some(), first.is_some());
                prop_assert!(wheel.next().is_none_or(|next| next <= first.unwrap().max(now)));
                for number in 0..20 {
                    prop_assert_eq!(wheel.is_armed(number), model.contains_key(&number));
                }
            }
        }
    }
}
