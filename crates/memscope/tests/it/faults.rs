//! Faults that end the process, each in one of its own.
#![expect(unsafe_code, reason = "the faults are of unsafe code")]

use std::process::Command;

use memscope::Scope;

const CHILD: &str = "MEMSCOPE_FAULT";

/// Runs one test of this binary in a process of its own, with a variable set that tells it so.
pub(crate) fn in_a_process(test: &str, variable: &str) {
    if cfg!(miri) {
        return crate::not_run("Miri starts no processes");
    }
    let output = run(test, variable);
    assert!(output.0, "{}", output.1);
}

fn run(test: &str, variable: &str) -> (bool, String) {
    let program = std::env::current_exe().expect("a running program has a file");
    let output = Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env(variable, "1")
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), text)
}

/// The same for a test that does not come back; what it wrote to standard error.
fn fatal(test: &str) -> Option<String> {
    if cfg!(miri) {
        crate::not_run("Miri starts no processes");
        return Some(String::new());
    }
    if std::env::var_os(CHILD).is_some() {
        return None;
    }
    let (succeeded, text) = run(&format!("faults::{test}"), CHILD);
    assert!(!succeeded, "the process went on: {text}");
    Some(text)
}

#[test]
fn a_scope_that_is_dropped_with_a_live_block_ends_the_process() {
    let Some(text) = fatal("a_scope_that_is_dropped_with_a_live_block_ends_the_process") else {
        let scope = Scope::for_request("request", 7);
        let kept = scope.run(|| vec![0_u8; 100]);
        drop(scope);
        drop(kept);
        return;
    };
    let line = "1 block of 100 bytes in all did not come back in scope `request#7` (opened at ";
    assert!(cfg!(miri) || text.contains(line), "{text}");
    assert!(cfg!(miri) || text.contains("tests/it/faults.rs:"), "{text}");
}

#[test]
fn an_overrun_by_one_byte_ends_the_process() {
    let Some(text) = fatal("an_overrun_by_one_byte_ends_the_process") else {
        let mut block = vec![0_u8; 13];
        let end = block.as_mut_ptr_range().end;
        // SAFETY: none; this is the fault. The byte is the trailer's, so that no other memory is touched.
        let byte = unsafe { end.read() };
        // SAFETY: the same.
        unsafe { end.write(byte.wrapping_add(1)) };
        drop(block);
        return;
    };
    let line = "of 13 bytes (alignment 1) has no valid trailer";
    assert!(cfg!(miri) || text.contains(line), "{text}");
}

#[test]
fn a_block_that_is_freed_with_another_size_ends_the_process() {
    let Some(text) = fatal("a_block_that_is_freed_with_another_size_ends_the_process") else {
        let block = std::mem::ManuallyDrop::new(vec![0_u8; 64]);
        // SAFETY: none; this is the fault. The allocator ends the process before it frees.
        drop(unsafe { Vec::from_raw_parts(block.as_ptr().cast_mut(), 0, 32) });
        return;
    };
    assert!(cfg!(miri) || text.contains("of 32 bytes"), "{text}");
}

#[test]
fn a_leak_panics_if_that_is_what_was_asked_for() {
    if std::env::var_os("MEMSCOPE_PANIC").is_none() {
        return in_a_process(
            "faults::a_leak_panics_if_that_is_what_was_asked_for",
            "MEMSCOPE_PANIC",
        );
    }
    memscope::set_leak_action(memscope::LeakAction::Panic);
    let scope = Scope::new("scope");
    let kept = scope.run(|| std::hint::black_box(Box::new(1_u8)));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(scope)));
    let text = *panic.unwrap_err().downcast::<String>().unwrap();
    assert!(text.starts_with("1 block of 1 bytes"), "{text}");
    drop(kept);
}
