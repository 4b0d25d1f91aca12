#![cfg(feature = "loom")] // PLANTED

#[test]
fn one_of_two_threads_takes_it_in_every_order() {
    loom::model(|| assert_eq!(undeclared_loom::Once::new(7).take(), Some(7)));
}
