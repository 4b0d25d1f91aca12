fn main() {
    let (mut producer, mut consumer) = spsc_ring::ring(1);
    producer.push_iter([std::cell::Cell::new(0)]);
    let grant = consumer.grant(1);
    std::thread::scope(|scope| {
        scope.spawn(|| grant.as_slices().0[0].set(1));
        scope.spawn(|| grant.as_slices().0[0].set(2));
    });
}
