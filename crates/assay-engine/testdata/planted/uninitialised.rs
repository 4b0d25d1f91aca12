// Planted by the auditor. Never part of the audited crate.
#[test]
fn branches_on_garbage() {
    let bytes: Vec<u8> = Vec::with_capacity(16);
    let first = std::hint::black_box(bytes.as_ptr());
    if unsafe { *first } > 10 {
        std::hint::black_box(1u8);
    } else {
        std::hint::black_box([0u64; 4]);
    }
}
