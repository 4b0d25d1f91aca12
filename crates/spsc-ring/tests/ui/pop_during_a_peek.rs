fn main() {
    let (_producer, mut consumer) = spsc_ring::ring::<u8>(4);
    let first = consumer.peek();
    let _ = consumer.try_pop();
    let _ = first.is_some();
}
