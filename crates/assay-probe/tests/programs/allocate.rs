//! One planted violation per argument, each in a function of that name, and its clean twin.

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, realloc};
use std::ffi::c_int;
use std::hint::black_box;

unsafe extern "C" {
    safe fn fork() -> c_int;
    fn waitpid(process: c_int, status: *mut c_int, options: c_int) -> c_int;
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

fn main() {
    assay_probe::hit(0);
    let how = std::env::args().nth(1).expect("a way");
    match how.as_str() {
        "planted_wrong_size" => unsafe { planted_wrong_size(40) },
        "planted_wrong_align" => unsafe { planted_wrong_align(32) },
        "planted_wrong_realloc" => unsafe { planted_wrong_realloc(40) },
        "planted_overrun" => unsafe { planted_overrun(24) },
        "planted_underrun" => unsafe { planted_underrun(-1) },
        "planted_double_free" => unsafe { planted_double_free(2) },
        "planted_interior_free" => unsafe { planted_interior_free(16) },
        "planted_write_after_free" => unsafe { planted_write_after_free(8) },
        "planted_late_write" => unsafe { planted_late_write(8) },
        "planted_empty" => unsafe { planted_empty(0) },
        "planted_in_a_panic" => drop(std::panic::catch_unwind(|| {
            let _planted = PlantedInAPanic;
            panic!("the drop below runs while this unwinds");
        })),
        "planted_before_a_panic" => {
            unsafe { planted_write_after_free(8) };
            panic!("std frees much while it prints the stack");
        }
        "twin" => twin(),
        "threads" => threads(),
        "fork" => forks(),
        "nothing" => {}
        "leak" => std::mem::forget(black_box(vec![0_u8; 12_345])),
        other => panic!("unknown way {other}"),
    }
    assay_probe::hit(1);
}

#[inline(never)]
unsafe fn planted_wrong_size(size: usize) {
    let block = unsafe { alloc(layout(24, 8)) };
    unsafe { dealloc(black_box(block), layout(size, 8)) };
}

#[inline(never)]
unsafe fn planted_wrong_align(align: usize) {
    let block = unsafe { alloc(layout(24, 8)) };
    unsafe { dealloc(black_box(block), layout(24, align)) };
}

#[inline(never)]
unsafe fn planted_wrong_realloc(size: usize) {
    let block = unsafe { alloc(layout(24, 8)) };
    black_box(unsafe { realloc(black_box(block), layout(size, 8), 64) });
}

#[inline(never)]
unsafe fn planted_overrun(at: usize) {
    let block = unsafe { alloc(layout(24, 8)) };
    unsafe { black_box(block).add(at).write(0) };
    unsafe { dealloc(block, layout(24, 8)) };
}

#[inline(never)]
unsafe fn planted_underrun(at: isize) {
    let block = unsafe { alloc(layout(24, 8)) };
    unsafe { black_box(block).offset(at).write(0) };
    unsafe { dealloc(block, layout(24, 8)) };
}

#[inline(never)]
unsafe fn planted_double_free(times: usize) {
    let block = unsafe { alloc(layout(24, 8)) };
    for _ in 0..black_box(times) {
        unsafe { dealloc(black_box(block), layout(24, 8)) };
    }
}

#[inline(never)]
unsafe fn planted_interior_free(at: usize) {
    let block = unsafe { alloc_zeroed(layout(128, 8)) };
    unsafe { dealloc(black_box(block).add(at), layout(24, 8)) };
}

#[inline(never)]
unsafe fn planted_write_after_free(at: usize) {
    let block = unsafe { alloc(layout(24, 8)) };
    unsafe { dealloc(black_box(block), layout(24, 8)) };
    unsafe { black_box(block).add(at).write(1) };
}

/// The write is found when the quarantine is full, long before the end.
#[inline(never)]
unsafe fn planted_late_write(at: usize) {
    unsafe { planted_write_after_free(at) };
    for n in 0..20_000 {
        drop(black_box(vec![n; 10]));
    }
    println!("not reached");
}

#[inline(never)]
unsafe fn planted_empty(size: usize) {
    black_box(unsafe { alloc(layout(black_box(size), 8)) });
}

struct PlantedInAPanic;

impl Drop for PlantedInAPanic {
    #[inline(never)]
    fn drop(&mut self) {
        unsafe { planted_double_free(2) };
    }
}

/// Everything above as it should be, and the collections of std.
fn twin() {
    for (size, align) in [(1, 1), (24, 8), (24, 32), (4096, 4096), (5 << 20, 16)] {
        let block = unsafe { alloc(layout(size, align)) };
        assert_eq!(block.addr() % align, 0);
        unsafe { block.write_bytes(7, size) };
        let larger = unsafe { realloc(block, layout(size, align), size * 2) };
        assert_eq!(unsafe { larger.add(size - 1).read() }, 7);
        unsafe { dealloc(larger, layout(size * 2, align)) };
    }
    let mut words: std::collections::BTreeMap<String, Vec<usize>> = Default::default();
    for n in 0..3000 {
        words.entry(format!("{}", n % 100)).or_default().push(n);
    }
    assert_eq!(words.values().map(Vec::len).sum::<usize>(), 3000);
    assert!(std::panic::catch_unwind(|| panic!("caught")).is_err());
    let text = std::backtrace::Backtrace::force_capture().to_string();
    assert!(text.contains("twin"));
}

/// Blocks travel between threads and are freed elsewhere.
fn threads() {
    let (send, receive) = std::sync::mpsc::channel::<Box<[usize]>>();
    std::thread::scope(|scope| {
        for thread in 1..=4 {
            let send = send.clone();
            scope.spawn(move || {
                for n in 0..2000 {
                    send.send(vec![thread; n % 64 + 1].into()).unwrap();
                }
            });
        }
        drop(send);
        let received: usize = receive.iter().map(|block| block[0]).sum();
        assert_eq!(received, 2000 * (1 + 2 + 3 + 4));
    });
}

/// Forks while other threads allocate: the child allocates too.
fn forks() {
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    drop(black_box(vec![1_u8; 100]));
                }
            });
        }
        for _ in 0..50 {
            match fork() {
                0 => {
                    (0..200).for_each(|n| drop(black_box(vec![0_u8; n + 1])));
                    assay_probe::hit(2);
                    std::process::exit(0)
                }
                child => {
                    let mut status = 1;
                    assert_eq!(unsafe { waitpid(child, &mut status, 0) }, child);
                    assert_eq!(status, 0);
                }
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
