//! Maps in parallel.

use crate::user::{User, user};
use idmap::{BiHashMap, IdHashMap, IdIndexMap, IdOrdMap};
use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator,
    IntoParallelRefMutIterator, ParallelExtend, ParallelIterator,
};

fn users() -> impl ParallelIterator<Item = User> {
    (0..1000_u32)
        .into_par_iter()
        .map(|id| user(&format!("{id:04}"), id, ""))
}

#[test]
fn an_ordered_map_is_in_order() {
    let map: IdOrdMap<User> = users()
        .map(|user| User {
            name: format!("{:04}", 999 - user.id),
            ..user
        })
        .collect();
    assert!(
        map.par_iter()
            .enumerate()
            .all(|(at, user)| user.id == 999 - at as u32)
    );
    let ids: Vec<u32> = map.into_par_iter().map(|user| user.id).collect();
    assert!(ids.into_iter().eq((0..1000).rev()));
}

#[test]
fn a_map_in_the_order_of_insertion_is_in_that_order() {
    let mut map: IdIndexMap<User> = users().collect();
    map.reverse();
    map.par_iter_mut()
        .enumerate()
        .for_each(|(at, mut user)| user.email = at.to_string());
    assert!(
        map.into_par_iter()
            .all(|user| user.email == (999 - user.id).to_string())
    );
}

#[test]
fn threads_change_records_but_not_keys() {
    let mut map: BiHashMap<User> = users().collect();
    map.par_iter_mut()
        .for_each(|mut user| user.email = user.id.to_string());
    assert!(map.par_iter().all(|user| user.email == user.id.to_string()));
}

#[test]
fn what_threads_have_made_is_inserted_in_the_order_of_the_iterator() {
    let mut map: IdHashMap<User> = users().collect();
    assert!(map.iter().map(|user| user.id).eq(0..1000));
    let twice = (0..2000_u32)
        .into_par_iter()
        .flat_map_iter(|id| ["first", "last"].map(|email| user(&format!("{id:04}"), id, email)));
    map.par_extend(twice);
    assert!(map.iter().map(|user| user.id).eq(0..2000));
    assert!(map.iter().all(|user| user.email == "last"));
}
