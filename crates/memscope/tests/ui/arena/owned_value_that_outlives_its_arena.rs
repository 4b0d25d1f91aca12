fn main() {
    let owned;
    {
        let arena = memscope::arena::Arena::new();
        owned = arena.alloc_owned(String::new());
    }
    drop(owned);
}
