static RING: spsc_ring::Inline<std::rc::Rc<u8>, 4> = spsc_ring::Inline::new();

fn main() {
    let _ = RING.try_split();
}
