//! Runs under every layer.

#[test]
fn the_first_of_none_is_none() {
    assert_eq!(own_allocator::first(&[]), None);
    assert_eq!(own_allocator::first(&vec![7; 3]), Some(7));
}
