fn main() {
    let (mut producer, _consumer) = spsc_ring::ring::<u8>(4);
    std::thread::scope(|scope| {
        scope.spawn(|| producer.try_push(1));
        scope.spawn(|| producer.try_push(2));
    });
}
