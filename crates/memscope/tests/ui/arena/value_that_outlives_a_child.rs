fn main() {
    let mut arena = memscope::arena::Arena::new();
    let mut child = arena.child();
    let value = child.enter().alloc(1);
    drop(child);
    *value = 2;
}
