//! Item traits: no key, the wrong place, an option that is none, what is no struct, a key that cannot be hashed.

use idmap::{BiHashItem, IdHashItem, IdOrdItem};

#[derive(IdHashItem)]
struct NoKey {
    id: u64,
}

#[derive(BiHashItem)]
struct NoKeyAtAll {
    id: u64,
}

#[derive(IdOrdItem)]
#[key]
struct OnTheStruct {
    id: u64,
}

#[derive(IdOrdItem)]
struct Twice {
    #[key]
    #[key(copy)]
    id: u64,
}

#[derive(IdHashItem)]
struct Unknown {
    #[key(clone)]
    id: u64,
}

#[derive(IdHashItem)]
enum Shape {
    Dot(u8),
}

#[derive(IdHashItem)]
#[idmap(path = maps)]
struct UnknownOnTheStruct {
    #[key]
    id: u64,
}

fn main() {}
