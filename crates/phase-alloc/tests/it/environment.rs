//! The environment variables, which only those read that ask for it.

use crate::support::{Object, PLAIN, case};
use crate::this_program::this_program;
use phase_alloc::zk_alloc::{self, ZkAllocator};

static ZK: ZkAllocator = ZkAllocator;

fn run(test: &str, case: &str) {
    if cfg!(miri) {
        println!("not run: Miri starts no processes");
        return;
    }
    let output = this_program()
        .args(["--exact", &format!("environment::{test}"), "--nocapture"])
        .env("PHASE_ALLOC_CASE", case)
        .env("ZK_ALLOC_SLAB_GB", "1")
        .env("ZK_ALLOC_MIN_BYTES", "512")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
}

#[test]
fn the_drop_in_module_reads_them() {
    if case().is_none() {
        return run("the_drop_in_module_reads_them", "zk");
    }
    Object::new(&ZK, 1, 1, 0).free(&ZK);
    assert_eq!(
        (zk_alloc::slab_size(), zk_alloc::min_arena_bytes()),
        (0, 4096)
    );
    let guard = zk_alloc::PhaseGuard::new();
    assert_eq!(
        (zk_alloc::slab_size(), zk_alloc::min_arena_bytes()),
        (1 << 30, 512)
    );
    let (small, large) = (Object::new(&ZK, 511, 8, 1), Object::new(&ZK, 512, 8, 1));
    assert_eq!(phase_alloc::survivors().count(), 1);
    Object::new_zeroed(&ZK, 600, 8, 1).free(&ZK);
    drop(guard);
    zk_alloc::flush_rayon();
    zk_alloc::phase(|| large.free(&ZK));
    small.free(&ZK);
    assert_eq!(zk_alloc::overflow_stats(), (0, 0));
    zk_alloc::reset_overflow_stats();
    zk_alloc::begin_phase();
    zk_alloc::end_phase();
}

#[test]
fn others_do_not() {
    if case().is_none() {
        return run("others_do_not", "plain");
    }
    Object::new(&PLAIN, 1, 1, 0).free(&PLAIN);
    phase_alloc::phase(|| {
        let small = Object::new(&PLAIN, 16, 8, 1);
        assert!(!small.is_inner());
        small.free(&PLAIN);
    });
    assert_eq!(zk_alloc::min_arena_bytes(), 0);
}
