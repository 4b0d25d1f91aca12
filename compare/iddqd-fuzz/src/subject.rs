//! A map that steps are done to, and what it answers: text, which is compared.

use crate::step::Step;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A map of one crate.
pub(crate) trait Subject {
    /// An empty one.
    fn new() -> Self;
    /// Does a step, and writes all that it answers.
    fn apply(&mut self, step: &Step, out: &mut String);
    /// Writes all that can be seen of the map.
    fn observe(&self, domain: u32, out: &mut String);
}

/// Writes a line.
macro_rules! say {
    ($out:expr, $($what:tt)+) => {
        writeln!($out, $($what)+).expect("a string takes all that is written")
    };
}
pub(crate) use say;

/// Does what may panic, and writes the text of the panic.
pub(crate) fn attempt(out: &mut String, act: impl FnOnce(&mut String)) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| act(out))) {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied());
        say!(out, "panic: {}", text.unwrap_or("of another type"));
    }
}

/// The steps that are the same on all maps.
macro_rules! common_step {
    ($Item:ident, $Map:ty, $map:ident, $step:ident, $out:ident) => {
        match $step {
            Step::InsertUnique(row) => match $map.insert_unique($Item::new(row)) {
                Ok(()) => say!($out, "inserted"),
                Err(error) => {
                    say!($out, "{error} | {error:?}");
                    say!($out, "{:?}", error.into_owned().into_parts());
                }
            },
            Step::InsertOverwrite(row) => {
                say!($out, "{:?}", $map.insert_overwrite($Item::new(row)))
            }
            Step::Clear => $map.clear(),
            Step::Reserve(additional) => $map.reserve(*additional),
            Step::ShrinkToFit => $map.shrink_to_fit(),
            Step::ShrinkTo(least) => $map.shrink_to(*least),
            Step::ModifyAll => {
                say!($out, "{}", $map.iter_mut().len());
                for mut item in &mut *$map {
                    item.count += 1;
                    say!($out, "{item:?}");
                    say!($out, "{}", item.reborrow().into_ref().tag);
                }
            }
            Step::Extend(rows) => $map.extend(rows.iter().map($Item::new)),
            Step::FromIterUnique(rows) => {
                match <$Map>::from_iter_unique(rows.iter().map($Item::new)) {
                    Ok(other) => *$map = other,
                    Err(error) => {
                        say!($out, "{error}");
                        say!($out, "{:?}", error.into_parts());
                    }
                }
            }
            Step::Collect(rows) => *$map = rows.iter().map($Item::new).collect(),
            Step::IntoItems(taken) => {
                let mut items = $map.clone().into_iter();
                say!(
                    $out,
                    "{:?} {}",
                    items.by_ref().take(*taken).collect::<Vec<_>>(),
                    items.len()
                );
                *$map = items.collect();
            }
            Step::Equal(rows) => {
                let same: $Map = $map.iter().cloned().collect();
                let mut other = $map.clone();
                other.extend(rows.iter().map($Item::new));
                say!(
                    $out,
                    "{} {} {}",
                    *$map == same,
                    *$map == other,
                    other == *$map
                );
            }
            Step::Serde(rows) => {
                let text = serde_json::to_string(&*$map).expect("a record is written");
                say!($out, "{text}");
                let mut items: Vec<$Item> = serde_json::from_str(&text).expect("it was written");
                items.extend(rows.iter().map($Item::new));
                let text = serde_json::to_string(&items).expect("a record is written");
                match serde_json::from_str::<$Map>(&text) {
                    Ok(other) => *$map = other,
                    Err(error) => say!($out, "{error}"),
                }
            }
            Step::Diff(rows) => {
                let mut other = $map.clone();
                other.extend(rows.iter().map($Item::new));
                say!($out, "{:?} {:?}", $map.diff(&other), other.diff(&*$map));
            }
            _ => {}
        }
    };
}
pub(crate) use common_step;

/// Takes a change of a key back, wherever the record is now.
macro_rules! undo {
    ($map:ident, $saved:ident) => {
        for mut item in $map.iter_mut() {
            if item.tag == $saved.tag {
                item.clone_from(&$saved);
            }
            // The map is not to see that the key has changed once more.
            std::mem::forget(item);
        }
    };
}
pub(crate) use undo;

/// What is seen of all maps.
macro_rules! common_view {
    ($map:ident, $out:ident) => {
        say!($out, "{} {} {:?}", $map.len(), $map.is_empty(), $map);
        say!($out, "{:?}", $map.debug_with_keys());
        let iter = $map.iter();
        say!($out, "{} {:?}", iter.len(), iter.size_hint());
        say!(
            $out,
            "{:?}",
            iter.clone().map(|item| item.tag).collect::<Vec<_>>()
        );
    };
}
pub(crate) use common_view;
