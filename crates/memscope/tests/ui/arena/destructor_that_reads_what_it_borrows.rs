fn main() {
    let arena = memscope::arena::Arena::new();
    let text = String::from("borrowed");
    arena.alloc_drop(vec![text.as_str()]);
}
