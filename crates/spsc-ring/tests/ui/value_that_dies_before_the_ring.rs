fn main() {
    let (mut producer, _consumer) = spsc_ring::ring(4);
    {
        let local = 1;
        let _ = producer.try_push(&local);
    }
    let _ = producer.len();
}
