//! Maps as sequences of records, and as maps of keys to records.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::index::{HashKey, Hashed, Index, Indexes, Inserted, OrdKey, Ordered};
use crate::map::IndexedMap;
use core::fmt;
use core::marker::PhantomData;
use serde_core::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};

/// The first of the keys that records have.
pub(crate) trait FirstKey<T> {
    /// The key.
    type Key<'a>
    where
        T: 'a;

    /// The key of a record.
    fn first_key(item: &T) -> Self::Key<'_>;
}

macro_rules! first_key {
    ($([$($generics:tt)*] $type:ty, $First:ident $function:ident;)+) => { $(
        impl<T, $($generics)*> FirstKey<T> for $type {
            type Key<'a>
                = $First::Key<'a>
            where
                T: 'a;

            fn first_key(item: &T) -> $First::Key<'_> {
                $First::$function(item)
            }
        }
    )+ };
}

first_key! {
    [K: HashKey<T>] Hashed<K>, K key;
    [K: HashKey<T>] Inserted<K>, K key;
    [K: OrdKey<T>] Ordered<K>, K key;
    [X: FirstKey<T>] (X,), X first_key;
    [X: FirstKey<T>, X2] (X, X2), X first_key;
    [X: FirstKey<T>, X2, X3] (X, X2, X3), X first_key;
    [X: FirstKey<T>, X2, X3, X4] (X, X2, X3, X4), X first_key;
    [X: FirstKey<T>, X2, X3, X4, X5] (X, X2, X3, X4, X5), X first_key;
    [X: FirstKey<T>, X2, X3, X4, X5, X6] (X, X2, X3, X4, X5, X6), X first_key;
}

/// As a sequence of records, in the order of iteration. The indexes are not written.
impl<T: Serialize, X: Indexes, S, A: Allocator> Serialize for IndexedMap<T, X, S, A>
where
    for<'a> &'a Self: IntoIterator<Item = &'a T>,
{
    fn serialize<Ser: Serializer>(&self, serializer: Ser) -> Result<Ser::Ok, Ser::Error> {
        serializer.collect_seq(self)
    }
}

/// From a sequence of records, or from a map whose keys are ignored. Two records with the same key are an error.
impl<'de, T, X, S, A> Deserialize<'de> for IndexedMap<T, X, S, A>
where
    T: Deserialize<'de> + fmt::Debug,
    X: Index<T, S>,
    S: Default,
    A: Allocator + Default,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Records(Self::default()))
    }
}

impl<'de, T, X, S, A> IndexedMap<T, X, S, A>
where
    T: Deserialize<'de> + fmt::Debug,
    X: Index<T, S>,
    A: Allocator + Clone,
{
    /// Deserializes a map with an allocator.
    ///
    /// # Errors
    ///
    /// Those of the deserializer, and two records with the same key.
    ///
    /// # Examples
    ///
    /// ```
    /// use idmap::{IdHashItem, IdHashMap, id_upcast};
    /// use allocator_api2::alloc::Global;
    /// use serde::Deserialize;
    ///
    /// #[derive(Debug, Deserialize)]
    /// struct Disk { serial: String }
    ///
    /// impl IdHashItem for Disk {
    ///     type Key<'a> = &'a str;
    ///     fn key(&self) -> &str { &self.serial }
    ///     id_upcast!();
    /// }
    ///
    /// let mut json = serde_json::Deserializer::from_str(r#"[{"serial":"a7"}]"#);
    /// let disks = IdHashMap::<Disk, idmap::DefaultHashBuilder, _>::deserialize_in(&mut json, Global).unwrap();
    /// assert!(disks.contains_key("a7"));
    /// ```
    pub fn deserialize_in<D: Deserializer<'de>>(deserializer: D, alloc: A) -> Result<Self, D::Error>
    where
        S: Default,
    {
        Self::deserialize_with_hasher_in(deserializer, S::default(), alloc)
    }

    /// Deserializes a map with a hasher.
    ///
    /// # Errors
    ///
    /// Those of the deserializer, and two records with the same key.
    ///
    /// # Examples
    ///
    /// ```
    /// use idmap::{IdHashItem, IdHashMap, id_upcast};
    /// use serde::Deserialize;
    ///
    /// #[derive(Debug, Deserialize)]
    /// struct Disk { serial: String }
    ///
    /// impl IdHashItem for Disk {
    ///     type Key<'a> = &'a str;
    ///     fn key(&self) -> &str { &self.serial }
    ///     id_upcast!();
    /// }
    ///
    /// let mut json = serde_json::Deserializer::from_str(r#"[{"serial":"a7"}]"#);
    /// let hasher = std::hash::RandomState::new();
    /// let disks = IdHashMap::<Disk, _>::deserialize_with_hasher(&mut json, hasher).unwrap();
    /// assert!(disks.contains_key("a7"));
    /// ```
    pub fn deserialize_with_hasher<D: Deserializer<'de>>(
        deserializer: D,
        hasher: S,
    ) -> Result<Self, D::Error>
    where
        A: Default,
    {
        Self::deserialize_with_hasher_in(deserializer, hasher, A::default())
    }

    /// Deserializes a map with a hasher and an allocator.
    ///
    /// # Errors
    ///
    /// Those of the deserializer, and two records with the same key.
    ///
    /// # Examples
    ///
    /// ```
    /// use idmap::{IdHashItem, IdHashMap, id_upcast};
    /// use allocator_api2::alloc::Global;
    /// use serde::Deserialize;
    ///
    /// #[derive(Debug, Deserialize)]
    /// struct Disk { serial: String }
    ///
    /// impl IdHashItem for Disk {
    ///     type Key<'a> = &'a str;
    ///     fn key(&self) -> &str { &self.serial }
    ///     id_upcast!();
    /// }
    ///
    /// let mut json = serde_json::Deserializer::from_str(r#"[{"serial":"a7"}]"#);
    /// let hasher = std::hash::RandomState::new();
    /// let disks = IdHashMap::<Disk, _, _>::deserialize_with_hasher_in(&mut json, hasher, Global).unwrap();
    /// assert!(disks.contains_key("a7"));
    /// ```
    pub fn deserialize_with_hasher_in<D: Deserializer<'de>>(
        deserializer: D,
        hasher: S,
        alloc: A,
    ) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Records(Self::with_parts(hasher, || alloc.clone())))
    }
}

/// For how many records room is made ahead: a size hint may lie.
fn room<T>(hint: Option<usize>) -> usize {
    const BYTES_MAX: usize = 1 << 20;
    /// The most that six indexes take for a record.
    const BYTES_INDEXED: usize = 256;
    // A slot has a few words beside the record.
    let each = size_of::<(T, [u32; 3])>().saturating_add(BYTES_INDEXED);
    hint.unwrap_or(0).min(BYTES_MAX / each)
}

/// Fills an empty map.
struct Records<T, X: Indexes, S, A: Allocator>(IndexedMap<T, X, S, A>);

impl<T: fmt::Debug, X: Index<T, S>, S, A: Allocator> Records<T, X, S, A> {
    fn reserve<E: Error>(&mut self, hint: Option<usize>) -> Result<(), E> {
        self.0.try_reserve(room::<T>(hint)).map_err(E::custom)
    }

    fn insert<E: Error>(&mut self, item: T) -> Result<(), E> {
        self.0.insert_unique(item).map_err(E::custom)
    }
}

impl<'de, T, X, S, A> Visitor<'de> for Records<T, X, S, A>
where
    T: Deserialize<'de> + fmt::Debug,
    X: Index<T, S>,
    A: Allocator,
{
    type Value = IndexedMap<T, X, S, A>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence or a map of records")
    }

    fn visit_seq<Q: SeqAccess<'de>>(mut self, mut items: Q) -> Result<Self::Value, Q::Error> {
        self.reserve(items.size_hint())?;
        while let Some(item) = items.next_element()? {
            self.insert(item)?;
        }
        Ok(self.0)
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut items: M) -> Result<Self::Value, M::Error> {
        self.reserve(items.size_hint())?;
        while let Some((_, item)) = items.next_entry::<IgnoredAny, T>()? {
            self.insert(item)?;
        }
        Ok(self.0)
    }
}

/// As [`Records`], but from maps alone.
struct Entries<T, X: Indexes, S, A: Allocator>(Records<T, X, S, A>);

impl<'de, T, X, S, A> Visitor<'de> for Entries<T, X, S, A>
where
    T: Deserialize<'de> + fmt::Debug,
    X: Index<T, S>,
    A: Allocator,
{
    type Value = IndexedMap<T, X, S, A>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of records")
    }

    fn visit_map<M: MapAccess<'de>>(self, items: M) -> Result<Self::Value, M::Error> {
        self.0.visit_map(items)
    }
}

/// For `#[serde(with = "..")]`: a map whose keys are the first keys of the records.
///
/// For JSON, these have to be strings, or what becomes one. What is read is found by the keys in the records; the keys
/// of the map are ignored.
///
/// # Examples
///
/// ```
/// use idmap::id_hash_map::IdHashMapAsMap;
/// use idmap::{IdHashItem, IdHashMap, id_upcast};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Serialize, Deserialize)]
/// struct Disk { serial: String, bytes: u64 }
///
/// impl IdHashItem for Disk {
///     type Key<'a> = &'a str;
///     fn key(&self) -> &str { &self.serial }
///     id_upcast!();
/// }
///
/// #[derive(Serialize, Deserialize)]
/// struct Inventory {
///     #[serde(with = "IdHashMapAsMap")]
///     disks: IdHashMap<Disk>,
/// }
///
/// let disks = [Disk { serial: "a7".into(), bytes: 512 }].into_iter().collect();
/// let json = serde_json::to_string(&Inventory { disks }).unwrap();
/// assert_eq!(json, r#"{"disks":{"a7":{"serial":"a7","bytes":512}}}"#);
/// let inventory: Inventory = serde_json::from_str(&json).unwrap();
/// assert_eq!(inventory.disks.get("a7").map(|disk| disk.bytes), Some(512));
/// ```
#[expect(clippy::type_complexity, reason = "it is the whole of the type")]
pub struct AsMap<T, X, S = DefaultHashBuilder, A = Global>(PhantomData<fn() -> (T, X, S, A)>);

impl<T, X, S, A> fmt::Debug for AsMap<T, X, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsMap")
    }
}

impl<T, X: Index<T, S>, S, A: Allocator> AsMap<T, X, S, A> {
    /// Writes a map of the first keys to the records, in the order of iteration.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    ///
    /// # Examples
    ///
    /// ```
    /// use idmap::{IdHashItem, IdHashMap, id_upcast};
    /// use serde::Serialize;
    ///
    /// #[derive(Debug, Serialize)]
    /// struct Disk { serial: String }
    ///
    /// impl IdHashItem for Disk {
    ///     type Key<'a> = &'a str;
    ///     fn key(&self) -> &str { &self.serial }
    ///     id_upcast!();
    /// }
    ///
    /// let disks: IdHashMap<Disk> = [Disk { serial: "a7".into() }].into_iter().collect();
    /// let json = idmap::id_hash_map::IdHashMapAsMap::serialize(&disks, serde_json::value::Serializer).unwrap();
    /// assert_eq!(json["a7"]["serial"], "a7");
    /// ```
    pub fn serialize<'a, Ser>(
        map: &'a IndexedMap<T, X, S, A>,
        serializer: Ser,
    ) -> Result<Ser::Ok, Ser::Error>
    where
        T: Serialize,
        X: FirstKey<T>,
        X::Key<'a>: Serialize,
        &'a IndexedMap<T, X, S, A>: IntoIterator<Item = &'a T>,
        Ser: Serializer,
    {
        let mut entries = serializer.serialize_map(Some(map.len()))?;
        for item in map {
            entries.serialize_entry(&X::first_key(item), item)?;
        }
        entries.end()
    }

    /// Reads a map of records.
    ///
    /// # Errors
    ///
    /// Those of the deserializer, and two records with the same key.
    ///
    /// # Examples
    ///
    /// ```
    /// use idmap::{IdHashItem, IdHashMap, id_upcast};
    /// use serde::Deserialize;
    ///
    /// #[derive(Debug, Deserialize)]
    /// struct Disk { serial: String }
    ///
    /// impl IdHashItem for Disk {
    ///     type Key<'a> = &'a str;
    ///     fn key(&self) -> &str { &self.serial }
    ///     id_upcast!();
    /// }
    ///
    /// let mut json = serde_json::Deserializer::from_str(r#"{"a7":{"serial":"a7"}}"#);
    /// let disks: IdHashMap<Disk> = idmap::id_hash_map::IdHashMapAsMap::deserialize(&mut json).unwrap();
    /// assert!(disks.contains_key("a7"));
    /// ```
    pub fn deserialize<'de, D>(deserializer: D) -> Result<IndexedMap<T, X, S, A>, D::Error>
    where
        T: Deserialize<'de> + fmt::Debug,
        S: Default,
        A: Default,
        D: Deserializer<'de>,
    {
        deserializer.deserialize_map(Entries(Records(IndexedMap::default())))
    }
}
