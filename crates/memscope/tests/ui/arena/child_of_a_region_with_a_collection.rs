use allocator_api2::vec::Vec;

fn main() {
    let mut arena = memscope::arena::Arena::new();
    let mut region = arena.as_region();
    let mut list = Vec::new_in(&region);
    region.scope(|child| child.alloc(1).min(&mut 2) == &1);
    list.push(1);
}
