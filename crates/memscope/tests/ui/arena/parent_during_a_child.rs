fn main() {
    let mut arena = memscope::arena::Arena::new();
    let mut region = arena.as_region();
    let mut child = region.child();
    region.alloc(1);
    child.enter().alloc(2);
}
