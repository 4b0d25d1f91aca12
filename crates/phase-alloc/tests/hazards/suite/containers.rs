//! Values that a program keeps when a phase ends.

use super::support::{Block, check_all, check_words, overwrite, overwrite_a_little, word, words};
use crate::subject::phase;
use std::collections::{BTreeMap, HashMap, LinkedList, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

/// A vector of one phase is pushed to in the next, and in the one after that.
pub(crate) fn vec_kept_and_grown() {
    for count in [4, 64, 1_000, 20_000, 300_000] {
        let mut kept = phase(|| words(1, count));
        for turn in 1..4 {
            overwrite();
            phase(|| {
                // The vector is full, so the first push moves it.
                for place in kept.len()..turn * count + count {
                    kept.push(word(1, place as u64));
                }
            });
            check_words(&kept, 1);
        }
        overwrite();
        check_words(&kept, 1);
    }
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct Payload([u64; 1_024]);

impl Drop for Payload {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

/// The counts of an `Arc` stand beside its value.
pub(crate) fn arc_kept() {
    let (kept, weak): (Arc<Payload>, Weak<Payload>) = phase(|| {
        let kept = Arc::new(Payload([7; 1_024]));
        let weak = Arc::downgrade(&kept);
        (kept, weak)
    });
    overwrite();
    assert_eq!(Arc::strong_count(&kept), 1);
    assert_eq!(Arc::weak_count(&kept), 1);
    let second = Arc::clone(&kept);
    overwrite();
    assert_eq!(Arc::strong_count(&kept), 2);
    assert!(kept.0.iter().all(|word| *word == 7));
    drop(kept);
    assert!(weak.upgrade().is_some());
    drop(second);
    assert!(weak.upgrade().is_none());
    assert_eq!(DROPPED.load(Ordering::Relaxed), 1);
}

/// A map whose control bytes are damaged searches for ever: the time limit of the harness is the check.
pub(crate) fn map_kept() {
    let mut map = phase(|| {
        let mut map = HashMap::with_capacity(4_096);
        map.extend((0..4_000u64).map(|key| (key, word(3, key))));
        map
    });
    for turn in 1..4 {
        overwrite();
        let right = (0..4_000).all(|key| map.get(&key) == Some(&word(3, key)));
        assert!(right, "a value of the map has changed");
        assert_eq!(map.get(&1_000_000), None);
        // Grows in a phase.
        phase(|| map.extend((turn * 4_000..(turn + 1) * 4_000).map(|key| (key, word(3, key)))));
    }
    assert_eq!(map.len(), 16_000);
}

trait Shape {
    fn sum(&self) -> u64;
    fn grow(&mut self);
}

struct Polygon {
    name: String,
    corners: Vec<u64>,
    inner: Option<Box<dyn Shape>>,
    padding: [u64; 700],
}

impl Shape for Polygon {
    fn sum(&self) -> u64 {
        check_words(&self.corners, 4);
        let inner = self.inner.as_ref().map_or(0, |inner| inner.sum());
        self.name.len() as u64
            + self.corners.len() as u64
            + self.padding.iter().sum::<u64>()
            + inner
    }

    fn grow(&mut self) {
        self.corners.push(word(4, self.corners.len() as u64));
        self.name.push('.');
    }
}

/// The table of functions is read-only data; what it works on is on the heap, and points on.
pub(crate) fn trait_object_kept() {
    let polygon = |inner| -> Box<dyn Shape> {
        Box::new(Polygon {
            name: "a polygon".to_owned(),
            corners: words(4, 1_000),
            inner,
            padding: [1; 700],
        })
    };
    let mut shape = phase(|| polygon(Some(polygon(None))));
    for turn in 0..10 {
        overwrite();
        assert_eq!(shape.sum(), 2 * (9 + 1_000 + 700) + 2 * turn);
        phase(|| shape.grow());
    }
}

/// Blocks that shrink, grow and shrink again, of which one in three is kept.
pub(crate) fn shrunk_and_regrown() {
    let mut kept: Vec<Block> = Vec::new();
    for turn in 0..200 {
        phase(|| {
            for number in 0..3 {
                let size = 100 + (turn * 977 + number * 13) % 20_000;
                let mut block = Block::new(turn + number, size);
                block.resize(size / 3 + 1);
                block.resize(size * 2);
                block.check();
                if number == 0 {
                    kept.push(block);
                }
            }
            let old = (turn * 31) % kept.len();
            let size = kept[old].len();
            kept[old].resize(if turn % 2 == 0 {
                size / 3 + 1
            } else {
                size + 500
            });
        });
        overwrite_a_little();
        if turn % 8 == 0 {
            check_all(&kept);
        }
    }
    check_all(&kept);
}

/// Nodes, chunks, strings and boxes that point to each other, changed in every phase.
pub(crate) fn every_kind_kept() {
    let mut tree: BTreeMap<u64, String> = BTreeMap::new();
    let mut deque: VecDeque<Block> = VecDeque::new();
    let mut list: LinkedList<Vec<u64>> = LinkedList::new();
    let mut boxes: Vec<Box<(u64, Box<[u64; 600]>)>> = Vec::new();
    for turn in 0..60u64 {
        phase(|| {
            tree.extend((0..20).map(|key| (turn * 20 + key, format!("value {turn} {key}"))));
            let size = usize::try_from(turn).map_or(0, |turn| turn * 150);
            deque.push_back(Block::new(size, size + 1));
            list.push_back(words(turn, 10 + size / 8));
            boxes.push(Box::new((turn, Box::new([turn; 600]))));
            if turn % 4 == 3 {
                deque.pop_front();
                list.pop_front();
                tree.pop_first();
            }
        });
        overwrite_a_little();
        assert!(
            tree.iter()
                .all(|(key, text)| *text == format!("value {} {}", key / 20, key % 20))
        );
        check_all(&deque);
        for (place, found) in list.iter().enumerate() {
            let seed = turn + 1 - list.len() as u64 + place as u64;
            check_words(found, seed);
        }
        assert!(boxes.iter().all(|it| it.1.iter().all(|word| *word == it.0)));
    }
}
