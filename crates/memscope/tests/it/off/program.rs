//! The same program with the crate, whose feature is off, and without it (`--cfg with_memscope`).

#[cfg(with_memscope)]
#[global_allocator]
static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
#[cfg(not(with_memscope))]
#[global_allocator]
static ALLOCATOR: std::alloc::System = std::alloc::System;

fn work(request: u64) -> usize {
    let text = format!("request {request}");
    let boxed: Vec<u8> = text.bytes().rev().collect();
    boxed.iter().map(|byte| usize::from(*byte)).sum()
}

#[cfg(with_memscope)]
fn handle(request: u64) -> usize {
    let scope = memscope::Scope::for_request("request", request);
    let sum = scope.run(|| {
        let before = memscope::checkpoint();
        let sum = work(request);
        before.assert_neutral();
        scope.adopt(Some(sum)).map_or(0, |sum| sum)
    });
    static JOBS: memscope::Balance = memscope::Balance::new("job");
    scope.run(|| JOBS.created().released());
    let entered = scope.handle();
    let inside = entered.enter();
    drop(inside);
    scope.assert_neutral();
    match scope.end() {
        Ok(usage) => sum + usage.live() as usize,
        Err(leak) => panic!("{leak}"),
    }
}

#[cfg(not(with_memscope))]
fn handle(request: u64) -> usize {
    work(request)
}

fn main() {
    let mut sum = 0;
    for request in 0..std::env::args().count() as u64 {
        sum += handle(request);
    }
    let worker;
    #[cfg(with_memscope)]
    {
        worker = memscope::spawn(move || handle(sum as u64));
    }
    #[cfg(not(with_memscope))]
    {
        worker = std::thread::spawn(move || handle(sum as u64));
    }
    std::process::exit(worker.join().map_or(1, |sum| (sum % 2) as i32));
}
