//! Random work of several threads, step by step, beside a ledger that is plainly right.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use memscope::{Scope, ScopeHandle, Usage};
use proptest::prelude::*;

const THREADS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    /// A new scope inside the nth open one, or inside the root of the test.
    Open {
        parent: usize,
    },
    Allocate {
        thread: usize,
        scope: usize,
        size: usize,
        zeroed: bool,
    },
    Free {
        thread: usize,
        block: usize,
    },
    Resize {
        thread: usize,
        scope: usize,
        block: usize,
        size: usize,
    },
    /// The nth block moves to the nth scope, on any thread.
    Adopt {
        thread: usize,
        scope: usize,
        block: usize,
    },
    End {
        scope: usize,
    },
    /// A thread ends, and another begins in its place.
    Replace {
        thread: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![1_usize..200, 1000_usize..5000, Just(200_000)];
    prop_oneof![
        2 => any::<usize>().prop_map(|parent| Step::Open { parent }),
        8 => (0..THREADS, any::<usize>(), size.clone(), any::<bool>())
            .prop_map(|(thread, scope, size, zeroed)| Step::Allocate { thread, scope, size, zeroed }),
        6 => (0..THREADS, any::<usize>()).prop_map(|(thread, block)| Step::Free { thread, block }),
        3 => (0..THREADS, any::<usize>(), any::<usize>(), size)
            .prop_map(|(thread, scope, block, size)| Step::Resize { thread, scope, block, size }),
        3 => (0..THREADS, any::<usize>(), any::<usize>())
            .prop_map(|(thread, scope, block)| Step::Adopt { thread, scope, block }),
        1 => any::<usize>().prop_map(|scope| Step::End { scope }),
        1 => (0..THREADS).prop_map(|thread| Step::Replace { thread }),
    ]
}

type Work = Box<dyn FnOnce() -> Vec<u8> + Send>;

/// A thread that does what it is told and says when it is done.
struct Worker {
    work: Sender<Work>,
    done: Receiver<Vec<u8>>,
    thread: JoinHandle<()>,
}

impl Worker {
    fn start() -> Self {
        let (work, tasks) = channel::<Work>();
        let (answers, done) = channel();
        let thread = std::thread::spawn(move || {
            for task in tasks {
                answers.send(task()).expect("the model waits");
            }
        });
        Self { work, done, thread }
    }

    fn call(&self, work: impl FnOnce() -> Vec<u8> + Send + 'static) -> Vec<u8> {
        self.work.send(Box::new(work)).expect("the worker waits");
        self.done.recv().expect("the worker answers")
    }

    fn stop(self) {
        drop(self.work);
        self.thread.join().expect("the worker ends well");
    }
}

#[derive(Default)]
struct Books {
    parent: BTreeMap<usize, usize>,
    used: BTreeMap<usize, Usage>,
}

impl Books {
    /// What the scope and those inside it did.
    fn inclusive(&self, scope: usize) -> Usage {
        let mut sum = Usage::default();
        for (at, used) in &self.used {
            let mut up = Some(at);
            while let Some(id) = up {
                if *id == scope {
                    sum.allocs += used.allocs;
                    sum.frees += used.frees;
                    sum.bytes_allocated += used.bytes_allocated;
                    sum.bytes_freed += used.bytes_freed;
                    break;
                }
                up = self.parent.get(id);
            }
        }
        sum
    }

    fn of(&mut self, scope: usize) -> &mut Usage {
        self.used.entry(scope).or_default()
    }
}

struct Model {
    workers: Vec<Worker>,
    scopes: Vec<(usize, Option<Scope>, ScopeHandle)>,
    blocks: Vec<(usize, Vec<u8>)>,
    books: Books,
}

impl Model {
    fn new() -> Self {
        let mut model = Self {
            workers: (0..THREADS).map(|_| Worker::start()).collect(),
            scopes: Vec::new(),
            blocks: Vec::new(),
            books: Books::default(),
        };
        model.push(Scope::new("root of the model"), None);
        model
    }

    fn push(&mut self, scope: Scope, parent: Option<usize>) {
        let id = self.books.used.len();
        self.books.of(id);
        self.books.parent.extend(parent.map(|parent| (id, parent)));
        let handle = scope.handle();
        self.scopes.push((id, Some(scope), handle));
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Open { parent } => {
                let (id, _, handle) = &self.scopes[parent % self.scopes.len()];
                let (id, scope) = (*id, handle.run(|| Scope::new("scope")));
                self.push(scope, Some(id));
            }
            Step::Allocate {
                thread,
                scope,
                size,
                zeroed,
            } => {
                let (id, _, handle) = &self.scopes[scope % self.scopes.len()];
                let (id, handle) = (*id, handle.clone());
                let block = self.workers[thread].call(move || {
                    handle.run(|| {
                        if zeroed {
                            vec![0; size]
                        } else {
                            Vec::with_capacity(size)
                        }
                    })
                });
                let used = self.books.of(id);
                used.allocs += 1;
                used.bytes_allocated += size as u64;
                self.blocks.push((id, block));
            }
            Step::Free { thread, block } if !self.blocks.is_empty() => {
                let (id, block) = self.blocks.swap_remove(block % self.blocks.len());
                let used = self.books.of(id);
                used.frees += 1;
                used.bytes_freed += block.capacity() as u64;
                self.workers[thread].call(move || {
                    drop(block);
                    Vec::new()
                });
            }
            Step::Resize {
                thread,
                scope,
                block,
                size,
            } if !self.blocks.is_empty() => {
                let at = block % self.blocks.len();
                let (id, mut block) = self.blocks.swap_remove(at);
                // It keeps its scope, wherever the thread is that resizes it.
                let handle = self.scopes[scope % self.scopes.len()].2.clone();
                let before = block.capacity();
                let block = self.workers[thread].call(move || {
                    handle.run(|| {
                        block.clear();
                        if size > before {
                            block.reserve_exact(size);
                        } else {
                            block.shrink_to(size);
                        }
                        block
                    })
                });
                if block.capacity() != before {
                    let used = self.books.of(id);
                    used.bytes_freed += before as u64;
                    used.bytes_allocated += block.capacity() as u64;
                }
                self.blocks.push((id, block));
            }
            Step::Adopt {
                thread,
                scope,
                block,
            } if !self.blocks.is_empty() => self.adopt(thread, scope, block),
            Step::End { scope } if self.scopes.len() > 1 => {
                let at = 1 + scope % (self.scopes.len() - 1);
                let (id, scope, _) = self.scopes.swap_remove(at);
                let expected = self.books.inclusive(id);
                match scope.expect("it was not ended").end() {
                    Ok(usage) => assert_same(usage, expected),
                    Err(leak) => {
                        assert_same(leak.usage(), expected);
                        assert_ne!(expected.live(), 0, "{leak}");
                    }
                }
            }
            Step::Replace { thread } => {
                self.workers.push(Worker::start());
                self.workers.swap_remove(thread).stop();
            }
            Step::Free { .. } | Step::Resize { .. } | Step::Adopt { .. } | Step::End { .. } => {}
        }
    }

    fn adopt(&mut self, thread: usize, scope: usize, block: usize) {
        let at = block % self.blocks.len();
        let (from, block) = self.blocks.swap_remove(at);
        let (to, _, handle) = &self.scopes[scope % self.scopes.len()];
        let (to, handle) = (*to, handle.clone());
        let block = self.workers[thread].call(move || handle.adopt(block));
        if from != to {
            let bytes = block.capacity() as u64;
            let used = self.books.of(from);
            used.frees += 1;
            used.bytes_freed += bytes;
            let used = self.books.of(to);
            used.allocs += 1;
            used.bytes_allocated += bytes;
        }
        self.blocks.push((to, block));
    }

    fn check(&self) {
        for (id, _, handle) in &self.scopes {
            assert_same(handle.usage(), self.books.inclusive(*id));
        }
    }
}

fn assert_same(usage: Usage, expected: Usage) {
    assert_eq!(
        Usage {
            peak_bytes: 0,
            ..usage
        },
        expected
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 3 } else { 200 }))]

    #[test]
    fn every_account_is_exact_after_every_step(
        steps in prop::collection::vec(step(), 1..if cfg!(miri) { 20 } else { 120 })
    ) {
        let mut model = Model::new();
        for step in steps {
            model.apply(step);
            model.check();
        }
        while let Some((id, block)) = model.blocks.pop() {
            let used = model.books.of(id);
            used.frees += 1;
            used.bytes_freed += block.capacity() as u64;
            drop(block);
        }
        model.check();
        for (_, scope, handle) in model.scopes.into_iter().rev() {
            drop(handle);
            scope.expect("it was not ended").end().unwrap();
        }
        model.workers.into_iter().for_each(Worker::stop);
    }
}
