fn main() {
    let mut arena = memscope::arena::Arena::new();
    let value = arena.alloc(1);
    arena.reset();
    *value = 2;
}
