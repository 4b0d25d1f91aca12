fn main() {
    let mut kept = Vec::new();
    memscope::arena::worker(|region| kept.push(region.alloc_str("escaped")));
}
