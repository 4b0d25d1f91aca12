fn main() {
    let (mut producer, _consumer) = spsc_ring::ring(4);
    let grant = producer.grant(2);
    let _ = producer.try_push(1);
    grant.commit_all();
}
