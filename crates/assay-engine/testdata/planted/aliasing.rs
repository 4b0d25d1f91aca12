// Planted by the auditor. Never part of the audited crate.
#[test]
fn uses_a_reference_after_its_owner_wrote() {
    let mut number = 1u8;
    let pointer: *mut u8 = &mut number;
    let reference = unsafe { &mut *pointer };
    *reference = 2;
    unsafe { *pointer = 3 };
    *reference = 4;
    assert_eq!(number, 4);
}
