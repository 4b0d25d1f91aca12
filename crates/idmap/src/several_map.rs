//! The methods of maps by several hashed keys: written once, for any number of keys.

/// The methods of each key. `$doc` begins an example: a map `disks` with one record.
///
/// A key is given as: its number, the index of its table, the type of the index, the type of the key, the methods of
/// the trait; what finds it in the example, borrowed and owned; the names of the methods to write.
macro_rules! by_key {
    (
        $trait:ident, $map:ident, $doc:expr;
        $(
            $n:literal $at:tt $Index:ident $K:ident $key:ident $upcast:ident,
            $query:literal $owned:literal,
            $find:ident $position:ident $contains:ident $get:ident $get_mut:ident $get_disjoint_mut:ident $remove:ident
            $update:ident $handle:ident $keys:ident;
        )+
    ) => {
        impl<T: $trait, S: BuildHasher, A: Allocator> $map<T, S, A> { $(
            #[inline]
            fn $find<'a, Q: ?Sized + Hash + Equivalent<T::$K<'a>>>(
                &'a self,
                key: &Q,
            ) -> (u64, Option<slab::Position>) {
                several::find::<$Index, T, S, A, Q>(&self.tables.$at, &self.slab, &self.state, key)
            }

            #[inline]
            fn $position(&self, key: T::$K<'_>) -> Option<slab::Position> {
                self.$find(&T::$upcast(key)).1
            }

            #[doc = concat!("Whether a record has key ", $n, ". Expected constant time.\n\n# Examples\n\n```\n", $doc)]
            #[doc = concat!("assert!(disks.", stringify!($contains), "(", $query, "));\n```")]
            #[inline]
            pub fn $contains<'a, Q: ?Sized + Hash + Equivalent<T::$K<'a>>>(&'a self, key: &Q) -> bool {
                self.$find(key).1.is_some()
            }

            #[doc = concat!("The record that has key ", $n, ". Expected constant time.\n\n# Examples\n\n```\n", $doc)]
            #[doc = concat!("assert!(disks.", stringify!($get), "(", $query, ").is_some_and(|disk| disk.healthy));\n```")]
            #[inline]
            pub fn $get<'a, Q: ?Sized + Hash + Equivalent<T::$K<'a>>>(&'a self, key: &Q) -> Option<&'a T> {
                self.slab.get(self.$find(key).1?)
            }

            #[doc = concat!("The record that has key ", $n, ", to change all but its keys. Expected constant time.\n\n")]
            #[doc = concat!("# Examples\n\n```\n", $doc)]
            #[doc = concat!("disks.", stringify!($get_mut), "(", $owned, ").unwrap().healthy = false;\n")]
            #[doc = "assert!(disks.iter().all(|disk| !disk.healthy));\n```"]
            #[inline]
            pub fn $get_mut(&mut self, key: T::$K<'_>) -> Option<RefMut<'_, T, S>> {
                self.get_at_mut(self.$position(key)?)
            }

            #[doc = concat!("The records that have several of key ", $n, ", to change all but their keys. `None` where")]
            /// there is none, and for a key that is named again. Expected linear time in the keys.
            #[doc = concat!("\n# Examples\n\n```\n", $doc)]
            #[doc = concat!("let found = disks.", stringify!($get_disjoint_mut), "([", $owned, ", ", $owned, "]);\n")]
            #[doc = "assert!(found[0].is_some() && found[1].is_none());\n```"]
            pub fn $get_disjoint_mut<const N: usize>(&mut self, keys: [T::$K<'_>; N]) -> [Option<RefMut<'_, T, S>>; N] {
                let positions = keys.map(|key| self.$position(key));
                self.get_at_disjoint_mut(positions)
            }

            #[doc = concat!("Takes the record that has key ", $n, " out of the map. Expected constant time.\n\n")]
            #[doc = concat!("# Examples\n\n```\n", $doc)]
            #[doc = concat!("assert!(disks.", stringify!($remove), "(", $owned, ").is_some());\n")]
            #[doc = "assert!(disks.is_empty());\n```"]
            #[inline]
            pub fn $remove(&mut self, key: T::$K<'_>) -> Option<T> {
                self.remove_at(self.$position(key)?)
            }

            #[doc = concat!("Changes the record that has key ", $n, ", its keys too.")]
            ///
            /// The function gets a copy, which takes the place of the record if no other has a key of it.
            ///
            /// # Errors
            ///
            /// If others have keys of the copy: the copy, and those. Nothing has changed.
            ///
            /// # Panics
            ///
            /// If the function, a clone or a key does; the record is as before then.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = $doc]
            #[doc = concat!("disks.", stringify!($update), "(", $owned, ", |disk| disk.healthy = false).unwrap().unwrap();")]
            /// assert!(disks.iter().all(|disk| !disk.healthy));
            /// ```
            pub fn $update<R>(
                &mut self,
                key: T::$K<'_>,
                change: impl FnOnce(&mut T) -> R,
            ) -> Option<Result<R, DuplicateItem<T, &T>>>
            where
                T: Clone,
            {
                self.update_at(self.$position(key)?, change)
            }

            #[doc = concat!("A handle to the record that has key ", $n, ". Expected constant time.")]
            ///
            /// # Examples
            ///
            /// ```
            #[doc = $doc]
            #[doc = concat!("let handle = disks.", stringify!($handle), "(", $owned, ").unwrap();")]
            /// assert!(disks.remove_by_handle(handle).is_some() && disks.is_empty());
            /// ```
            pub fn $handle(&self, key: T::$K<'_>) -> Option<Handle> {
                self.handle_at(self.$position(key)?)
            }

            #[doc = concat!("Key ", $n, " of each record, in the order of slots.\n\n# Examples\n\n```\n", $doc)]
            #[doc = concat!("assert_eq!(disks.", stringify!($keys), "().count(), 1);\n```")]
            pub fn $keys(&self) -> impl DoubleEndedIterator<Item = T::$K<'_>> + ExactSizeIterator {
                self.iter().map(T::$key)
            }
        )+ }
    };
}

/// The methods of all keys at once. `$doc` as above; `$queries` and `$keys` find its record.
macro_rules! by_all_keys {
    (
        $trait:ident, $map:ident, $doc:expr, $queries:literal $keys:literal;
        $find1:ident $key1:ident $K1:ident $Q1:ident $upcast1:ident $name1:literal $hash1:ident
        $(, $find:ident $key:ident $K:ident $Q:ident $upcast:ident $name:literal $hash:ident)+
    ) => {
        impl<T: $trait, S: BuildHasher, A: Allocator> $map<T, S, A> {
            /// Inserts a record, and removes those that have a key of it. Returns these, in the order of their keys, each
            /// once. Expected constant time.
            #[doc = concat!("\n# Examples\n\n```\n", $doc)]
            /// let removed = disks.insert_overwrite(disks.iter().next().unwrap().clone());
            /// assert_eq!((removed.len(), disks.len()), (1, 1));
            /// ```
            #[doc(alias = "insert")]
            pub fn insert_overwrite(&mut self, item: T) -> Vec<T> {
                self.insert_and_remove(item).1
            }

            /// Whether one record has all keys. Expected constant time.
            #[doc = concat!("\n# Examples\n\n```\n", $doc)]
            #[doc = concat!("assert!(disks.contains_key_unique(", $queries, "));\n```")]
            #[inline]
            pub fn contains_key_unique<'a, $Q1 $(, $Q)+>(&'a self, $key1: &$Q1 $(, $key: &$Q)+) -> bool
            where
                $Q1: ?Sized + Hash + Equivalent<T::$K1<'a>>,
                $($Q: ?Sized + Hash + Equivalent<T::$K<'a>>,)+
            {
                self.get_unique($key1 $(, $key)+).is_some()
            }

            /// The record that has all keys. Expected constant time.
            #[doc = concat!("\n# Examples\n\n```\n", $doc)]
            #[doc = concat!("assert!(disks.get_unique(", $queries, ").is_some());\n```")]
            #[inline]
            pub fn get_unique<'a, $Q1 $(, $Q)+>(&'a self, $key1: &$Q1 $(, $key: &$Q)+) -> Option<&'a T>
            where
                $Q1: ?Sized + Hash + Equivalent<T::$K1<'a>>,
                $($Q: ?Sized + Hash + Equivalent<T::$K<'a>>,)+
            {
                let item = self.slab.get(self.$find1($key1).1?)?;
                (true $(&& $key.equivalent(&item.$key()))+).then_some(item)
            }

            fn position_of_all(&self, $key1: T::$K1<'_> $(, $key: T::$K<'_>)+) -> Option<slab::Position> {
                let $key1 = T::$upcast1($key1);
                $(let $key = T::$upcast($key);)+
                let position = self.$find1(&$key1).1?;
                let item = self.slab.get(position)?;
                (true $(&& $key == item.$key())+).then_some(position)
            }

            /// The record that has all keys, to change all but these. Expected constant time.
            #[doc = concat!("\n# Examples\n\n```\n", $doc)]
            #[doc = concat!("disks.get_mut_unique(", $keys, ").unwrap().healthy = false;\n")]
            /// assert!(disks.iter().all(|disk| !disk.healthy));
            /// ```
            #[inline]
            pub fn get_mut_unique(&mut self, $key1: T::$K1<'_> $(, $key: T::$K<'_>)+) -> Option<RefMut<'_, T, S>> {
                self.get_at_mut(self.position_of_all($key1 $(, $key)+)?)
            }

            /// Takes the record that has all keys out of the map. Expected constant time.
            #[doc = concat!("\n# Examples\n\n```\n", $doc)]
            #[doc = concat!("assert!(disks.remove_unique(", $keys, ").is_some());\n```")]
            #[inline]
            pub fn remove_unique(&mut self, $key1: T::$K1<'_> $(, $key: T::$K<'_>)+) -> Option<T> {
                self.remove_at(self.position_of_all($key1 $(, $key)+)?)
            }

            /// What is known of the keys. Expected constant time.
            #[doc = concat!("\n# Examples\n\n```\n", $doc)]
            #[doc = concat!("let entry = disks.entry(", $keys, ").and_modify(|mut disk| disk.healthy = false);\n")]
            /// assert!(entry.or_insert_with(|| unreachable!()).is_unique());
            /// ```
            pub fn entry(&mut self, $key1: T::$K1<'_> $(, $key: T::$K<'_>)+) -> Entry<'_, T, S, A> {
                let (print, found) = {
                    let ($hash1, $key1) = self.$find1(&T::$upcast1($key1));
                    $(let ($hash, $key) = self.$find(&T::$upcast($key));)+
                    ([$hash1 $(, $hash)+], [$key1 $(, $key)+])
                };
                Entry::new(self, print, found)
            }

            /// The map as one of keys to records, for `{:?}`.
            #[doc = concat!("\n# Examples\n\n```\n", $doc)]
            #[doc = concat!("assert!(format!(\"{:?}\", disks.debug_with_keys()).starts_with(\"{{k1: \"));\n```")]
            pub fn debug_with_keys<'a>(&'a self) -> impl fmt::Debug + 'a
            where
                T: fmt::Debug,
                T::$K1<'a>: fmt::Debug,
                $(T::$K<'a>: fmt::Debug,)+
            {
                fmt::from_fn(move |f| {
                    let mut map = f.debug_map();
                    for item in self {
                        map.entry(&DebugKeys([($name1, &item.$key1()) $(, ($name, &item.$key()))+]), item);
                    }
                    map.finish()
                })
            }
        }

        impl<T: $trait, S: BuildHasher + Default, A: Allocator + Default> $map<T, S, A> {
            /// Collects records.
            ///
            /// # Errors
            ///
            /// If two records have a key in common: the later one, with those before it.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = $doc]
            /// let twice = [disks.iter().next().unwrap(); 2].map(Clone::clone);
            #[doc = concat!("assert!(idmap::", stringify!($map), "::<Disk>::from_iter_unique(twice).is_err());")]
            /// ```
            pub fn from_iter_unique<I: IntoIterator<Item = T>>(items: I) -> Result<Self, DuplicateItem<T>> {
                Self::try_collect(items)
            }
        }
    };
}

pub(crate) use {by_all_keys, by_key};
