// Planted by the auditor. Never part of the audited crate.
#[test]
fn reads_past_the_end() {
    let bytes = std::hint::black_box(vec![1u8; 10]);
    let byte = unsafe { *std::hint::black_box(bytes.as_ptr()).add(10) };
    std::hint::black_box(byte);
}

#[test]
fn loses_a_block() {
    std::mem::forget(std::hint::black_box(vec![1u8; 100]));
}
