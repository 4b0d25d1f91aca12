// Planted by the auditor. Never part of the audited crate.
extern crate shuttle;

use shuttle::sync::{Arc, Mutex};

#[test]
fn locks_in_both_orders() {
    shuttle::check_random(
        || {
            let locks = Arc::new((Mutex::new(0), Mutex::new(0)));
            let other = locks.clone();
            let handle = shuttle::thread::spawn(move || {
                let _first = other.0.lock().unwrap();
                let _second = other.1.lock().unwrap();
            });
            {
                let _second = locks.1.lock().unwrap();
                let _first = locks.0.lock().unwrap();
            }
            handle.join().unwrap();
        },
        1000,
    );
}
