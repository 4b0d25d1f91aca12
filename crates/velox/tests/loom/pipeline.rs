//! The accounts of a pipeline, and the order in which a snapshot reads them.

use loom::sync::Arc;
use loom::thread;
use velox::pipeline::{Account, Ledger};

use super::bounded;

fn account(taken: u64, passed: u64) -> Account {
    Account {
        taken,
        passed,
        held: taken - passed,
        ..Account::default()
    }
}

#[test]
fn an_account_is_read_as_it_was_published() {
    bounded(3, || {
        let ledger = Arc::new(Ledger::new());
        let theirs = Arc::clone(&ledger);
        let writer = thread::spawn(move || {
            theirs.publish(&account(1, 0));
            theirs.publish(&account(5, 3));
        });
        let seen = ledger.read();
        assert!(
            [account(0, 0), account(1, 0), account(5, 3)].contains(&seen),
            "{seen:?}"
        );
        writer.join().unwrap();
        assert_eq!(ledger.read(), account(5, 3));
    });
}

#[test]
fn nothing_is_taken_that_was_not_passed_on_before_in_accounts_read_from_behind() {
    bounded(2, || {
        let ledgers = Arc::new([Ledger::new(), Ledger::new()]);
        let (mut producer, mut consumer) = spsc_ring::ring(1);
        let of_first = Arc::clone(&ledgers);
        let first = thread::spawn(move || {
            // As the stages do: told, then done.
            of_first[0].publish(&account(1, 1));
            // The consumer may have looked, found nothing and gone.
            assert!(!matches!(
                producer.try_push(7),
                Err(spsc_ring::PushError::Full(_))
            ));
        });
        let of_second = Arc::clone(&ledgers);
        let second = thread::spawn(move || {
            if consumer.try_pop().is_ok() {
                of_second[1].publish(&account(1, 1));
            }
        });
        // A switch of its own will, so that the few preemptions are left for the others.
        thread::yield_now();
        let taken = ledgers[1].read().taken;
        let passed = ledgers[0].read().passed;
        assert!(taken <= passed, "{taken} were taken of {passed}");
        first.join().unwrap();
        second.join().unwrap();
    });
}
