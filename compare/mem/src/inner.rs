//! What memscope costs on top of other allocators, which are called as they are and are nobody's global allocator.

use crate::Options;
use compare_harness::{Samples, turns};
use compare_mem::work::pair_of;
use libloading::Library;
use memscope::{Scope, Scoped};
use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_void;
use std::ptr;

pub const WORKLOAD: &str = "64 B pair, called directly";
const PASSES: usize = 15;

struct Contender {
    name: &'static str,
    /// The allocator itself, and below memscope.
    round: fn() -> Option<[f64; 2]>,
    counted: &'static str,
}

/// A contender without memscope and with it.
macro_rules! contender {
    ($name:literal, $allocator:expr) => {
        Contender {
            name: $name,
            round: || Some(both($allocator)),
            counted: concat!("memscope over ", $name),
        }
    };
}

const CONTENDERS: [Contender; 7] = [
    contender!("System", System),
    contender!("mimalloc", mimalloc::MiMalloc),
    contender!("jemalloc", tikv_jemallocator::Jemalloc),
    contender!("snmalloc", snmalloc_rs::SnMalloc),
    contender!("rpmalloc", rpmalloc::RpMalloc),
    contender!("phase-alloc", phase_alloc::PhaseAlloc::new()),
    Contender {
        name: "tcmalloc",
        round: || Tcmalloc::load().ok().map(both),
        counted: "memscope over tcmalloc",
    },
];

fn both(allocator: impl GlobalAlloc) -> [f64; 2] {
    let plain = pair_of(&allocator, PASSES);
    let scoped = Scoped::new(allocator);
    let counted = Scope::new("work").run(|| pair_of(&scoped, PASSES));
    [plain, counted]
}

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    for round in 0..options.rounds {
        let mut figures = [None; CONTENDERS.len()];
        for which in turns(CONTENDERS.len(), round) {
            figures[which] = (CONTENDERS[which].round)();
        }
        for (contender, figures) in CONTENDERS.iter().zip(figures) {
            if let Some([plain, counted]) = figures {
                samples.add(WORKLOAD, "ns", contender.name, plain);
                samples.add(WORKLOAD, "ns", contender.counted, counted);
            }
        }
    }
    let missing = Tcmalloc::load().err();
    missing
        .map(|it| format!("tcmalloc: {it}"))
        .into_iter()
        .collect()
}

/// gperftools' malloc, where the machine has it.
struct Tcmalloc {
    malloc: unsafe extern "C" fn(usize) -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void),
}

impl Tcmalloc {
    fn load() -> Result<Self, libloading::Error> {
        // SAFETY: loaded behind the C library it gives its functions to nobody who does not ask for them; the types are
        // those of malloc.
        unsafe {
            let library: &Library = Box::leak(Box::new(Library::new("libtcmalloc_minimal.so.4")?));
            Ok(Self {
                malloc: *library.get(b"tc_malloc\0")?,
                free: *library.get(b"tc_free\0")?,
            })
        }
    }
}

// SAFETY: blocks of malloc are aligned to 16, and more is refused.
unsafe impl GlobalAlloc for Tcmalloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > 16 {
            return ptr::null_mut();
        }
        // SAFETY: any size will do.
        unsafe { (self.malloc)(layout.size()).cast() }
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the block is of `alloc`, by the caller's word.
        unsafe { (self.free)(block.cast()) }
    }
}
