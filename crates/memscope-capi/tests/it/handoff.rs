//! Blocks that change sides, with a call that says so and without one.
#![expect(unsafe_code, reason = "C's side of a handoff is made of pointers")]

use std::ffi::{CStr, c_void};
use std::mem::ManuallyDrop;
use std::process::Command;
use std::sync::Arc;

use memscope::Scope;
use memscope_capi::handoff::{self, Refused};
use memscope_capi::{ms_alloc_at, ms_free_at, ms_is_block, ms_realloc_at, ms_set_exit_check};

const CHILD: &str = "MEMSCOPE_CAPI_HANDOFF";
const FILE: &CStr = c"server.c";

fn alloc<T>(line: i32) -> *mut T {
    alloc_bytes(size_of::<T>(), line)
}

fn alloc_bytes<T>(size: usize, line: i32) -> *mut T {
    // SAFETY: the name is static.
    unsafe { ms_alloc_at(size, FILE.as_ptr(), line) }.cast()
}

fn free<T>(block: *mut T, line: i32) {
    // SAFETY: the name is static; each test frees what it has, but where that is the fault it is about.
    unsafe { ms_free_at(block.cast::<c_void>(), FILE.as_ptr(), line) };
}

/// Runs one of these tests in a process of its own, and gives what it wrote and whether it went on to its end. `None` in
/// that process.
fn apart(test: &str) -> Option<(bool, String)> {
    if std::env::var_os(CHILD).is_some() {
        return None;
    }
    let program = std::env::current_exe().expect("a running program has a file");
    let output = Command::new(program)
        .args(["--exact", &format!("handoff::{test}"), "--nocapture"])
        .env(CHILD, "1")
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    Some((output.status.success(), text))
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }
}

#[test]
fn a_value_given_to_c_is_dropped_by_its_free_and_leaves_the_account() {
    let shared = Arc::new(());
    let scope = Scope::new("request");
    let given = scope.run(|| handoff::give(Box::new((Arc::clone(&shared), 7_u64))));
    assert_eq!(scope.usage().live(), 1);
    assert_eq!(ms_is_block(given.cast()), 0, "it is no block of malloc's");
    let address = given.expose_provenance();
    std::thread::spawn(move || {
        free(std::ptr::with_exposed_provenance_mut::<u8>(address), 1);
    })
    .join()
    .unwrap();
    assert_eq!(Arc::strong_count(&shared), 1, "the destructor ran");
    scope.end().unwrap();
}

#[test]
fn a_value_is_taken_back_once_and_as_what_it_is() {
    let given = handoff::give(Box::new(5_u32));
    assert_eq!(
        handoff::take_back(given.cast::<[u8; 4]>()),
        Err(Refused::NotGiven)
    );
    assert_eq!(handoff::take_back(given), Ok(Box::new(5)));
    assert_eq!(handoff::take_back(given), Err(Refused::NotGiven));
}

#[test]
fn a_block_of_c_is_dropped_by_rust_with_its_value_and_stays_on_its_account() {
    let shared = Arc::new(());
    let scope = Scope::new("request");
    let block = scope.run(|| alloc::<Arc<()>>(10));
    // SAFETY: as large as asked for.
    unsafe { block.write(Arc::clone(&shared)) };
    // SAFETY: written above, and nobody else has it.
    let taken = unsafe { handoff::take(block) }.unwrap();
    assert_eq!((Arc::strong_count(&taken), scope.usage().live()), (2, 1));
    assert_eq!(ms_is_block(block.cast()), 0, "it is Rust's now");
    drop(taken);
    assert_eq!(Arc::strong_count(&shared), 1);
    scope.end().unwrap();
}

#[test]
fn a_block_that_is_given_back_is_as_c_made_it() {
    let block = alloc::<u64>(20);
    // SAFETY: as large as asked for.
    unsafe { block.write(1) };
    // SAFETY: written above, and nobody else has it.
    let mut taken = unsafe { handoff::take(block) }.unwrap();
    *taken += 1;
    let back = taken.give_back();
    assert_eq!((back, ms_is_block(back.cast())), (block, 1));
    // SAFETY: live, and holds what was written.
    assert_eq!(unsafe { back.read() }, 2);
    free(back, 21);
}

#[test]
fn what_rust_cannot_take_stays_with_c() {
    let block: *mut u64 = alloc_bytes(1, 30);
    let mut here = 0_u64;
    #[repr(align(64))]
    #[derive(Debug)]
    struct Wide(#[expect(dead_code, reason = "its alignment is what counts")] [u8; 64]);
    // SAFETY: refused before the value is looked at, here and below.
    let small = unsafe { handoff::take(block) };
    assert_eq!(small.unwrap_err(), Refused::TooSmall { size: 1 });
    // SAFETY: as above.
    let none = unsafe { handoff::take(&raw mut here) };
    assert_eq!(none.unwrap_err(), Refused::NoBlock);
    // One of four neighbours at least is at no multiple of 64.
    let wide: [*mut Wide; 4] = std::array::from_fn(|_| alloc(31));
    let crooked = wide.iter().find(|block| !block.is_aligned());
    if let Some(crooked) = crooked {
        // SAFETY: as above.
        let refused = unsafe { handoff::take(*crooked) };
        assert_eq!(refused.unwrap_err(), Refused::NotAligned);
    }
    for block in wide {
        free(block, 32);
    }
    free(block, 33);
}

#[test]
fn a_panic_in_the_destructor_of_a_taken_value_frees_the_block() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("a destructor that panics");
        }
    }
    let scope = Scope::new("request");
    let block = scope.run(|| alloc::<(u64, Panics)>(40));
    // SAFETY: as large as asked for.
    unsafe { block.write((1, Panics)) };
    // SAFETY: written above, and nobody else has it.
    let taken = unsafe { handoff::take(block) }.unwrap();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(taken)));
    assert!(panic.is_err());
    scope.end().unwrap();
}

#[test]
fn a_box_that_c_frees_without_a_handoff_is_told_with_both_lines() {
    let Some((went_on, text)) =
        apart("a_box_that_c_frees_without_a_handoff_is_told_with_both_lines")
    else {
        let made = line!() + 1;
        let value = ManuallyDrop::new(Box::new([1_u8; 100]));
        let text = format!("made at line {made}\n");
        drop(std::io::Write::write_all(
            &mut std::io::stderr(),
            text.as_bytes(),
        ));
        free((&raw const **value).cast_mut(), 50);
        return;
    };
    assert!(!went_on, "{text}");
    let line = text
        .split("made at line ")
        .nth(1)
        .and_then(|it| it.lines().next());
    let rust = format!("handoff.rs:{}", line.unwrap_or_default());
    let size = "the mark of a Rust block of 100 bytes allocated at ";
    has(
        &text,
        &["server.c:50: wrong side: ms_free of ", size, &rust],
    );
}

#[test]
fn a_block_of_c_that_rust_frees_without_a_handoff_is_told_with_both_lines() {
    let test = "a_block_of_c_that_rust_frees_without_a_handoff_is_told_with_both_lines";
    let Some((went_on, text)) = apart(test) else {
        let block = alloc::<[u8; 100]>(60);
        // SAFETY: none; this is the fault. The allocator ends the process before it frees.
        drop(unsafe { Box::from_raw(block) });
        return;
    };
    assert!(!went_on, "{text}");
    has(
        &text,
        &[
            "wrong side: freed by Rust at ",
            "handoff.rs:",
            "ms_alloc made it at server.c:60",
        ],
    );
}

#[test]
fn a_free_of_what_rust_has_taken_is_told_with_three_lines() {
    let Some((went_on, text)) = apart("a_free_of_what_rust_has_taken_is_told_with_three_lines")
    else {
        let block = alloc::<u64>(70);
        // SAFETY: as large as asked for.
        unsafe { block.write(1) };
        // SAFETY: written above, and nobody else has it.
        let taken = unsafe { handoff::take(block) };
        free(block, 71);
        drop(taken);
        return;
    };
    assert!(!went_on, "{text}");
    let parts = [
        "server.c:71: wrong side: ms_free of ",
        "allocated at server.c:70",
        "took at ",
        "handoff.rs:",
    ];
    has(&text, &parts);
}

#[test]
fn a_second_free_of_a_given_value_is_a_double_free() {
    let Some((went_on, text)) = apart("a_second_free_of_a_given_value_is_a_double_free") else {
        let given = handoff::give(Box::new(1_u64));
        free(given, 80);
        free(given, 81);
        return;
    };
    assert!(!went_on, "{text}");
    has(
        &text,
        &[
            "server.c:81: double free",
            "handoff.rs:",
            "freed before at server.c:80",
        ],
    );
}

#[test]
fn c_can_only_free_what_it_was_given() {
    let Some((went_on, text)) = apart("c_can_only_free_what_it_was_given") else {
        let given = handoff::give(Box::new(1_u64));
        // SAFETY: the name is static; the call is the fault.
        unsafe { ms_realloc_at(given.cast(), 16, FILE.as_ptr(), 90) };
        return;
    };
    assert!(!went_on, "{text}");
    has(
        &text,
        &[
            "server.c:90: wrong side: ms_realloc",
            "`u64` given to C at ",
            "handoff.rs:",
        ],
    );
}

#[test]
fn what_is_handed_over_and_never_freed_fails_the_process_at_its_end() {
    let test = "what_is_handed_over_and_never_freed_fails_the_process_at_its_end";
    let Some((went_on, text)) = apart(test) else {
        ms_set_exit_check(1);
        let _ = handoff::give(Box::new([0_u16; 5]));
        let block = alloc::<u32>(100);
        // SAFETY: as large as asked for.
        unsafe { block.write(1) };
        // SAFETY: written above, and nobody else has it.
        let _kept = ManuallyDrop::new(unsafe { handoff::take(block) });
        return;
    };
    assert!(!went_on, "{text}");
    let given = "`[u16; 5]` of 10 bytes, given to C";
    let taken = "a block of 4 bytes allocated at server.c:100, taken by Rust";
    has(&text, &["leak: handed over", given, taken, "handoff.rs:"]);
}
