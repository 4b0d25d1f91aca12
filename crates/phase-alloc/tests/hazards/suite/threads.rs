//! Memory that one thread allocates and another one reads, grows or frees.

use super::support::{
    Block, Random, check_all, check_words, overwrite, overwrite_a_little, word, words,
};
use crate::subject::phase;
use std::collections::VecDeque;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};

/// A thread that knows nothing of phases keeps a window of buffers while the main thread runs 2000.
pub(crate) fn bystander() {
    let (done, turns) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            let finish = Finish(&done);
            let mut window: VecDeque<Block> = VecDeque::new();
            while !done.load(Ordering::Relaxed) {
                let turn = turns.fetch_add(1, Ordering::Relaxed);
                window.push_back(Block::new(turn, 8_192));
                if window.len() > 16 {
                    window.pop_front();
                }
                check_all(&window);
                thread::yield_now();
            }
            drop(finish);
        });
        let finish = Finish(&done);
        for turn in 0..2_000 {
            let before = turns.load(Ordering::Relaxed);
            // Some phases last until the other thread has done something in them.
            let idle = || turns.load(Ordering::Relaxed) == before && !done.load(Ordering::Relaxed);
            phase(|| {
                let block = Block::new(turn, 8_192);
                while turn % 20 == 0 && idle() {
                    thread::yield_now();
                }
                block.check();
            });
        }
        drop(finish);
    });
}

/// Stops the other thread, also when this one panics, so that the panic is seen.
struct Finish<'a>(&'a AtomicBool);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Messages of many phases wait in a channel for a consumer that is late.
pub(crate) fn slow_consumer() {
    let (sender, receiver) = sync_channel::<(usize, Block, Vec<u64>)>(64);
    let consumer = thread::spawn(move || {
        let mut received = 0;
        let mut waiting = VecDeque::new();
        for message in receiver {
            waiting.push_back(message);
            // Sixty-four in the channel, thirty-two here.
            if waiting.len() > 32 {
                received += check_message(waiting.pop_front());
            }
        }
        while !waiting.is_empty() {
            received += check_message(waiting.pop_front());
        }
        received
    });
    for turn in 0..1_000 {
        phase(|| {
            let message = (
                turn,
                Block::new(turn, 16 << (turn % 11)),
                words(turn as u64, turn % 2_000),
            );
            sender.send(message).expect("the consumer lives");
        });
        if turn % 10 == 0 {
            overwrite_a_little();
        }
    }
    drop(sender);
    let received = consumer.join();
    assert_eq!(received.expect("every message was right"), 1_000);
}

fn check_message(message: Option<(usize, Block, Vec<u64>)>) -> usize {
    let (turn, block, found) = message.expect("there is one");
    block.check();
    assert_eq!(found.len(), turn % 2_000);
    check_words(&found, turn as u64);
    1
}

/// Twenty times, 32 threads return results and end; the main thread frees them phases later.
pub(crate) fn owners_gone() {
    let mut kept: VecDeque<Vec<Block>> = VecDeque::new();
    for turn in 0..20 {
        phase(|| {
            let work = move |thread: usize| {
                let size = 40 << ((thread + turn) % 13);
                (0..10)
                    .map(|number| Block::new(number + thread, size + number))
                    .collect()
            };
            let threads: Vec<JoinHandle<Vec<Block>>> = (0..32)
                .map(|thread| thread::spawn(move || work(thread)))
                .collect();
            kept.extend(
                threads
                    .into_iter()
                    .map(|it| it.join().expect("it does not panic")),
            );
        });
        overwrite_a_little();
        kept.iter().for_each(check_all);
        if turn % 2 == 1 {
            phase(|| kept.drain(..40).for_each(drop));
        }
    }
}

/// Vectors of one thread's phase grow in the phases of another, while the first one has phases too.
pub(crate) fn grown_by_another_thread() {
    let (there, received) = sync_channel::<Vec<u64>>(8);
    let (back, returned) = sync_channel::<Vec<u64>>(8);
    let grower = thread::spawn(move || {
        for mut vec in received {
            phase(|| {
                let count = vec.len() * 2 + 3;
                vec.extend((vec.len() as u64..count as u64).map(|place| word(22, place)));
                if count % 3 == 0 {
                    vec.truncate(count / 2);
                    vec.shrink_to_fit();
                }
            });
            if back.send(vec).is_err() {
                break;
            }
        }
    });
    let mut random = Random::new(22);
    let mut live: Vec<Vec<u64>> = phase(|| {
        (0..16)
            .map(|number| words(22, 3 + number * number * 20))
            .collect()
    });
    for _ in 0..200 {
        let vec = live.swap_remove(random.below(live.len()));
        there.send(vec).expect("the other thread lives");
        overwrite_a_little();
        let mut vec = returned.recv().expect("the other thread lives");
        check_words(&vec, 22);
        phase(|| {
            if vec.len() > 20_000 {
                vec = words(22, 10);
            }
            vec.extend((vec.len() as u64..).take(2).map(|place| word(22, place)));
        });
        live.push(vec);
    }
    drop(there);
    grower.join().expect("it does not panic");
    live.iter().for_each(|vec| check_words(vec, 22));
}

/// A thread's handle, its name and its result are shared memory that its start allocates.
pub(crate) fn joined_later() {
    let mut waiting = VecDeque::new();
    let barrier = std::sync::Arc::new(Barrier::new(1));
    for turn in 0..40 {
        phase(|| {
            let barrier = std::sync::Arc::clone(&barrier);
            let builder = thread::Builder::new().name(format!("{turn} {}", "n".repeat(100)));
            let spawned = builder.spawn(move || {
                barrier.wait();
                (
                    thread::current().name().map(str::to_owned),
                    Block::new(turn, 9_000),
                )
            });
            waiting.push_back((turn, spawned.expect("a thread can be started")));
        });
        overwrite_a_little();
        if waiting.len() > 6 {
            let (turn, handle) = waiting.pop_front().expect("there are seven");
            assert_eq!(
                handle.thread().name(),
                Some(format!("{turn} {}", "n".repeat(100)).as_str())
            );
            let (name, block) = handle.join().expect("it does not panic");
            assert_eq!(name, Some(format!("{turn} {}", "n".repeat(100))));
            block.check();
        }
    }
    overwrite();
    waiting
        .into_iter()
        .for_each(|(_, handle)| handle.join().expect("it does not panic").1.check());
}

/// More threads at once than a fixed table would have places for, which hand their memory on.
pub(crate) fn many_at_once() {
    const THREADS: usize = 150;
    let barrier = Barrier::new(THREADS);
    let kept: Vec<Vec<Block>> = phase(|| {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let barrier = &barrier;
                    scope.spawn(move || {
                        let first = Block::new(thread, 5_000);
                        barrier.wait();
                        let second = phase(|| Block::new(thread, 500));
                        barrier.wait();
                        vec![first, second]
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|it| it.join().expect("it does not panic"))
                .collect()
        })
    });
    overwrite();
    kept.iter().for_each(check_all);
}
