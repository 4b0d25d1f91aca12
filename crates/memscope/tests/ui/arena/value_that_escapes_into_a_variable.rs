fn main() {
    let mut kept: Option<&mut i32> = None;
    let mut arena = memscope::arena::Arena::new();
    let mut region = arena.as_region();
    region.scope(|child| kept = Some(child.alloc(1)));
    drop(kept);
}
