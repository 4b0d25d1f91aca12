//! Watching a socket and not watching it any more, before the loop waits.

use crate::Options;
use crate::contenders::{LIBEVENT, Libevent, Libuv, OURS, Pairs, RAW};
use compare_harness::{Samples, processor_time, turns};
use evloop::{Interest, Loop};
use rustix::event::epoll;
use std::ptr;
use std::rc::Rc;

pub const WORKLOAD: &str = "watch a socket and forget it";
pub const NS: &str = "ns";
const TIMES: usize = 100_000;

/// A contender does it so many times.
type Work = Box<dyn FnMut(usize)>;

/// What does it with the first socket, or why it is not there.
type Make = fn(&Pairs) -> Result<Work, String>;

const CONTENDERS: [(&str, Make); 4] = [
    (RAW, raw),
    (OURS, evloop),
    (LIBEVENT, libevent),
    ("libuv", libuv),
];

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let pairs = Pairs::new(1);
    let mut not_run = Vec::new();
    for round in 0..options.rounds {
        let mut figures = [None; CONTENDERS.len()];
        for which in turns(CONTENDERS.len(), round) {
            match CONTENDERS[which].1(&pairs) {
                Ok(mut work) => {
                    work(TIMES / 10);
                    let start = processor_time();
                    work(TIMES);
                    let time = processor_time() - start;
                    figures[which] = Some(time.as_nanos() as f64 / TIMES as f64);
                }
                Err(reason) => not_run.push(reason),
            }
        }
        for ((name, _), figure) in CONTENDERS.iter().zip(figures) {
            if let Some(figure) = figure {
                samples.add(WORKLOAD, NS, name, figure);
            }
        }
    }
    not_run
}

fn raw(pairs: &Pairs) -> Result<Work, String> {
    let kernel = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(|it| it.to_string())?;
    let reader = Rc::clone(&pairs.readers[0]);
    Ok(Box::new(move |times| {
        for _ in 0..times {
            let data = epoll::EventData::new_u64(1);
            let added = epoll::add(&kernel, &*reader, data, epoll::EventFlags::IN);
            let deleted = epoll::delete(&kernel, &*reader);
            assert!(added.is_ok() && deleted.is_ok());
        }
    }))
}

fn evloop(pairs: &Pairs) -> Result<Work, String> {
    let mut events = Loop::new().map_err(|it| it.to_string())?;
    let reader = Rc::clone(&pairs.readers[0]);
    let token = events.add_io(reader, Interest::NONE, |_, _, _| {});
    Ok(Box::new(move |times| {
        for _ in 0..times {
            let watched = events.set_interest(token, Interest::READABLE);
            let forgotten = events.set_interest(token, Interest::NONE);
            assert!(watched && forgotten);
        }
    }))
}

fn libevent(pairs: &Pairs) -> Result<Work, String> {
    use crate::contenders::libevent::{READ_AGAIN, nothing};

    let library = Libevent::get()?;
    let descriptor = pairs.descriptors().next().unwrap_or(-1);
    // SAFETY: the base and the event are kept for good, and the callback takes anything.
    let event = unsafe {
        let base = (library.base_new)();
        (library.event_new)(base, descriptor, READ_AGAIN, nothing, ptr::null_mut())
    };
    Ok(Box::new(move |times| {
        for _ in 0..times {
            // SAFETY: the event is kept for good.
            let done = unsafe { ((library.add)(event, ptr::null()), (library.del)(event)) };
            assert_eq!(done, (0, 0));
        }
    }))
}

fn libuv(pairs: &Pairs) -> Result<Work, String> {
    use crate::contenders::libuv::{POLL, READABLE, nothing};

    let library = Libuv::get()?;
    let handle = library.handle(POLL);
    let descriptor = pairs.descriptors().next().unwrap_or(-1);
    // SAFETY: the loop and the handle's memory are kept for good.
    let inited = unsafe { (library.poll_init)(library.make_loop(), handle, descriptor) };
    assert_eq!(inited, 0, "a socket can be watched");
    Ok(Box::new(move |times| {
        for _ in 0..times {
            // SAFETY: the handle is kept for good.
            let done = unsafe {
                let started = (library.poll_start)(handle, READABLE, nothing);
                (started, (library.poll_stop)(handle))
            };
            assert_eq!(done, (0, 0));
        }
    }))
}
