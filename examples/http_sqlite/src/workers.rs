//! Threads that wait for SQLite, each with a connection of its own.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use memscope::ScopeHandle;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The way to the threads.
#[derive(Clone)]
pub struct Workers {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    jobs: Mutex<VecDeque<Job>>,
    is_filled: Condvar,
}

impl Workers {
    /// Starts threads; each opens the database.
    pub fn start(count: usize, database: &Path) -> Result<Self, String> {
        let workers = Self {
            queue: Arc::default(),
        };
        for number in 0..count {
            let mut connection = store::open(database)
                .map_err(|error| format!("cannot open `{}`: {error}", database.display()))?;
            let queue = Arc::clone(&workers.queue);
            std::thread::Builder::new()
                .name(format!("sqlite-{number}"))
                .spawn(move || {
                    loop {
                        queue.next()(&mut connection);
                    }
                })
                .map_err(|error| format!("no thread: {error}"))?;
        }
        Ok(workers)
    }

    /// Runs a job on one of the threads, in the scope that the caller is in; `None` if it panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Option<T> {
        let scope = ScopeHandle::current()?;
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let answer = scope.run(|| work(connection));
            // Who asked may have gone.
            drop(sender.send(answer));
        });
        self.queue.push(job);
        receiver.await.ok()
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The queue grows on the account of the process, not of the request that finds it full.
    fn push(&self, job: Job) {
        memscope::outside(|| self.lock().push_back(job));
        self.is_filled.notify_one();
    }

    fn next(&self) -> Job {
        let mut jobs = self.lock();
        loop {
            if let Some(job) = jobs.pop_front() {
                return job;
            }
            jobs = self
                .is_filled
                .wait(jobs)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
