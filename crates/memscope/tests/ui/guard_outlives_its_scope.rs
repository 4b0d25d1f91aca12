//! A scope does not end while its owner's thread is inside by a guard.

fn main() {
    let scope = memscope::Scope::new("scope");
    let entered = scope.enter();
    let _ = scope.end();
    drop(entered);
}
