//! Size hints of a deserializer that lies.

use adversary::alloc::Shadowed;
use adversary::liar::LyingIter;
use allocator_api2::alloc::Global;
use idmap::{
    IdHashItem, IdHashMap, IdOrdItem, IdOrdMap, TriHashItem, TriHashMap, id_upcast, tri_upcast,
};
use serde::de::value::{Error, SeqDeserializer};

#[derive(Debug, serde::Deserialize)]
#[serde(transparent)]
struct Small(u8);

impl IdHashItem for Small {
    type Key<'a> = u8;
    fn key(&self) -> u8 {
        self.0
    }
    id_upcast!();
}
impl IdOrdItem for Small {
    type Key<'a> = u8;
    fn key(&self) -> u8 {
        self.0
    }
    id_upcast!();
}
impl TriHashItem for Small {
    type K1<'a> = u8;
    type K2<'a> = u8;
    type K3<'a> = u8;
    fn key1(&self) -> u8 {
        self.0
    }
    fn key2(&self) -> u8 {
        self.0
    }
    fn key3(&self) -> u8 {
        self.0
    }
    tri_upcast!();
}

fn bytes(heap: &Shadowed<Global>) -> usize {
    heap.live().iter().map(|it| it.1.size()).sum()
}

#[test]
fn a_hint_reserves_no_more_than_a_mebibyte_in_all_parts_of_a_map() {
    const MOST: usize = 1 << 20;
    let heap = Shadowed::new(Global);
    let lie = || SeqDeserializer::<_, Error>::new(LyingIter::new([1_u8]).len_is(usize::MAX));
    let map = IdOrdMap::<Small, _>::deserialize_in(lie(), &heap).unwrap();
    assert!((1000..=MOST).contains(&bytes(&heap)), "{}", bytes(&heap));
    drop(map);
    let map =
        IdHashMap::<Small, idmap::DefaultHashBuilder, _>::deserialize_in(lie(), &heap).unwrap();
    assert!((1000..=MOST).contains(&bytes(&heap)), "{}", bytes(&heap));
    drop(map);
    let map =
        TriHashMap::<Small, idmap::DefaultHashBuilder, _>::deserialize_in(lie(), &heap).unwrap();
    assert!((1000..=MOST).contains(&bytes(&heap)), "{}", bytes(&heap));
    drop(map);
}
