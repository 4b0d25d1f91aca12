// Planted by the auditor. Never part of the audited crate.
#[test]
fn sum_wraps() {
    let sum = std::hint::black_box(255u8) + std::hint::black_box(1u8);
    assert!(sum != 0, "assay control: the sum wrapped");
}
