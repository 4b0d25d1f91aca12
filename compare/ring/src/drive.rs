//! Two pinned threads, one that pushes and one that pops, and the time between.

use crate::item::Item;
use rustix::thread::{CpuSet, sched_setaffinity};
use std::hint::spin_loop;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// The cores of the two threads.
#[derive(Clone, Copy)]
pub struct Cores(pub usize, pub usize);

/// The items that one `pop` call gave: their number and the sum of their digests.
#[derive(Clone, Copy, Default)]
pub struct Popped {
    pub count: u64,
    pub sum: u64,
}

impl Popped {
    #[inline]
    pub fn one<T: Item>(item: &T) -> Self {
        Self {
            count: 1,
            sum: item.digest(),
        }
    }

    #[inline]
    pub fn all<'a, T: Item>(items: impl IntoIterator<Item = &'a T>) -> Self {
        items
            .into_iter()
            .fold(Self::default(), |popped, item| Self {
                count: popped.count + 1,
                sum: popped.sum.wrapping_add(item.digest()),
            })
    }

    #[inline]
    pub fn slices<T: Item>(front: &[T], back: &[T]) -> Self {
        let sum = |items: &[T]| {
            items
                .iter()
                .fold(0u64, |sum, it| sum.wrapping_add(it.digest()))
        };
        Self {
            count: (front.len() + back.len()) as u64,
            sum: sum(front).wrapping_add(sum(back)),
        }
    }
}

/// What a run took, and what arrived.
pub struct Outcome {
    pub elapsed: Duration,
    pub sum: u64,
}

pub fn pin(core: usize) {
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(None, &set).expect("the cores 0 and 1 are needed");
}

/// Sends `count` items. `push(from, most)` sends items from the number `from` on, at most `most`,
/// and says how many; `pop()` says what it got.
pub fn throughput(
    cores: Cores,
    count: u64,
    mut push: impl FnMut(u64, u64) -> u64 + Send,
    mut pop: impl FnMut() -> Popped + Send,
) -> Outcome {
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let producer = scope.spawn(|| {
            // Moved, so that the handle's fields can live in registers.
            let mut push = move |from, most| push(from, most);
            pin(cores.0);
            barrier.wait();
            let start = Instant::now();
            let mut sent = 0;
            while sent < count {
                let n = push(sent, count - sent);
                if n == 0 {
                    spin_loop();
                }
                sent += n;
            }
            start
        });
        let consumer = scope.spawn(|| {
            let mut pop = move || pop();
            pin(cores.1);
            barrier.wait();
            let mut total = Popped::default();
            while total.count < count {
                let got = pop();
                if got.count == 0 {
                    spin_loop();
                }
                total.count += got.count;
                total.sum = total.sum.wrapping_add(got.sum);
            }
            (Instant::now(), total.sum)
        });
        let start = producer.join().expect("the producer does not panic");
        let (end, sum) = consumer.join().expect("the consumer does not panic");
        Outcome {
            elapsed: end.duration_since(start),
            sum,
        }
    })
}

/// Sends a number to and fro `trips` times, and returns the time of each trip in nanoseconds.
///
/// `send` and `receive` are one side's, `echo_receive` and `echo_send` the other's. They wait by
/// spinning. The first tenth is not recorded.
pub fn round_trips(
    cores: Cores,
    trips: usize,
    mut send: impl FnMut(u64) + Send,
    mut receive: impl FnMut() -> u64 + Send,
    mut echo_receive: impl FnMut() -> u64 + Send,
    mut echo_send: impl FnMut(u64) + Send,
) -> Vec<f64> {
    let warm_up = trips / 10;
    let total = trips + warm_up;
    let clock = quanta::Clock::new();
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut echo = move || echo_send(echo_receive());
            pin(cores.1);
            barrier.wait();
            (0..total).for_each(|_| echo());
        });
        let asker = scope.spawn(|| {
            let mut trip = move |number| {
                send(number);
                assert_eq!(receive(), number);
            };
            pin(cores.0);
            barrier.wait();
            let mut times = Vec::with_capacity(total);
            let mut before = clock.raw();
            for number in 0..total as u64 {
                trip(number + 1);
                let now = clock.raw();
                times.push(clock.delta_as_nanos(before, now) as f64);
                before = now;
            }
            times.split_off(warm_up)
        });
        asker.join().expect("the asking side does not panic")
    })
}
