//! Scopes across threads.

use std::sync::Barrier;
use std::sync::mpsc;
use std::time::Duration;

use memscope::Scope;

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_block_that_another_thread_frees_is_credited() {
    let scope = Scope::new("scope");
    let block = scope.run(|| vec![0_u8; 10]);
    std::thread::spawn(move || drop(block)).join().unwrap();
    let usage = scope.end().unwrap();
    assert_eq!((usage.allocs, usage.bytes_freed), (1, 10));
}

#[test]
fn threads_that_start_in_a_scope_are_in_it() {
    let scope = Scope::new("scope");
    let worker = scope.run(|| memscope::spawn(|| vec![0_u8; 12_345]));
    let block = worker.join().unwrap();
    assert!(scope.usage().live_bytes() >= 12_345);
    drop(block);
    scope.end_within(PATIENCE).unwrap();
}

#[test]
fn many_threads_in_one_scope_keep_one_account() {
    let (threads, rounds) = if cfg!(miri) { (2, 5) } else { (4, 1000) };
    let scope = Scope::new("scope");
    std::thread::scope(|group| {
        for _ in 0..threads {
            group.spawn(|| {
                for round in 0..rounds {
                    let mut block = scope.run(|| vec![0_u8; round + 1]);
                    block.reserve_exact(100);
                    drop(block);
                }
            });
        }
    });
    let usage = scope.end_within(PATIENCE).unwrap();
    assert_eq!(usage.allocs, threads * rounds as u64);
    assert_eq!(usage.bytes_allocated, usage.bytes_freed);
}

#[test]
fn threads_come_and_go_and_leave_their_counts() {
    let threads = if cfg!(miri) { 4 } else { 2000 };
    let scope = Scope::new("scope");
    let mut kept = Vec::with_capacity(threads);
    for _ in 0..threads {
        let handle = scope.handle();
        let worker = std::thread::spawn(move || handle.run(|| vec![0_u8; 3]));
        kept.push(worker.join().unwrap());
    }
    let usage = scope.usage();
    assert_eq!(
        (usage.live(), usage.live_bytes()),
        (threads as u64, 3 * threads as u64)
    );
    drop(kept);
    scope.end().unwrap();
}

#[test]
fn blocks_that_go_round_between_threads_are_all_credited() {
    let (threads, rounds) = if cfg!(miri) { (3, 4) } else { (4, 2000) };
    let scope = Scope::new("ring");
    let start = Barrier::new(threads);
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..threads).map(|_| mpsc::channel()).unzip();
    std::thread::scope(|group| {
        for (at, receiver) in receivers.into_iter().enumerate() {
            let next = senders[(at + 1) % threads].clone();
            let (scope, start) = (&scope, &start);
            group.spawn(move || {
                start.wait();
                for round in 0..rounds {
                    let block: Vec<u8> = scope.run(|| Vec::with_capacity(round % 100 + 1));
                    next.send(block).unwrap();
                    drop(receiver.recv().unwrap());
                }
            });
        }
    });
    drop(senders);
    let usage = scope.end_within(PATIENCE).unwrap();
    assert_eq!(usage.allocs, (threads * rounds) as u64);
}

#[test]
fn scopes_begin_and_end_on_many_threads_at_once() {
    let (threads, rounds) = if cfg!(miri) { (2, 6) } else { (4, 5000) };
    let outer = Scope::new("outer");
    std::thread::scope(|group| {
        for _ in 0..threads {
            group.spawn(|| {
                let _in_outer = outer.enter();
                let mut late = Vec::new();
                for round in 0..rounds {
                    let scope = Scope::for_request("request", round);
                    let block = scope.run(|| vec![0_u8; 5]);
                    if round % 3 == 0 {
                        scope.end().unwrap_err();
                        late.push(block);
                    } else {
                        drop(block);
                        scope.end().unwrap();
                    }
                }
            });
        }
    });
    outer.end_within(PATIENCE).unwrap();
}
