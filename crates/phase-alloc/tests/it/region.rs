//! The region's address space.

use rustix::param::page_size;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{alone, fresh_phase, in_processes};
use phase_alloc::stats;

/// The tables of 32 GiB fit into it, and those of 64 GiB do not.
const DATA_BYTES: usize = 32 << 20;

#[test]
fn address_space_whose_tables_get_no_memory_is_given_back() {
    const TEST: &str = "region::address_space_whose_tables_get_no_memory_is_given_back";
    if cfg!(miri) {
        println!("not run: Miri starts no processes");
        return;
    }
    let _alone = alone();
    if in_processes(TEST, &["limited"]) {
        return;
    }
    let Some((before, data)) = mapped() else {
        println!("not run: there is no /proc/self/statm");
        return;
    };
    let usual = getrlimit(Resource::Data);
    let limit = Rlimit {
        current: Some((data + DATA_BYTES) as u64),
        maximum: usual.maximum,
    };
    setrlimit(Resource::Data, limit).expect("a limit can be lowered");
    let _phase = fresh_phase();
    // A panic without memory for its message would wait for itself.
    setrlimit(Resource::Data, usual).expect("it was the limit before");
    let region = stats().region_bytes;
    if region > 1 << 36 {
        println!("not run: memory for tables is not limited here");
        return;
    }
    assert!(region > 0);
    let more = mapped().unwrap().0 - before;
    assert!(more < region + region / 4, "{more} for {region}");
}

/// Bytes of this process's address space, and of its data.
fn mapped() -> Option<(usize, usize)> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let mut pages = text.split_whitespace().map(str::parse::<usize>);
    let whole = pages.next()?.ok()?;
    let data = pages.nth(4)?.ok()?;
    Some((whole * page_size(), data * page_size()))
}
