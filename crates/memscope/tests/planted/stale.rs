//! A program that keeps a pointer into an arena and reads through it. `tests/it/arena/detect.rs`
//! builds it for a checker.

use memscope::arena::Arena;

fn main() {
    let mut arena = Arena::new();
    arena.alloc([1_u8; 100]);
    let mark = arena.mark();
    let value: *const u64 = arena.alloc(7);
    let way = std::env::args().nth(1).unwrap_or_default();
    let stale = match way.as_str() {
        "live" => value,
        "reset" => {
            arena.reset();
            value
        }
        "rewind" => {
            arena.rewind(mark).unwrap();
            value
        }
        "child" => arena.scope(|region| &raw const *region.alloc(7)),
        "leftover" => {
            // Fifty values, forty of them given back.
            let list = arena.alloc_from_iter((0..50_u64).filter(|it| it % 5 == 0));
            list.as_ptr().wrapping_add(20)
        }
        "beyond" => value.wrapping_add(1),
        "reused" => {
            arena.reset();
            arena.alloc([1_u8; 100]);
            &raw const *arena.alloc(7)
        }
        _ => std::process::exit(3),
    };
    // SAFETY: none but for "live" and "reused": what is wrong is what a checker should find.
    let read = unsafe { stale.read_volatile() };
    println!("read {read:#x}");
}
