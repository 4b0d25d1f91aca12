//! One way to end or to multiply a process per argument. Site 0 is hit before, site 1 after.

use assay_probe::hit;
use std::ffi::c_int;
use std::process::Command;

unsafe extern "C" {
    safe fn fork() -> c_int;
    safe fn _exit(status: c_int) -> !;
    safe fn kill(process: c_int, signal: c_int) -> c_int;
    safe fn getpid() -> c_int;
    fn waitpid(process: c_int, status: *mut c_int, options: c_int) -> c_int;
}

struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("the second panic");
    }
}

fn main() {
    let how = std::env::args().nth(1).expect("a way");
    hit(0);
    match how.as_str() {
        "return" => {}
        "abort" => std::process::abort(),
        "exit" => std::process::exit(3),
        "_exit" => _exit(3),
        "segv" => unsafe {
            std::hint::black_box(std::ptr::without_provenance_mut::<u8>(8)).write_volatile(1)
        },
        "kill" => {
            kill(getpid(), 9);
        }
        "double-panic" => {
            let _second = PanicsInDrop;
            panic!("the first panic");
        }
        "overflow" => {
            std::hint::black_box(deeper(1));
        }
        "asan" => {
            let bytes = std::hint::black_box(vec![1_u8; 8]);
            std::hint::black_box(unsafe { *bytes.as_ptr().add(8) });
        }
        "fork" => in_child(|| (0..5).for_each(|_| hit(2))),
        "fork-kill" => in_child(|| {
            hit(2);
            kill(getpid(), 9);
        }),
        "exec" => {
            let me = std::env::current_exe().unwrap();
            Command::new(me).arg("return").status().unwrap();
        }
        "beyond" => {
            hit(63);
            hit(64);
            hit(1000);
            hit(u32::MAX);
        }
        "saturate" => (0..100_000).for_each(|_| hit(3)),
        "threads" => threads(),
        "sites" => sites(),
        other => panic!("unknown way {other}"),
    }
    hit(1);
}

fn in_child(body: impl FnOnce()) {
    match fork() {
        0 => {
            body();
            _exit(0)
        }
        child => {
            let mut status = 0;
            assert_eq!(unsafe { waitpid(child, &mut status, 0) }, child);
        }
    }
}

/// 8 threads, each with 8000 hits (or as many as the second argument says) on each of the sites
/// 16 to 31, which they share, and on one of its own; and a lock of std that orders them.
fn threads() {
    let each: u64 = std::env::args()
        .nth(2)
        .map_or(8000, |count| count.parse().unwrap());
    let start = std::sync::Barrier::new(8);
    let total = std::sync::Mutex::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (start, total) = (&start, &total);
            scope.spawn(move || {
                start.wait();
                for _ in 0..each {
                    (16..32).for_each(hit);
                    hit(4 + thread);
                }
                *total.lock().unwrap() += each;
            });
        }
    });
    assert_eq!(*total.lock().unwrap(), 8 * each);
}

/// The sites of the libraries: in no_std and edition 2015 crates, in macros, in const contexts.
fn sites() {
    let byte = 7;
    assert_eq!(unsafe { bare::first(&byte) }, 7);
    const { assert!(bare::ONE == 1.0) };
    assert_eq!((bare::TWO, bare::LENGTH), (2.0, 127));
    assert_eq!(std::hint::black_box(bare::from_bits)(0x3f80_0000), 1.0);
    const ZERO: [u8; 3] = bare::filled();
    assert_eq!(ZERO, [0; 3]);
    assert_eq!(old::read(&byte), 7);
    assert_eq!(old::exported!(&raw const byte), 7);
    assert_eq!(old::Read::read(&byte), 7);
}

#[inline(never)]
#[expect(unconditional_recursion, reason = "the stack has to overflow")]
fn deeper(n: u64) -> u64 {
    let page = std::hint::black_box([n; 512]);
    deeper(n + 1) + page[(n % 512) as usize]
}
