fn main() {
    memscope::arena::Arena::new().scope(|region| {
        let later = region.alloc(1);
        region.alloc_drop(vec![&*later]);
    });
}
