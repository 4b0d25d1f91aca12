//! Scopes and tasks.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use memscope::{InScopeExt, Scope, ScopeHandle};

/// Ready at the second poll.
struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

type Task = Pin<Box<dyn Future<Output = Vec<u8>> + Send>>;

fn poll(task: &mut Task) -> Poll<Vec<u8>> {
    task.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

async fn task() -> Vec<u8> {
    let before = vec![0_u8; 10];
    Once(false).await;
    let after = vec![0_u8; 20];
    drop(before);
    after
}

#[test]
fn a_task_keeps_its_scope_across_await_and_threads() {
    let scope = Scope::new("task");
    let mut boxed: Task = Box::pin(task().in_scope(scope.handle()));
    assert!(poll(&mut boxed).is_pending());
    assert_eq!(ScopeHandle::current().unwrap().path(), "process");
    assert_eq!(scope.usage().live_bytes(), 10);
    let answer = std::thread::spawn(move || match poll(&mut boxed) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Vec::new(),
    });
    let answer = answer.join().unwrap();
    assert_eq!((answer.len(), scope.usage().live_bytes()), (20, 20));
    drop(answer);
    let usage = scope.end().unwrap();
    assert_eq!((usage.allocs, usage.bytes_freed), (2, 30));
}

#[test]
fn a_task_that_is_dropped_half_way_frees_in_its_scope() {
    struct AllocatesWhenDropped(ScopeHandle);
    impl Drop for AllocatesWhenDropped {
        fn drop(&mut self) {
            assert_eq!(ScopeHandle::current().unwrap().path(), self.0.path());
        }
    }
    let scope = Scope::new("task");
    let witness = AllocatesWhenDropped(scope.handle());
    let mut boxed: Task = Box::pin(
        async move {
            let _witness = witness;
            task().await
        }
        .in_scope(scope.handle()),
    );
    assert!(poll(&mut boxed).is_pending());
    drop(boxed);
    let usage = scope.end().unwrap();
    assert_eq!(usage.bytes_allocated, usage.bytes_freed);
    assert!(usage.bytes_allocated >= 10);
}

#[test]
fn tasks_that_take_turns_on_one_thread_keep_apart() {
    let scopes: Vec<Scope> = (0..3).map(|at| Scope::for_request("task", at)).collect();
    let mut tasks: Vec<Task> = Vec::new();
    for scope in &scopes {
        tasks.push(Box::pin(task().in_scope(scope.handle())));
    }
    for task in &mut tasks {
        assert!(poll(task).is_pending());
    }
    for scope in &scopes {
        assert_eq!(scope.usage().live_bytes(), 10);
    }
    for task in tasks.iter_mut().rev() {
        assert!(poll(task).is_ready());
    }
    drop(tasks);
    for scope in scopes {
        assert_eq!(scope.end().unwrap().bytes_freed, 30);
    }
}
