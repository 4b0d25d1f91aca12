fn main() {
    memscope::arena::Arena::new().alloc_drop(std::rc::Rc::new(1));
}
