//! Which maps hold which records.

use crate::contenders::{
    BTree, Bimap, ByHand, Hashbrown, Iddqd, Idmap, InOrderOfInsertion, Indexmap, Multi,
    MultiIndexByNumber, MultiIndexByText, OneKey, SeveralKeys, Std,
};
use crate::measure::{Figures, multi, single};
use crate::records::{Data, Key, Make, id, in_sequence, path, random, uuid};
use compare_harness::{Samples, turns};

pub const OURS: &str = "idmap";
pub const IDDQD: &str = "iddqd";
pub const STD: &str = "std HashMap";
pub const BTREE: &str = "std BTreeMap";
pub const MULTI_INDEX: &str = "multi_index_map";
const BY_HAND: &str = "HashMaps by hand";

/// The kinds of maps, which begin the names of workloads.
pub const HASH: &str = "hash";
pub const ORDERED: &str = "ordered";
const INSERTED: &str = "in the order of insertion";
pub const TWO_KEYS: &str = "two keys";
pub const THREE_KEYS: &str = "three keys";

/// The kinds of keys, which follow.
pub const NUMBERS: &str = "u64";
pub const IN_SEQUENCE: &str = "u64 in sequence";
pub const UUIDS: &str = "String, uuids";
/// Five bytes are common.
pub const IDS: &str = "String, sled-";
/// 22 bytes are.
pub const PATHS: &str = "String, region-1/rack-42/sled-";

/// Records in a small map.
pub const SMALL: usize = 1000;

pub fn name(kind: &str, keys: &str, records: usize) -> String {
    format!("{kind}: {keys}, {records}")
}

/// All workloads; a large map has that many records.
pub fn all(large: usize) -> Vec<Box<dyn Workload>> {
    let mut all: Vec<Box<dyn Workload>> = Vec::new();
    for records in [SMALL, large] {
        all.push(hash(NUMBERS, random, records));
        all.push(hash(UUIDS, uuid, records));
        all.push(inserted(NUMBERS, random, records));
        all.push(inserted(UUIDS, uuid, records));
        all.push(ordered(NUMBERS, random, records));
        all.push(ordered(IN_SEQUENCE, in_sequence, records));
        all.push(ordered(UUIDS, uuid, records));
        all.push(ordered(IDS, id, records));
        all.push(ordered(PATHS, path, records));
        all.push(two_keys(NUMBERS, random, records));
        all.push(two_keys(UUIDS, uuid, records));
        all.push(three_keys::<_, MultiIndexByNumber>(
            NUMBERS, random, records,
        ));
        all.push(three_keys::<_, MultiIndexByText>(UUIDS, uuid, records));
    }
    all
}

/// Maps that hold the same.
pub trait Workload {
    fn name(&self) -> &str;

    /// Whether it takes part in a round: the large ones do in every third.
    fn is_in(&self, round: usize) -> bool;

    /// Runs the contenders once, beginning with another one each round.
    fn round(&self, round: usize, samples: &mut Samples);
}

type Run<K> = fn(&Data<K>, bool) -> Figures;

struct Group<K> {
    name: String,
    make: Make<K>,
    records: usize,
    /// How many keys a record has.
    keys: u64,
    /// The first is what the others are compared with.
    contenders: Vec<(&'static str, Run<K>)>,
}

impl<K: Key> Workload for Group<K> {
    fn name(&self) -> &str {
        &self.name
    }

    fn is_in(&self, round: usize) -> bool {
        self.records <= SMALL || round.is_multiple_of(3)
    }

    fn round(&self, round: usize, samples: &mut Samples) {
        let data = Data::new(self.make, self.records, self.keys);
        for turn in turns(self.contenders.len(), round) {
            let (contender, run) = self.contenders[turn];
            for (operation, value) in run(&data, round == 0).0 {
                samples.add(&self.name, operation, contender, value);
            }
        }
    }
}

fn hash<K: Key>(keys: &str, make: Make<K>, records: usize) -> Box<dyn Workload>
where
    Iddqd: OneKey<K>,
    Idmap: OneKey<K>,
{
    Box::new(Group {
        name: name(HASH, keys, records),
        make,
        records,
        keys: 1,
        contenders: vec![
            (STD, single::<K, Std<K>>),
            ("hashbrown", single::<K, Hashbrown<K>>),
            ("indexmap", single::<K, Indexmap<K>>),
            (IDDQD, single::<K, <Iddqd as OneKey<K>>::Hash>),
            (OURS, single::<K, <Idmap as OneKey<K>>::Hash>),
        ],
    })
}

fn inserted<K: Key>(keys: &str, make: Make<K>, records: usize) -> Box<dyn Workload>
where
    Idmap: InOrderOfInsertion<K>,
{
    Box::new(Group {
        name: name(INSERTED, keys, records),
        make,
        records,
        keys: 1,
        contenders: vec![
            ("indexmap", single::<K, Indexmap<K>>),
            (OURS, single::<K, <Idmap as InOrderOfInsertion<K>>::Map>),
        ],
    })
}

fn ordered<K: Key>(keys: &str, make: Make<K>, records: usize) -> Box<dyn Workload>
where
    Iddqd: OneKey<K>,
    Idmap: OneKey<K>,
{
    Box::new(Group {
        name: name(ORDERED, keys, records),
        make,
        records,
        keys: 1,
        contenders: vec![
            (BTREE, single::<K, BTree<K>>),
            (IDDQD, single::<K, <Iddqd as OneKey<K>>::Ordered>),
            (OURS, single::<K, <Idmap as OneKey<K>>::Ordered>),
        ],
    })
}

fn two_keys<K: Key>(keys: &str, make: Make<K>, records: usize) -> Box<dyn Workload>
where
    Iddqd: SeveralKeys<K>,
    Idmap: SeveralKeys<K>,
    Bimap<K>: Multi<K, 2>,
{
    Box::new(Group {
        name: name(TWO_KEYS, keys, records),
        make,
        records,
        keys: 2,
        contenders: vec![
            (BY_HAND, multi::<K, 2, ByHand<K, 2>>),
            ("bimap", multi::<K, 2, Bimap<K>>),
            (IDDQD, multi::<K, 2, <Iddqd as SeveralKeys<K>>::Bi>),
            (OURS, multi::<K, 2, <Idmap as SeveralKeys<K>>::Bi>),
        ],
    })
}

fn three_keys<K: Key, M: Multi<K, 3>>(
    keys: &str,
    make: Make<K>,
    records: usize,
) -> Box<dyn Workload>
where
    Iddqd: SeveralKeys<K>,
    Idmap: SeveralKeys<K>,
{
    Box::new(Group {
        name: name(THREE_KEYS, keys, records),
        make,
        records,
        keys: 3,
        contenders: vec![
            (MULTI_INDEX, multi::<K, 3, M>),
            (BY_HAND, multi::<K, 3, ByHand<K, 3>>),
            (IDDQD, multi::<K, 3, <Iddqd as SeveralKeys<K>>::Tri>),
            (OURS, multi::<K, 3, <Idmap as SeveralKeys<K>>::Tri>),
        ],
    })
}
