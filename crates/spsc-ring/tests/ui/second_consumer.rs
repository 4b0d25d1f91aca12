fn main() {
    let (_producer, consumer) = spsc_ring::ring::<u8>(4);
    let _second = consumer.clone();
}
