//! A program for the crate `iddqd`, on `idmap`: a store of files, by folder and name, with keys that borrow from both.
//!
//! It does what the documentation of `iddqd` shows: a key that is a struct of references, a search by an owned key, a
//! change in place, entries. One line is not as it would be there, the next. A package has it in its Cargo.toml instead,
//! and no program changes:
//!
//! ```toml
//! iddqd = { package = "idmap", version = "0.1" }
//! ```

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "an example prints, and knows what it has put in"
)]
use idmap as iddqd;

use iddqd::id_ord_map::Entry;
use iddqd::{
    Comparable, Equivalent, IdHashItem, IdHashMap, IdOrdItem, IdOrdMap, id_hash_map, id_ord_map,
    id_upcast,
};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, PartialEq)]
struct File {
    folder: PathBuf,
    name: String,
    bytes: u64,
}

/// Where a file is, without a copy of that.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place<'a> {
    folder: &'a Path,
    name: &'a str,
}

impl IdOrdItem for File {
    type Key<'a> = Place<'a>;

    fn key(&self) -> Self::Key<'_> {
        Place {
            folder: &self.folder,
            name: &self.name,
        }
    }

    id_upcast!();
}

/// What somebody keeps who looks for a file, and lives longer than any.
struct Wanted {
    folder: PathBuf,
    name: String,
}

impl Equivalent<Place<'_>> for Wanted {
    fn equivalent(&self, place: &Place<'_>) -> bool {
        self.compare(place).is_eq()
    }
}

impl Comparable<Place<'_>> for Wanted {
    fn compare(&self, place: &Place<'_>) -> Ordering {
        Place {
            folder: &self.folder,
            name: &self.name,
        }
        .cmp(place)
    }
}

/// The owner of a folder.
#[derive(Debug)]
struct Owner {
    folder: PathBuf,
    name: String,
}

impl IdHashItem for Owner {
    type Key<'a> = &'a Path;

    fn key(&self) -> Self::Key<'_> {
        &self.folder
    }

    id_upcast!();
}

fn file(folder: &str, name: &str, bytes: u64) -> File {
    File {
        folder: folder.into(),
        name: name.into(),
        bytes,
    }
}

fn main() {
    let mut files: IdOrdMap<File> =
        id_ord_map! { file("/usr", "readme", 120), file("/etc", "hosts", 40) };
    files.insert_unique(file("/etc", "fstab", 300)).unwrap();
    let error = files.insert_unique(file("/etc", "hosts", 0)).unwrap_err();
    println!("there already: {:?}", error.duplicates());
    assert_eq!(error.duplicates(), [&file("/etc", "hosts", 40)]);

    let found = files
        .get(&Place {
            folder: Path::new("/usr"),
            name: "readme",
        })
        .map(|file| file.bytes);
    let wanted = Wanted {
        folder: "/etc".into(),
        name: "fstab".into(),
    };
    println!(
        "readme: {found:?}, fstab: {:?}",
        files.get(&wanted).map(|file| file.bytes)
    );
    assert_eq!(
        (found, files.get(&wanted).map(|file| file.bytes)),
        (Some(120), Some(300))
    );

    // All but the key may change in place.
    files
        .get_mut(Place {
            folder: Path::new("/etc"),
            name: "hosts",
        })
        .unwrap()
        .bytes += 2;

    for new in [file("/etc", "hosts", 1), file("/srv", "index", 7)] {
        let inserted = match files.entry(new.key()) {
            Entry::Occupied(entry) => {
                println!("occupied: {:?}", entry.get());
                false
            }
            Entry::Vacant(entry) => {
                println!("inserted: {:?}", entry.insert_ref(new.clone()));
                true
            }
        };
        assert_eq!(inserted, new.name == "index");
    }
    let names: Vec<_> = files.iter().map(|file| (&*file.name, file.bytes)).collect();
    println!("in order: {names:?}");
    assert_eq!(
        names,
        [("fstab", 300), ("hosts", 42), ("index", 7), ("readme", 120)]
    );

    let mut owners: IdHashMap<Owner> =
        id_hash_map! { Owner { folder: "/etc".into(), name: "root".into() } };
    let before = owners.insert_overwrite(Owner {
        folder: "/etc".into(),
        name: "ada".into(),
    });
    let owner = owners.get(Path::new("/etc")).map(|owner| &*owner.name);
    println!(
        "/etc was of {:?}, and is of {owner:?}",
        before.as_ref().map(|owner| &*owner.name)
    );
    assert_eq!(
        (before.map(|owner| owner.name), owner),
        (Some("root".to_owned()), Some("ada"))
    );
}
