//! Indexes: none, none unique, neither hashed nor ordered, both, no such field, one name twice, too many.

use idmap::Indexed;

#[derive(Indexed)]
struct NoIndex {
    id: u64,
}

#[derive(Indexed)]
struct NoneUnique {
    #[index(ord)]
    price: u64,
}

#[derive(Indexed)]
struct NoStyle {
    #[index(unique)]
    id: u64,
}

#[derive(Indexed)]
struct Bare {
    #[index]
    id: u64,
}

#[derive(Indexed)]
struct BothStyles {
    #[index(hash, ord)]
    id: u64,
}

#[derive(Indexed)]
struct Unknown {
    #[index(sorted)]
    id: u64,
}

#[derive(Indexed)]
#[index(Place = (rack, slto), ord, unique)]
struct NoSuchField {
    rack: u64,
    slot: u64,
}

#[derive(Indexed)]
#[index(ord, unique)]
struct NoName {
    id: u64,
}

#[derive(Indexed)]
#[index(Id = id, ord)]
struct OneNameTwice {
    #[index(hash, unique)]
    id: u64,
}

#[derive(Indexed)]
struct NoFieldName(#[index(hash, unique)] u64);

#[derive(Indexed)]
#[index(Place = (rack, slot), ord, copy)]
struct CopyOnTheStruct {
    rack: u64,
    slot: u64,
}

#[derive(Indexed)]
#[index(A = id, ord)]
#[index(B = id, ord)]
#[index(C = id, ord)]
#[index(D = id, ord)]
#[index(E = id, ord)]
#[index(F = id, ord)]
struct TooMany {
    #[index(hash, unique)]
    id: u64,
}

#[derive(Indexed)]
union Bits {
    id: u64,
}

fn main() {}
