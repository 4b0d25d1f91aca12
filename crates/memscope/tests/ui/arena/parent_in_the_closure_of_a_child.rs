fn main() {
    let mut arena = memscope::arena::Arena::new();
    let mut region = arena.as_region();
    region.scope(|_child| {
        region.alloc(1);
    });
}
