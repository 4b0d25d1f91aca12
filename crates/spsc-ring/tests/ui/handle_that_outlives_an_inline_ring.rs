fn main() {
    let pair = {
        let ring = spsc_ring::Inline::<u8, 4>::new();
        ring.try_split()
    };
    let _ = pair.is_some();
}
