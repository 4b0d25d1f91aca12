//! Maps by one key.

use crate::item::{Blunted, Composites, Field, Hashes, Numbers, Places, Text, Texts};
use crate::item::{Blunts, Number};
use crate::step::{End, Step, Then};
use crate::subject::{Subject, attempt, common_step, common_view, say, undo};
use daft::Diffable as _;
use std::fmt::Write as _;
use std::marker::PhantomData;

/// Does something with an entry. `$more` are arms that one kind of map has.
macro_rules! entry_step {
    ($lib:ident $module:ident $Item:ident, $entry:expr, $then:ident, $out:ident, $show_vacant:expr) => {{
        use $lib::$module::Entry;
        let entry = $entry;
        match (&entry, $show_vacant) {
            (Entry::Vacant(_), false) => say!($out, "vacant"),
            _ => say!($out, "{entry:?}"),
        }
        match ($then, entry) {
            (Then::Show, _) | (Then::Remove | Then::Get | Then::IntoMut, Entry::Vacant(_)) => {}
            (Then::OrInsert(row), entry) => say!($out, "{:?}", entry.or_insert($Item::new(row))),
            (Then::OrInsertWith(row), entry) => {
                say!(
                    $out,
                    "{:?}",
                    entry.or_insert_with(|| $Item::new(row)).into_ref()
                );
            }
            (Then::AndModify(row), entry) => {
                let entry = entry.and_modify(|mut item| item.count += 1);
                entry.or_insert($Item::new(row)).count += 1;
            }
            (Then::Insert(row), Entry::Vacant(entry)) => {
                let mut item = entry.insert($Item::new(row));
                item.count += 7;
                say!($out, "{:?}", item.into_ref());
            }
            (Then::InsertEntry(row), Entry::Vacant(entry)) => {
                let mut entry = entry.insert_entry($Item::new(row));
                entry.get_mut().count += 1;
                say!($out, "{entry:?} {:?}", entry.get());
            }
            (Then::Insert(row) | Then::InsertEntry(row), Entry::Occupied(mut entry)) => {
                say!($out, "{:?}", entry.insert($Item::new(row)));
                say!($out, "{:?}", entry.into_ref());
            }
            (Then::Get, Entry::Occupied(mut entry)) => {
                entry.get_mut().count += 1;
                say!($out, "{:?}", entry.get());
                say!($out, "{:?}", entry.into_ref());
            }
            (Then::Remove, Entry::Occupied(entry)) => say!($out, "{:?}", entry.remove()),
            (Then::IntoMut, Entry::Occupied(entry)) => entry.into_mut().count += 1,
        }
    }};
}

macro_rules! one_key {
    (
        $name:ident [$($S:ident)?], $lib:ident $module:ident $Map:ident, $Item:ident $Field:ident,
        // What differs between a hashed map and an ordered one.
        lenient: $lenient:expr, shows: $shows:expr, valid: [$($valid:expr),+],
        more: |$map:ident, $step:ident, $out:ident| $more:block
    ) => {
        pub(crate) struct $name<S>($lib::$Map<$Item $(, $S)?>, PhantomData<S>);

        impl<S: Hashes> $name<S> {
            /// Whether idmap may refuse a key that iddqd takes for another that shares its hash.
            const LENIENT: bool = $lenient;
        }

        impl<S: Hashes> Subject for $name<S> {
            fn new() -> Self {
                Self(Default::default(), PhantomData)
            }

            fn apply(&mut self, $step: &Step, $out: &mut String) {
                let $map = &mut self.0;
                match $step {
                    Step::Modify(_, key) => {
                        let own = $Field::own(*key);
                        if let Some(mut item) = $map.get_mut($Field::lend(&own)) {
                            item.count += 1;
                            say!($out, "{item:?}");
                            say!($out, "{}", item.into_ref().tag);
                        }
                    }
                    Step::ChangeKey(key, _, to) if !Self::LENIENT => {
                        let own = $Field::own(*key);
                        let Some(saved) = $map.get($Field::query(&own)).cloned() else { return };
                        attempt($out, |_| {
                            $map.get_mut($Field::lend(&own)).expect("it is there").set(0, *to);
                        });
                        undo!($map, saved);
                    }
                    Step::Remove(_, key) => {
                        say!($out, "{:?}", $map.remove($Field::lend(&$Field::own(*key))));
                    }
                    Step::Entry(keys, then) => {
                        let own = $Field::own(keys[0]);
                        // The other keys of a record are of no interest here.
                        let foreign = match then {
                            Then::OrInsert(row) | Then::OrInsertWith(row) | Then::AndModify(row)
                            | Then::Insert(row) | Then::InsertEntry(row) => row.keys[0] != keys[0],
                            _ => false,
                        };
                        if foreign && Self::LENIENT {
                            return;
                        }
                        attempt($out, |$out| {
                            entry_step!($lib $module $Item, $map.entry($Field::lend(&own)), then, $out, $shows);
                        });
                    }
                    Step::Retain(_) | Step::New(_) | Step::TryReserve(_) | Step::End(_) => $more,
                    _ => common_step!($Item, $lib::$Map<$Item $(, $S)?>, $map, $step, $out),
                }
            }

            fn observe(&self, domain: u32, out: &mut String) {
                use $lib::internal::{ValidateChaos, ValidateCompact};
                let _ = ValidateChaos::No;
                let map = &self.0;
                common_view!(map, out);
                for key in 0..domain {
                    let own = $Field::own(key);
                    let found = map.get($Field::query(&own)).map(|item| item.tag);
                    say!(out, "{found:?} {}", map.contains_key($Field::query(&own)));
                }
                map.validate($($valid),+).expect("the map is whole");
            }
        }
    };
}

macro_rules! hashed {
    ($name:ident, $lib:ident, $Item:ident $Field:ident) => {
        one_key! {
            $name [S], $lib id_hash_map IdHashMap, $Item $Field,
            lenient: $Field::IS_NUMBER && S::SHARED, shows: !$Field::IS_NUMBER,
            valid: [ValidateCompact::NonCompact],
            more: |map, step, out| {
                match step {
                    Step::Retain(modulus) => crate::several_keys::retain!(map, modulus, out),
                    Step::New(capacity) => *map = $lib::IdHashMap::with_capacity_and_hasher(*capacity, S::default()),
                    Step::TryReserve(additional) => say!(out, "{}", map.try_reserve(*additional).is_ok()),
                    _ => {}
                }
            }
        }
    };
}

macro_rules! ordered {
    ($name:ident, $lib:ident, $Item:ident $Field:ident) => {
        one_key! {
            $name [], $lib id_ord_map IdOrdMap, $Item $Field,
            lenient: false, shows: true,
            valid: [ValidateCompact::NonCompact, ValidateChaos::No],
            more: |map, step, out| {
                match step {
                    Step::Retain(modulus) => map.retain(|mut item| {
                        item.count += 1;
                        say!(out, "{item:?}");
                        item.tag % modulus != 0
                    }),
                    Step::New(capacity) => *map = $lib::IdOrdMap::with_capacity(*capacity),
                    Step::End(end) => {
                        say!(out, "{:?} {:?}", map.first(), map.last());
                        attempt(out, |out| match end {
                            End::PopFirst => say!(out, "{:?}", map.pop_first()),
                            End::PopLast => say!(out, "{:?}", map.pop_last()),
                            End::FirstEntry(row) => {
                                if let Some(mut entry) = map.first_entry() {
                                    say!(out, "{entry:?}");
                                    say!(out, "{:?}", entry.insert($Item::new(row)));
                                }
                            }
                            End::LastEntry(row) => {
                                if let Some(mut entry) = map.last_entry() {
                                    say!(out, "{entry:?}");
                                    say!(out, "{:?}", entry.insert($Item::new(row)));
                                }
                            }
                            End::RemoveFirst => say!(out, "{:?}", map.first_entry().map(|entry| entry.remove())),
                            End::RemoveLast => say!(out, "{:?}", map.last_entry().map(|entry| entry.remove())),
                        });
                    }
                    _ => {}
                }
            }
        }
    };
}

/// The same maps of each crate.
macro_rules! of {
    ($module:ident $lib:ident) => {
        pub(crate) mod $module {
            use super::*;

            hashed!(HashNumbers, $lib, Numbers Number);
            hashed!(HashTexts, $lib, Texts Text);
            hashed!(HashComposites, $lib, Composites Places);
            ordered!(OrdNumbers, $lib, Numbers Number);
            ordered!(OrdTexts, $lib, Texts Text);
            ordered!(OrdComposites, $lib, Composites Places);
            ordered!(OrdBlunted, $lib, Blunted Blunts);
        }
    };
}

of!(ours idmap);
of!(theirs iddqd);
