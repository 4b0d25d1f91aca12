fn main() {
    let (producer, _consumer) = spsc_ring::ring::<std::rc::Rc<u8>>(4);
    std::thread::spawn(move || producer.close());
}
