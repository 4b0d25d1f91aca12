//! loom's models of the accounts: every order in which threads may meet.

use loom::thread;

use super::{About, Account, Ledger, OwnTable, ScopeId};
use crate::sync::{Arc, AtomicBool, Ordering};
use crate::usage::Usage;

struct Set {
    ledger: Ledger,
    root: Account,
}

impl Set {
    fn new() -> Arc<Self> {
        let ledger = Ledger::new();
        let root = ledger.root().unwrap();
        Arc::new(Self { ledger, root })
    }

    fn open(&self) -> Account {
        let about = About {
            parent: ScopeId::ROOT,
            ..About::default()
        };
        self.ledger.open(about).unwrap()
    }

    fn table(&self) -> OwnTable {
        self.ledger.take_table().unwrap()
    }

    fn allocate(&self, own: OwnTable, account: Account) {
        self.ledger.lane(own, account).unwrap().allocated(8);
    }

    /// As the allocator does it: by the name in the block's trailer.
    fn free(&self, own: OwnTable, id: ScopeId) {
        let account = self.ledger.account(id).unwrap();
        self.ledger.lane(own, account).unwrap().freed(8);
    }
}

fn once(allocs: u64, frees: u64) -> Usage {
    Usage {
        allocs,
        bytes_allocated: 8 * allocs,
        frees,
        bytes_freed: 8 * frees,
        peak_bytes: 0,
    }
}

fn without_peak(counts: Usage) -> Usage {
    Usage {
        peak_bytes: 0,
        ..counts
    }
}

/// A free on another thread while the scope ends: it is booked to that scope, and not to the next one of the slot.
#[test]
fn a_remote_free_meets_the_scopes_end() {
    loom::model(|| {
        let set = Set::new();
        let here = set.table();
        let scope = set.open();
        set.allocate(here, scope);
        let there = {
            let set = Arc::clone(&set);
            thread::spawn(move || {
                let own = set.table();
                set.free(own, scope.id);
            })
        };
        set.ledger.drop_handle(scope);
        let next = set.open();
        assert_eq!(set.ledger.own(next), Usage::default());
        there.join().unwrap();
        assert_eq!(set.ledger.own(next), Usage::default());
        assert_eq!(without_peak(set.ledger.inclusive(set.root)), once(1, 1));
        set.ledger.drop_handle(next);
    });
}

/// A sum that is made while a block is allocated here, and freed there by `free` as soon as it is there.
fn sum_while_freed_elsewhere(free: fn(&Set, Account)) {
    loom::model(move || {
        let set = Set::new();
        let scope = set.open();
        let handed_over = Arc::new(AtomicBool::new(false));
        let here = set.table();
        let there = {
            let (set, handed_over) = (Arc::clone(&set), Arc::clone(&handed_over));
            thread::spawn(move || {
                if handed_over.load(Ordering::Acquire) {
                    free(&set, scope);
                }
            })
        };
        let reader = {
            let set = Arc::clone(&set);
            thread::spawn(move || {
                let usage = set.ledger.own(scope);
                assert!(usage.allocs >= usage.frees, "{usage:?}");
                assert!(usage.bytes_allocated >= usage.bytes_freed, "{usage:?}");
            })
        };
        set.allocate(here, scope);
        handed_over.store(true, Ordering::Release);
        there.join().unwrap();
        reader.join().unwrap();
    });
}

#[test]
fn a_sum_never_has_a_free_without_its_allocation() {
    sum_while_freed_elsewhere(|set, scope| {
        let own = set.table();
        set.free(own, scope.id);
    });
}

#[test]
fn a_free_without_a_table_is_seen_with_its_allocation() {
    sum_while_freed_elsewhere(|_, scope| scope.slot.shared.freed(8));
}

/// A block moves from one scope to another while somebody sums up what is around both: it is live throughout.
#[test]
fn a_sum_never_misses_a_block_that_moves() {
    loom::model(|| {
        let set = Set::new();
        let (from, to) = (set.open(), set.open());
        let here = set.table();
        set.allocate(here, from);
        let reader = {
            let set = Arc::clone(&set);
            thread::spawn(move || {
                let usage = set.ledger.inclusive(set.root);
                assert!(matches!(usage.live(), 1 | 2), "{usage:?}");
            })
        };
        // As the allocator does it.
        set.allocate(here, to);
        set.free(here, from.id);
        reader.join().unwrap();
        assert_eq!(set.ledger.inclusive(set.root).live(), 1);
        assert_eq!(set.ledger.own(to).live(), 1);
        assert!(set.ledger.own(from).is_neutral());
    });
}

/// The last handle of a scope goes while one inside asks for another: it is refused, or it keeps the scope.
#[test]
fn a_handle_of_the_scope_around_keeps_it_or_is_refused() {
    loom::model(|| {
        let set = Set::new();
        let outer = set.open();
        let about = About {
            parent: outer.id,
            ..About::default()
        };
        let inner = set.ledger.open(about).unwrap();
        let there = {
            let set = Arc::clone(&set);
            thread::spawn(move || {
                let around = set.ledger.around(inner).unwrap();
                set.ledger.drop_handle(inner);
                set.ledger.drop_handle(around);
            })
        };
        set.ledger.drop_handle(outer);
        there.join().unwrap();
        // Both slots come back, each once.
        let again = [set.open(), set.open()];
        assert_ne!(again[0].id.slot(), again[1].id.slot());
        again.map(|scope| set.ledger.drop_handle(scope));
    });
}

/// What a thread counted is there for the thread that gets its table, and for everybody else.
#[test]
fn a_table_changes_hands_with_its_counts() {
    loom::model(|| {
        let set = Set::new();
        let scope = set.open();
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let set = Arc::clone(&set);
                thread::spawn(move || {
                    let own = set.table();
                    set.allocate(own, scope);
                    own.table.give_back();
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(without_peak(set.ledger.own(scope)), once(2, 0));
    });
}

/// Two handles of one scope are dropped at the same time, one of them after a free: it finishes once.
#[test]
fn the_last_of_two_handles_finishes_the_scope_once() {
    loom::model(|| {
        let set = Set::new();
        let here = set.table();
        let scope = set.open();
        scope.slot.add_handle();
        set.allocate(here, scope);
        let there = {
            let set = Arc::clone(&set);
            thread::spawn(move || {
                let own = set.table();
                set.free(own, scope.id);
                set.ledger.drop_handle(scope);
            })
        };
        set.ledger.drop_handle(scope);
        there.join().unwrap();
        assert!(!set.root.slot.has_children());
        assert_eq!(without_peak(set.ledger.inclusive(set.root)), once(1, 1));
        let (first, second) = (set.open(), set.open());
        assert_ne!(first.id.slot(), second.id.slot());
    });
}

/// A thread inside a scope allocates while the owner's handle goes; the scope waits for it.
#[test]
fn a_scope_does_not_finish_while_a_thread_is_inside() {
    loom::model(|| {
        let set = Set::new();
        let scope = set.open();
        scope.slot.add_handle();
        let there = {
            let set = Arc::clone(&set);
            thread::spawn(move || {
                let own = set.table();
                let lane = set.ledger.lane(own, scope).unwrap();
                lane.enter();
                lane.allocated(8);
                lane.freed(8);
                lane.leave();
                set.ledger.drop_handle(scope);
            })
        };
        set.ledger.drop_handle(scope);
        there.join().unwrap();
        assert_eq!(without_peak(set.ledger.inclusive(set.root)), once(1, 1));
        assert!(!set.root.slot.has_children());
    });
}

/// A lane of the slot's last scope begins anew for the next while somebody sums that up: nothing of the last is in it.
#[test]
fn a_lane_begins_anew_before_it_is_seen() {
    loom::model(|| {
        let set = Set::new();
        let own = set.table();
        let last = set.open();
        set.allocate(own, last);
        set.free(own, last.id);
        set.ledger.drop_handle(last);
        let scope = set.open();
        assert_eq!(scope.id.slot(), last.id.slot());
        let reader = {
            let set = Arc::clone(&set);
            thread::spawn(move || {
                let usage = set.ledger.own(scope);
                assert!(usage.allocs >= usage.frees, "{usage:?}");
                assert_eq!(usage.frees, 0);
            })
        };
        set.allocate(own, scope);
        reader.join().unwrap();
    });
}
