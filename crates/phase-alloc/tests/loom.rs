//! Every schedule, and every value that the memory model lets a load see, of small programs over the
//! words of a chunk.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p phase-alloc --test loom --target-dir target/loom`
//!
//! Memory is stood for by a cell for each object: loom reports a reuse that is not ordered behind the
//! last use, and `claims` a chunk that two threads have at once.
//!
//! Each ordering of the words was weakened, and each condition removed, one at a time; what then fails:
//!
//! | changed | fails |
//! |---|---|
//! | `subtract`: Relaxed; `held` in `give_back`: Relaxed | `an_owner_and_another_thread_empty_..` and others |
//! | `retire`: Relaxed | `a_sweep_does_not_go_by_an_older_count` and others |
//! | addition in `give_back`: Relaxed, Acquire, Release | `an_owner_frees_allocates_..` and others |
//! | `claim`: Relaxed | `a_chunk_is_retired_while_others_free_in_it` and others |
//! | `returned` in `sweep`: Relaxed | `a_sweep_does_not_go_by_an_older_count` |
//! | `held` in `sweep`: Relaxed | `a_sweep_beside_the_last_frees_claims_once` |
//! | `claim`: the generation stays | `a_late_look_does_not_claim_the_next_generation` |
//! | `sweep`: without the question for counts | `a_sweep_leaves_to_the_owner_..` |
//! | `retire`: does not look whether the chunk is empty | `a_chunk_is_retired_while_others_free_in_it` |
//!
//! One is equivalent: `give_back` without its question for R. `held` always has R, so that the words differ
//! without it; the question saves a cache line.
#![cfg(loom)]

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::{model, thread};
use phase_alloc::model::{BYTES, Chunk, Kept, Lock, Spans};

const OWNER: u64 = 1;
const HEIR: u64 = 2;

/// A chunk with the memory of its objects.
struct Memory {
    words: Chunk,
    objects: [UnsafeCell<u8>; 3],
    claims: AtomicUsize,
}

impl Memory {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            words: Chunk::opened_by(OWNER),
            objects: std::array::from_fn(|_| UnsafeCell::new(0)),
            claims: AtomicUsize::new(0),
        })
    }

    fn allocate(&self) -> usize {
        let address = self.words.allocate().unwrap();
        self.write(address);
        address
    }

    /// What the user of an object does with it.
    fn write(&self, address: usize) {
        self.objects[address / BYTES - 1].with_mut(|_| ());
    }

    fn free(&self, address: usize) {
        self.write(address);
        if self.words.free(address) {
            self.reuse();
        }
    }

    fn give_back(&self, address: usize) {
        self.write(address);
        if self.words.give_back() {
            self.reuse();
        }
    }

    fn retire(&self) {
        if self.words.retire() {
            self.reuse();
        }
    }

    /// Who claims the chunk uses all of it.
    fn reuse(&self) {
        self.claims.fetch_add(1, Ordering::Relaxed);
        (1..=self.objects.len()).for_each(|n| self.write(n * BYTES));
    }

    /// At the end, nothing is live: one thread has claimed the chunk, or a sweep does.
    fn finish(&self) {
        if self.words.sweep() {
            self.reuse();
        }
        assert_eq!(self.claims.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn an_owner_and_another_thread_empty_a_retired_chunk() {
    model(|| {
        let memory = Memory::new();
        let (mine, theirs) = (memory.allocate(), memory.allocate());
        memory.retire();
        let other = memory.clone();
        let thread = thread::spawn(move || other.give_back(theirs));
        memory.free(mine);
        thread.join().unwrap();
        memory.finish();
    });
}

#[test]
fn a_chunk_is_retired_while_others_free_in_it() {
    model(|| {
        let memory = Memory::new();
        let (first, second) = (memory.allocate(), memory.allocate());
        let threads = [first, second].map(|object| {
            let other = memory.clone();
            thread::spawn(move || other.give_back(object))
        });
        memory.retire();
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        // With nothing freed by the owner nobody can miss the last free.
        assert_eq!(memory.claims.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn an_owner_frees_allocates_and_retires_beside_another_thread() {
    model(|| {
        let memory = Memory::new();
        let (mine, theirs) = (memory.allocate(), memory.allocate());
        let other = memory.clone();
        let thread = thread::spawn(move || other.give_back(theirs));
        memory.free(mine);
        let last = memory.allocate();
        memory.retire();
        memory.free(last);
        thread.join().unwrap();
        memory.finish();
    });
}

#[test]
fn a_sweep_beside_the_last_frees_claims_once() {
    model(|| {
        let memory = Memory::new();
        let (mine, theirs) = (memory.allocate(), memory.allocate());
        memory.retire();
        let other = memory.clone();
        let freeing = thread::spawn(move || other.give_back(theirs));
        let other = memory.clone();
        let sweeping = thread::spawn(move || {
            if other.words.sweep() {
                other.reuse();
            }
        });
        memory.free(mine);
        freeing.join().unwrap();
        sweeping.join().unwrap();
        memory.finish();
    });
}

/// Who sees the chunk retired must not go by a count from before its last objects.
#[test]
fn a_sweep_does_not_go_by_an_older_count() {
    model(|| {
        let memory = Memory::new();
        let theirs = memory.allocate();
        memory.give_back(theirs);
        let other = memory.clone();
        let sweeping = thread::spawn(move || {
            if other.words.sweep() {
                other.reuse();
            }
        });
        let last = memory.allocate();
        memory.retire();
        memory.write(last);
        sweeping.join().unwrap();
        assert_eq!(memory.claims.load(Ordering::Relaxed), 0);
        memory.free(last);
        memory.finish();
    });
}

/// A thread that is stopped after its free, before it looks at `held`, must not claim the next
/// generation, in which the counts happen to be the same.
#[test]
fn a_late_look_does_not_claim_the_next_generation() {
    model(|| {
        let memory = Memory::new();
        let object = memory.allocate();
        memory.retire();
        let other = memory.clone();
        let thread = thread::spawn(move || {
            other.write(object);
            other.words.give_back()
        });
        // The sweep may be first; then the chunk is in use again. On its way to the same count of freed
        // objects it has the same count of held ones, with another object live in the end.
        if memory.words.sweep() {
            memory.words.open(OWNER);
            memory.allocate();
            let again = memory.allocate();
            assert!(!memory.words.give_back());
            assert!(!memory.words.retire());
            assert!(!thread.join().unwrap());
            assert!(memory.words.free(again));
        } else {
            assert!(thread.join().unwrap());
        }
    });
}

/// Where nobody but the owner freed, the generation stays, and so the sweep must not look.
#[test]
fn a_sweep_leaves_to_the_owner_what_the_owner_alone_freed_in() {
    model(|| {
        let memory = Memory::new();
        let object = memory.allocate();
        assert!(!memory.words.retire());
        let other = memory.clone();
        let sweeping = thread::spawn(move || other.words.sweep());
        assert!(memory.words.free(object));
        memory.words.open(OWNER);
        let again = memory.allocate();
        assert!(!memory.words.retire());
        assert!(!sweeping.join().unwrap());
        assert!(memory.words.free(again));
    });
}

#[test]
fn an_heir_goes_on_in_an_abandoned_chunk() {
    model(|| {
        let memory = Memory::new();
        let (first, second) = (memory.allocate(), memory.allocate());
        let list = Arc::new(Lock::new(None));
        let other = memory.clone();
        let freeing = thread::spawn(move || other.give_back(first));
        let (other, abandoned) = (memory.clone(), list.clone());
        let heir = thread::spawn(move || {
            if abandoned.with(Option::take) != Some(()) {
                return false;
            }
            if other.words.claim_if_empty() {
                other.reuse();
                return true;
            }
            other.words.adopt(HEIR);
            assert!(other.words.is_owned_by(HEIR));
            let mine = other.allocate();
            other.retire();
            other.free(mine);
            true
        });
        // The owner ends: it is a stranger to its chunk from now on, and frees as one.
        list.with(|list| {
            memory.words.abandon();
            *list = Some(());
        });
        memory.give_back(second);
        freeing.join().unwrap();
        if heir.join().unwrap() {
            memory.finish();
        } else {
            assert!(memory.words.claim_if_empty());
        }
    });
}

/// Granules with a cell each, which loom watches.
struct Granules {
    spans: Spans,
    cells: Vec<UnsafeCell<u8>>,
}

impl Granules {
    fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            spans: Spans::new(count),
            cells: (0..count).map(|_| UnsafeCell::new(0)).collect(),
        })
    }

    /// What the user of a span does with it.
    fn write(&self, start: u32, length: u32) {
        let start = start as usize;
        for cell in &self.cells[start..start + length as usize] {
            cell.with_mut(|_| ());
        }
    }

    fn allocate(&self, kept: &Kept, length: u32) -> u32 {
        let start = self.spans.allocate(kept, length).unwrap();
        self.write(start, length);
        start
    }

    fn free(&self, kept: &Kept, start: u32, length: u32) {
        self.write(start, length);
        self.spans.free(kept, start);
    }
}

#[test]
fn threads_take_keep_and_give_up_spans() {
    model(|| {
        let granules = Granules::new(12);
        let other = granules.clone();
        let thread = thread::spawn(move || {
            let kept = Kept::new();
            let span = other.allocate(&kept, 2);
            other.free(&kept, span, 2);
            let again = other.allocate(&kept, 2);
            other.free(&kept, again, 2);
            other.spans.leave(&kept);
        });
        let kept = Kept::new();
        let (first, second) = (granules.allocate(&kept, 2), granules.allocate(&kept, 3));
        granules.free(&kept, first, 2);
        granules.spans.leave(&kept);
        thread.join().unwrap();
        assert_eq!(granules.spans.figures(), (1, 3));
        granules.free(&kept, second, 3);
        granules.spans.leave(&kept);
        assert_eq!(granules.spans.figures(), (0, 0));
    });
}

#[test]
fn a_span_goes_to_a_thread_that_keeps_it_for_itself() {
    model(|| {
        let granules = Granules::new(8);
        let kept = Kept::new();
        let span = granules.allocate(&kept, 2);
        let other = granules.clone();
        let thread = thread::spawn(move || {
            let kept = Kept::new();
            other.free(&kept, span, 2);
            assert_eq!(other.allocate(&kept, 2), span);
            other.free(&kept, span, 2);
            other.spans.leave(&kept);
        });
        let mine = granules.allocate(&kept, 2);
        if granules.spans.grow(mine, 3) {
            granules.write(mine, 3);
        }
        thread.join().unwrap();
        assert_eq!(granules.spans.figures().0, 1);
        granules.spans.free(&kept, mine);
        granules.spans.leave(&kept);
        assert_eq!(granules.spans.figures(), (0, 0));
    });
}
