//! One of ten thousand timers is armed for another time.

use crate::Options;
use crate::contenders::{LIBEVENT, Libevent, Libuv, OURS};
use compare_harness::{Samples, processor_time, turns};
use evloop::{Loop, Timer};
use std::ptr;
use std::time::Duration;

pub const WORKLOAD: &str = "arm one of 10,000 timers again";
pub const NS: &str = "ns";
const TIMERS: usize = 10_000;
const TIMES: usize = 200_000;

/// A contender arms the timer of this number for so many milliseconds from now.
type Arm = Box<dyn FnMut(usize, u64)>;

/// What arms, or why it is not there.
type Make = fn() -> Result<Arm, String>;

const CONTENDERS: [(&str, Make); 3] = [(OURS, evloop), (LIBEVENT, libevent), ("libuv", libuv)];

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let mut not_run = Vec::new();
    for round in 0..options.rounds {
        let mut figures = [None; CONTENDERS.len()];
        for which in turns(CONTENDERS.len(), round) {
            match CONTENDERS[which].1() {
                Ok(arm) => figures[which] = Some(measure(arm)),
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

fn measure(mut arm: Arm) -> f64 {
    (0..TIMERS).for_each(|number| arm(number, after(number)));
    let start = processor_time();
    for number in 0..TIMES {
        arm(number * 7919 % TIMERS, after(number));
    }
    (processor_time() - start).as_nanos() as f64 / TIMES as f64
}

/// Between one and thirty seconds.
fn after(number: usize) -> u64 {
    1_000 + ((number as u64 * 2_654_435_761) >> 7) % 29_000
}

fn evloop() -> Result<Arm, String> {
    let mut events = Loop::new().map_err(|it| it.to_string())?;
    let timers: Vec<_> = (0..TIMERS)
        .map(|_| events.add_timer(Timer::idle(), |_, _| {}))
        .collect();
    Ok(Box::new(move |number, after| {
        assert!(events.arm(timers[number], Duration::from_millis(after)));
    }))
}

fn libevent() -> Result<Arm, String> {
    use crate::contenders::libevent::{Time, nothing};

    let library = Libevent::get()?;
    // SAFETY: it has no arguments.
    let base = unsafe { (library.base_new)() };
    let timers: Vec<_> = (0..TIMERS)
        .map(|_| {
            // SAFETY: the base is kept for good, and the callback takes anything.
            unsafe { (library.event_new)(base, -1, 0, nothing, ptr::null_mut()) }
        })
        .collect();
    Ok(Box::new(move |number, after| {
        let after = Time {
            seconds: (after / 1000) as i64,
            microseconds: (after % 1000 * 1000) as i64,
        };
        // SAFETY: the event is kept for good.
        assert_eq!(
            unsafe { (library.add)(timers[number], &raw const after) },
            0
        );
    }))
}

fn libuv() -> Result<Arm, String> {
    use crate::contenders::libuv::{TIMER, never};

    let library = Libuv::get()?;
    let own = library.make_loop();
    let timers: Vec<_> = (0..TIMERS)
        .map(|_| {
            let timer = library.handle(TIMER);
            // SAFETY: the loop and the handle's memory are kept for good.
            assert_eq!(unsafe { (library.timer_init)(own, timer) }, 0);
            timer
        })
        .collect();
    Ok(Box::new(move |number, after| {
        // SAFETY: the handle is kept for good.
        let armed = unsafe { (library.timer_start)(timers[number], never, after, 0) };
        assert_eq!(armed, 0);
    }))
}
