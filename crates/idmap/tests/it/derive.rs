//! Keys and indexes that are declared on the fields of a record.

use idmap::internal::ValidateCompact;
use idmap::prefix::{Known as _, Probe};
use idmap::{
    BiHashItem, BiHashMap, First, FirstTwo, IdHashItem, IdHashMap, IdMap, IdOrdItem, IdOrdMap,
    Indexed,
};
use idmap::{TriHashItem, TriHashMap};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq, IdHashItem, IdOrdItem)]
struct User {
    #[key]
    email: String,
    age: u8,
}

fn user(email: &str, age: u8) -> User {
    User {
        email: email.into(),
        age,
    }
}

#[test]
fn a_string_is_a_key_that_a_str_finds() {
    let hashed: IdHashMap<User> = [user("a@b.c", 1), user("d@e.f", 2)].into_iter().collect();
    assert_eq!(hashed.get("d@e.f").map(|user| user.age), Some(2));
    let mut ordered: IdOrdMap<User> = hashed.iter().cloned().collect();
    assert_eq!(ordered.remove("a@b.c"), Some(user("a@b.c", 1)));
    assert_eq!(ordered.range("b"..).count(), 1);
    let key: &str = IdOrdItem::key(&user("x", 0)).to_owned().leak();
    assert_eq!(
        <User as IdOrdItem>::key_prefix(&key),
        Probe(&key).prefix(),
        "the prefix of the key is found"
    );
}

#[derive(Debug, IdOrdItem, IdHashItem)]
struct Mixed {
    #[key]
    rack: u32,
    #[key]
    name: Vec<u8>,
    #[key(copy)]
    state: State,
    #[key]
    path: PathBuf,
    #[key]
    shared: Rc<str>,
    #[key]
    option: Option<u8>,
    #[key]
    word: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum State {
    On,
}

#[test]
fn several_fields_make_a_tuple_that_borrows() {
    let mixed = Mixed {
        rack: 1,
        name: vec![2],
        state: State::On,
        path: "p".into(),
        shared: "s".into(),
        option: None,
        word: "w",
    };
    let key: (u32, &[u8], State, &Path, &str, &Option<u8>, &'static str) = IdOrdItem::key(&mixed);
    assert_eq!(
        key,
        (1, &[2][..], State::On, Path::new("p"), "s", &None, "w")
    );
    assert_eq!(IdHashItem::key(&mixed), key);
}

#[derive(Clone, Debug, PartialEq, BiHashItem, TriHashItem)]
struct Artifact {
    #[key1]
    #[key3]
    name: String,
    #[key2]
    digest: [u8; 4],
    #[key1]
    version: u8,
}

#[test]
fn maps_with_several_keys_take_derived_ones() {
    let host = Artifact {
        name: "host".into(),
        digest: [1; 4],
        version: 3,
    };
    let mut bi: BiHashMap<Artifact> = [host.clone()].into_iter().collect();
    assert_eq!(bi.get1(&("host", 3)), Some(&host));
    assert!(bi.get1(&("host", 4)).is_none());
    assert_eq!(bi.remove2(&[1; 4]), Some(host.clone()));
    let mut tri: TriHashMap<Artifact> = [host.clone()].into_iter().collect();
    assert_eq!(tri.get2(&[1; 4]), Some(&host));
    tri.insert_unique(Artifact {
        version: 4,
        digest: [2; 4],
        ..host.clone()
    })
    .unwrap_err();
    assert_eq!(tri.remove3("host"), Some(host));
}

#[derive(Clone, Debug, IdHashItem, IdOrdItem)]
struct Pair<'p, K, V: ?Sized, const N: usize>(#[key] K, [u8; N], &'p V)
where
    K: Clone;

#[derive(Clone, Debug, IdHashItem)]
struct Listed<T>(#[key] Vec<T>);

#[derive(IdHashItem)]
struct ByValue<T>(#[key(copy)] T);

#[test]
fn generic_records_have_keys() {
    let hashed: IdHashMap<Pair<'_, u16, str, 2>> = [Pair(7, [0; 2], "seven")].into_iter().collect();
    assert_eq!(hashed.get(&7).map(|pair| pair.2), Some("seven"));
    let ordered: IdOrdMap<Pair<'_, String, str, 0>> =
        [Pair("k".to_owned(), [], "v")].into_iter().collect();
    assert_eq!(ordered.get(&"k".to_owned()).map(|pair| pair.2), Some("v"));
    let listed: IdHashMap<Listed<char>> = [Listed(vec!['a', 'b'])].into_iter().collect();
    assert!(listed.contains_key(&['a', 'b'][..]));
    let mut by_value: IdHashMap<ByValue<char>> = [ByValue('x')].into_iter().collect();
    assert!(by_value.remove('x').is_some());
}

macro_rules! record {
    ($name:ident, $key:ty) => {
        #[derive(IdHashItem)]
        struct $name {
            #[key]
            key: $key,
        }
    };
}

record!(FromMacro, u64);

#[test]
fn types_that_a_macro_hands_on_are_known_by_name_too() {
    let mut map: IdHashMap<FromMacro> = [FromMacro { key: 3 }].into_iter().collect();
    let key: u64 = map.remove(3).map(|record| record.key).unwrap();
    assert_eq!(key, 3);
}

mod renamed {
    use idmap as maps;

    #[derive(maps::IdHashItem)]
    #[idmap(crate = maps)]
    pub(super) struct Disk {
        #[key]
        pub(super) r#type: u8,
    }
}

#[test]
fn the_crate_may_have_another_name() {
    let disks: IdHashMap<renamed::Disk> = [renamed::Disk { r#type: 1 }].into_iter().collect();
    assert!(disks.get(&1).is_some_and(|disk| disk.r#type == 1));
}

#[derive(Clone, Debug, PartialEq, Indexed)]
#[index(Place = (rack, slot), ord, unique)]
#[index(Label = (owner, slot), hash)]
#[index(ByOwner = owner, ord)]
struct Sled {
    #[index(hash, unique)]
    serial: String,
    rack: u32,
    slot: u8,
    #[index(hash)]
    owner: Rc<str>,
    #[index(ord, copy)]
    state: State,
}

fn sled(serial: &str, rack: u32, slot: u8, owner: &str) -> Sled {
    Sled {
        serial: serial.into(),
        rack,
        slot,
        owner: owner.into(),
        state: State::On,
    }
}

fn sleds() -> IdMap<Sled> {
    let sleds = [
        ("e", 2, 0, "x"),
        ("a", 1, 3, "y"),
        ("b", 1, 1, "x"),
        ("d", 3, 9, "x"),
        ("c", 2, 4, "y"),
    ];
    sleds
        .into_iter()
        .map(|(serial, rack, slot, owner)| sled(serial, rack, slot, owner))
        .collect()
}

fn serials<'a>(sleds: impl Iterator<Item = &'a Sled>) -> Vec<&'a str> {
    sleds.map(|sled| &*sled.serial).collect()
}

#[test]
fn records_are_found_by_each_index_that_they_declare() {
    let mut sleds = sleds();
    assert_eq!(
        sleds.by(sled::Serial).get("c").map(|sled| sled.slot),
        Some(4)
    );
    assert_eq!(
        sleds.by(sled::Place).get(&(1, 1)).map(|sled| &*sled.serial),
        Some("b")
    );
    assert_eq!(serials(sleds.by(sled::Owner).get_all("y")), ["a", "c"]);
    assert_eq!(serials(sleds.by(sled::Label).get_all(&("y", 3))), ["a"]);
    assert_eq!(serials(sleds.by(sled::ByOwner).range("x".."y")).len(), 3);
    assert_eq!(sleds.by(sled::State).get_all(&State::On).count(), 5);

    let clash = sleds.insert_unique(sled("f", 1, 1, "z")).unwrap_err();
    assert_eq!(serials(clash.duplicates().iter().copied()), ["b"]);
    let handle = sleds.by(sled::Serial).handle("b").unwrap();
    sleds
        .update_by_handle(handle, |sled| sled.slot = 7)
        .unwrap()
        .unwrap();
    assert_eq!(
        serials(sleds.by(sled::Place).iter()),
        ["a", "b", "e", "c", "d"]
    );
    sleds
        .validate_structural(ValidateCompact::NonCompact)
        .unwrap();
}

#[test]
fn records_are_found_by_the_beginning_of_a_key() {
    let sleds = sleds();
    let places = sleds.by(sled::Place);
    assert_eq!(serials(places.starting_with(&1)), ["b", "a"]);
    assert_eq!(serials(places.starting_with(&2).rev()), ["c", "e"]);
    assert_eq!(
        places.starting_with(&0).count() + places.starting_with(&4).count(),
        0
    );
    assert_eq!(serials(places.range(First(&2)..=First(&2))), ["e", "c"]);
    assert_eq!(serials(places.range(First(&2)..)), ["e", "c", "d"]);
    assert_eq!(
        serials(places.range((Bound::Excluded(First(&1)), Bound::Excluded(First(&3))))),
        ["e", "c"]
    );
}

#[derive(Clone, Debug, Indexed)]
#[index(Path = (volume, folder, name), ord, unique)]
struct File {
    volume: String,
    folder: String,
    name: String,
}

/// Beginnings of words are longer than a prefix, and shorter, and equal in it.
const WORDS: [&str; 6] = ["", "a", "data", "database", "database1", "database2"];

#[test]
fn the_beginning_of_one_field_or_two_finds_what_a_filter_does() {
    let mut files = IdMap::<File>::default();
    for n in 0..216 {
        let [volume, folder, name] =
            [n / 36, n / 6 % 6, n % 6].map(|word| WORDS[word * 5 % 6].to_owned());
        files
            .insert_unique(File {
                volume,
                folder,
                name,
            })
            .unwrap();
    }
    let all: Vec<_> = files
        .by(file::Path)
        .iter()
        .map(|file| (&*file.volume, &*file.folder, &*file.name))
        .collect();
    assert!(all.is_sorted());
    let found = |files: idmap::id_ord_map::Range<'_, File>| {
        files.map(|file| file.name.clone()).collect::<Vec<_>>()
    };
    let kept = |keep: &dyn Fn(&str, &str) -> bool| {
        all.iter()
            .filter(|(a, b, _)| keep(a, b))
            .map(|(_, _, name)| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let paths = files.by(file::Path);
    for a in WORDS {
        assert_eq!(found(paths.starting_with(a)), kept(&|x, _| x == a));
        assert_eq!(found(paths.range(First(a)..)), kept(&|x, _| x >= a));
        for b in WORDS {
            assert_eq!(
                found(paths.starting_with((a, b))),
                kept(&|x, y| (x, y) == (a, b))
            );
            assert_eq!(
                found(paths.range(FirstTwo(a, b)..=FirstTwo(a, b))),
                kept(&|x, y| (x, y) == (a, b))
            );
            assert_eq!(
                found(paths.range(..FirstTwo(a, b))),
                kept(&|x, y| (x, y) < (a, b))
            );
        }
    }
}

#[derive(Clone, Debug, Indexed)]
#[index(Whole = (major, minor, patch), ord, unique)]
struct Version {
    major: u8,
    minor: u16,
    patch: u8,
}

/// The prefix of such a key tells all of its first field, and nothing of the second.
#[test]
fn a_beginning_of_two_numbers_looks_at_both() {
    let versions: IdMap<Version> = (0..60)
        .map(|n| Version {
            major: n / 20,
            minor: u16::from(n / 4 % 5),
            patch: n % 4,
        })
        .collect();
    let whole = versions.by(version::Whole);
    for major in 0..4 {
        assert_eq!(
            whole.starting_with(&major).count(),
            if major < 3 { 20 } else { 0 }
        );
        for minor in 0..6 {
            let found = whole.starting_with((&major, &minor));
            let found: Vec<_> = found
                .map(|found| (found.major, found.minor, found.patch))
                .collect();
            let kept: Vec<_> = if major < 3 && minor < 5 {
                (0..4).map(|patch| (major, minor, patch)).collect()
            } else {
                vec![]
            };
            assert_eq!(found, kept);
        }
    }
}

#[derive(Debug, Indexed)]
#[index(Name = 1, hash, unique)]
#[idmap(mod = tagged_by)]
struct Tagged<'t, T: Copy>(#[index(copy)] T, &'t str)
where
    T: std::fmt::Debug;

#[derive(Indexed)]
#[index(Both = (first, second), ord)]
struct Two<T> {
    #[index(ord, unique)]
    first: T,
    second: Vec<T>,
}

#[test]
fn generic_records_declare_indexes() {
    let mut tagged = IdMap::<Tagged<'_, u8>>::default();
    tagged.insert_unique(Tagged(1, "one")).unwrap();
    assert!(tagged.by(tagged_by::Name).contains("one"));
    let twos: IdMap<Two<String>> = ["b", "a"]
        .map(|word| Two {
            first: word.to_owned(),
            second: vec![],
        })
        .into_iter()
        .collect();
    assert_eq!(
        twos.by(two::First).first().map(|two| &*two.first),
        Some("a")
    );
    assert_eq!(
        twos.by(two::Both).last().map(|two| two.second.len()),
        Some(0)
    );
}

#[test]
fn a_record_in_a_function_declares_indexes() {
    #[derive(Indexed)]
    struct Local {
        #[index(hash, unique)]
        id: u8,
    }
    let locals: IdMap<Local> = (0..3).map(|id| Local { id }).collect();
    assert_eq!(locals.by(local::Id).get(&2).map(|local| local.id), Some(2));
}

#[test]
fn a_declared_index_has_prefixes_where_the_key_has_one() {
    use idmap::index::OrdKey;
    let sled = sled("a", 7, 3, "z");
    let key = <sled::Place as OrdKey<Sled>>::key(&sled);
    assert_eq!(
        <sled::Place as OrdKey<Sled>>::prefix(&key),
        Probe(&key).prefix()
    );
    let state = <sled::State as OrdKey<Sled>>::key(&sled);
    assert_eq!(<sled::State as OrdKey<Sled>>::prefix(&state), None);
}
