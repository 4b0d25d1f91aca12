//! How references are hashed.

use std::hash::Hasher;

/// A product with an odd constant (Fibonacci hashing; Knuth, volume 3, 6.4; 2^64 by the golden ratio).
///
/// The standard library's table takes a place by the lower bits of a hash, and tells entries apart by the highest seven.
/// The lower bits of the product are a permutation of those of the reference: numbers in sequence have a place each. The
/// highest depend on all bits. Neighbours are kept apart on purpose: sixteen tags are loaded at once, and such a load
/// waits for the store of one of them; orders with neighbouring references come in short succession.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Product(u64);

impl Hasher for Product {
    #[inline]
    fn write_u64(&mut self, reference: u64) {
        self.0 = reference.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0.rotate_left(8) ^ u64::from(*byte));
        }
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
