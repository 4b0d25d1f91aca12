fn main() {
    let mut arena = memscope::arena::Arena::new();
    let mark = arena.mark();
    let value = arena.alloc(1);
    let _ = arena.rewind(mark);
    *value = 2;
}
