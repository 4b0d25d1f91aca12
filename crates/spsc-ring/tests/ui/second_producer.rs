fn main() {
    let (producer, _consumer) = spsc_ring::ring::<u8>(4);
    let _second = producer.clone();
}
