//! Maps by two keys and by three.

use crate::item::{Composites, Field, Hashes, Mixed, Number, Numbers, Places, Text};
use crate::step::{Step, Then};
use crate::subject::{Subject, attempt, common_step, common_view, say, undo};
use daft::Diffable as _;
use std::fmt::Write as _;

/// Keeps records, in whatever order the map asks.
macro_rules! retain {
    ($map:ident, $modulus:ident, $out:ident) => {{
        let (before, mut asked) = ($map.len(), Vec::new());
        $map.retain(|mut item| {
            item.count += 1;
            asked.push(item.tag);
            item.tag % $modulus != 0
        });
        asked.sort_unstable();
        say!($out, "{asked:?}");
        // A hash map of iddqd asks in the order of its table, and so are the slots chained that it makes vacant: the
        // records to come would not be in the same slots in the two.
        if before - $map.len() > 1 {
            $map.shrink_to_fit();
        }
    }};
}
pub(crate) use retain;

macro_rules! several_keys {
    (
        $name:ident, $lib:ident $Map:ident, $Item:ident,
        keys: $($n:literal $key:ident $Field:ident $get:ident $get_mut:ident $contains:ident $remove:ident),+;
        entry: |$map:ident, $keys:ident, $then:ident, $out:ident| $entry:block
    ) => {
        pub(crate) struct $name<S>($lib::$Map<$Item, S>);

        impl<S: Hashes> Subject for $name<S> {
            fn new() -> Self {
                Self(Default::default())
            }

            fn apply(&mut self, step: &Step, $out: &mut String) {
                let $map = &mut self.0;
                match step {
                    $(Step::Modify($n, key) => {
                        if let Some(mut item) = $map.$get_mut($Field::lend(&$Field::own(*key))) {
                            item.count += 1;
                            say!($out, "{item:?}");
                            say!($out, "{}", item.into_ref().tag);
                        }
                    })+
                    $(Step::Remove($n, key) => say!($out, "{:?}", $map.$remove($Field::lend(&$Field::own(*key)))),)+
                    Step::ModifyUnique(keys) => {
                        if let Some(mut item) = $map.get_mut_unique($($Field::lend(&$Field::own(keys[$n]))),+) {
                            item.count += 1;
                        }
                        $(let $key = $Field::own(keys[$n]);)+
                        say!($out, "{:?} {}", $map.get_unique($($Field::query(&$key)),+), $map.contains_key_unique($($Field::query(&$key)),+));
                    }
                    Step::RemoveUnique(keys) => {
                        say!($out, "{:?}", $map.remove_unique($($Field::lend(&$Field::own(keys[$n]))),+));
                    }
                    Step::ChangeKey(key, by, to) => {
                        let own = <keys!(@first $($Field)+)>::own(*key);
                        let Some(saved) = $map.get1(<keys!(@first $($Field)+)>::query(&own)).cloned() else { return };
                        attempt($out, |_| {
                            $map.get1_mut(<keys!(@first $($Field)+)>::lend(&own)).expect("it is there").set(*by, *to);
                        });
                        undo!($map, saved);
                    }
                    Step::Entry($keys, $then) => attempt($out, |$out| $entry),
                    Step::Retain(modulus) => retain!($map, modulus, $out),
                    Step::New(capacity) => *$map = $lib::$Map::with_capacity_and_hasher(*capacity, S::default()),
                    Step::TryReserve(additional) => say!($out, "{}", $map.try_reserve(*additional).is_ok()),
                    _ => common_step!($Item, $lib::$Map<$Item, S>, $map, step, $out),
                }
            }

            fn observe(&self, domain: u32, out: &mut String) {
                let map = &self.0;
                common_view!(map, out);
                for key in 0..domain {
                    $({
                        let own = $Field::own(key);
                        let found = map.$get($Field::query(&own)).map(|item| item.tag);
                        say!(out, "{found:?} {}", map.$contains($Field::query(&own)));
                    })+
                }
                map.validate($lib::internal::ValidateCompact::NonCompact).expect("the map is whole");
            }
        }
    };
}

macro_rules! keys {
    (@first $Field:ident $($rest:ident)*) => {
        $Field
    };
}

macro_rules! by_two {
    ($name:ident, $lib:ident, $Item:ident $K1:ident $K2:ident) => {
        several_keys! {
            $name, $lib BiHashMap, $Item,
            keys: 0 key1 $K1 get1 get1_mut contains_key1 remove1, 1 key2 $K2 get2 get2_mut contains_key2 remove2;
            entry: |map, keys, then, out| {
                use $lib::bi_hash_map::Entry;
                let entry = map.entry($K1::lend(&$K1::own(keys[0])), $K2::lend(&$K2::own(keys[1])));
                say!(out, "{entry:?}");
                match (then, entry) {
                    (Then::Show, _) | (Then::Remove | Then::Get | Then::IntoMut, Entry::Vacant(_)) => {}
                    (Then::OrInsert(row), entry) => say!(out, "{:?}", entry.or_insert($Item::new(row))),
                    (Then::OrInsertWith(row), entry) => {
                        let mut found = entry.or_insert_with(|| $Item::new(row));
                        say!(out, "{} {:?}", found.is_unique(), found.as_unique());
                        say!(out, "{:?}", found.by_key1());
                        say!(out, "{:?}", found.by_key2());
                    }
                    (Then::AndModify(row), entry) => {
                        let mut found = entry.and_modify(|mut item| item.count += 1).or_insert($Item::new(row));
                        found.for_each(|mut item| {
                            item.count += 1;
                            say!(out, "{item:?}");
                        });
                    }
                    (Then::Insert(row), Entry::Vacant(entry)) => say!(out, "{:?}", entry.insert($Item::new(row))),
                    (Then::InsertEntry(row), Entry::Vacant(entry)) => {
                        let entry = entry.insert_entry($Item::new(row));
                        say!(out, "{entry:?} {} {:?}", entry.is_unique(), entry.get());
                    }
                    (Then::Insert(row) | Then::InsertEntry(row), Entry::Occupied(mut entry)) => {
                        say!(out, "{:?}", entry.insert($Item::new(row)));
                        say!(out, "{entry:?}");
                        say!(out, "{:?}", entry.into_ref());
                    }
                    (Then::Get, Entry::Occupied(mut entry)) => {
                        entry.get_mut().for_each(|mut item| item.count += 1);
                        let found = entry.get();
                        say!(out, "{} {:?} {:?} {:?}", found.is_unique(), found.as_unique(), found.by_key1(), found.by_key2());
                        say!(out, "{}", entry.is_non_unique());
                        say!(out, "{:?}", entry.into_ref());
                    }
                    (Then::Remove, Entry::Occupied(entry)) => say!(out, "{:?}", entry.remove()),
                    (Then::IntoMut, Entry::Occupied(entry)) => say!(out, "{:?}", entry.into_mut()),
                }
            }
        }
    };
}

macro_rules! by_three {
    ($name:ident, $lib:ident, $Item:ident $K1:ident $K2:ident $K3:ident) => {
        several_keys! {
            $name, $lib TriHashMap, $Item,
            keys:
                0 key1 $K1 get1 get1_mut contains_key1 remove1,
                1 key2 $K2 get2 get2_mut contains_key2 remove2,
                2 key3 $K3 get3 get3_mut contains_key3 remove3;
            // iddqd has none.
            entry: |map, _keys, _then, out| { say!(out, "{}", map.len()) }
        }
    };
}

/// The same maps of each crate.
macro_rules! of {
    ($module:ident $lib:ident) => {
        pub(crate) mod $module {
            use super::*;

            by_two!(BiComposites, $lib, Composites Places Places);
            by_two!(BiMixed, $lib, Mixed Text Number);
            by_three!(TriNumbers, $lib, Numbers Number Number Number);
            by_three!(TriMixed, $lib, Mixed Text Number Places);
        }
    };
}

of!(ours idmap);
of!(theirs iddqd);
