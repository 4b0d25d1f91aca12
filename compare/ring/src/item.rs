//! What is sent: 8 or 32 bytes, each of which is written and read.

/// A value made from a sequence number, that contributes to a checksum.
pub trait Item: Copy + Default + Send + Sync + 'static {
    /// The size, for the table.
    const BYTES: usize = size_of::<Self>();

    fn make(sequence: u64) -> Self;
    fn digest(&self) -> u64;
}

impl Item for u64 {
    #[inline]
    fn make(sequence: u64) -> Self {
        sequence
    }

    #[inline]
    fn digest(&self) -> u64 {
        *self
    }
}

impl Item for [u64; 4] {
    #[inline]
    fn make(sequence: u64) -> Self {
        [sequence, sequence + 1, sequence + 2, sequence + 3]
    }

    #[inline]
    fn digest(&self) -> u64 {
        self[0]
            .wrapping_add(self[1])
            .wrapping_add(self[2])
            .wrapping_add(self[3])
    }
}

/// The sum of the digests of the first `count` items.
pub fn expected<T: Item>(count: u64) -> u64 {
    (0..count).fold(0, |sum, sequence| {
        sum.wrapping_add(T::make(sequence).digest())
    })
}
