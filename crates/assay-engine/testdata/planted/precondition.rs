// Planted by the auditor. Never part of the audited crate.
#[test]
fn index_past_the_end() {
    let numbers = std::hint::black_box([1u8, 2, 3]);
    let index = std::hint::black_box(3usize);
    std::hint::black_box(unsafe { *numbers.get_unchecked(index) });
}
