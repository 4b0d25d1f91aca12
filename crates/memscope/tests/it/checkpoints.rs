//! Checkpoints within a scope.

use std::time::Duration;

use memscope::{Scope, checkpoint};

#[test]
fn what_was_live_before_a_checkpoint_is_nobodys_leak() {
    let scope = Scope::new("scope");
    scope.run(|| {
        let before = vec![0_u8; 50];
        let checkpoint = checkpoint();
        let scratch = vec![0_u8; 10];
        checkpoint.check_neutral().unwrap_err();
        drop(scratch);
        let since = checkpoint.check_neutral().unwrap();
        assert_eq!((since.allocs, since.frees, since.bytes_freed), (1, 1, 10));
        drop(before);
    });
}

#[test]
fn fewer_blocks_than_before_are_no_neutral_either() {
    let scope = Scope::new("scope");
    scope.run(|| {
        let before = vec![0_u8; 50];
        let checkpoint = checkpoint();
        drop(before);
        let report = checkpoint.check_neutral().unwrap_err().to_string();
        assert!(report.starts_with("-1 blocks of -50 bytes"), "{report}");
    });
}

#[test]
fn a_block_that_grew_since_is_told() {
    let scope = Scope::new("scope");
    scope.run(|| {
        let mut block = Vec::<u8>::with_capacity(10);
        let checkpoint = checkpoint();
        block.reserve_exact(30);
        let report = checkpoint.check_neutral().unwrap_err().to_string();
        assert!(report.starts_with("0 blocks of 20 bytes"), "{report}");
    });
}

#[test]
fn a_checkpoint_waits_for_frees_that_are_under_way() {
    let scope = Scope::new("scope");
    scope.run(|| {
        let checkpoint = checkpoint();
        let (sender, receiver) = std::sync::mpsc::channel::<Vec<u8>>();
        let worker = std::thread::spawn(move || receiver.into_iter().for_each(drop));
        for _ in 0..10 {
            sender.send(vec![0_u8; 10]).unwrap();
        }
        drop(sender);
        worker.join().unwrap();
        checkpoint.assert_neutral_within(Duration::from_secs(60));
    });
}
