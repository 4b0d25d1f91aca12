fn main() {
    let mut arena = memscope::arena::Arena::new();
    let _value = arena.scope(|region| region.alloc(1));
}
