//! Nothing planted here; the tests reach the defect of `virtual-right`.
#![forbid(unsafe_code)]

/// The sum of the bytes.
pub fn sum(bytes: &[u8]) -> u64 {
    virtual_right::sum(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_eight_bytes() {
        let bytes = std::hint::black_box(vec![1_u8; 8]);
        assert!(super::sum(&bytes) >= 8);
    }
}
