//! Random operations on sockets, inside callbacks too, while the backend changes among all that there are: what is written
//! to a pair is read by who watches it, all of it, and by nobody else.

use crate::kinds::kinds;
use evloop::{BackendKind, Interest, Loop, Token};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

const OPERATIONS: usize = 30_000;
const MOST: usize = 30;

struct Pair {
    writer: UnixStream,
    /// Told apart from all others by what it is written.
    name: u8,
    written: usize,
    read: usize,
    is_resting: bool,
}

struct World {
    random: u64,
    kinds: Vec<BackendKind>,
    pairs: BTreeMap<Token, Pair>,
    names: u8,
    callbacks: usize,
}

type Shared = Rc<RefCell<World>>;

impl World {
    fn random(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as usize % bound.max(1)
    }

    fn any(&mut self) -> Option<Token> {
        let place = self.random(self.pairs.len());
        self.pairs.keys().nth(place).copied()
    }
}

fn open(events: &mut Loop, shared: &Shared) {
    let (writer, reader) = UnixStream::pair().expect("descriptors are left");
    reader.set_nonblocking(true).expect("a socket can be so");
    let name = shared.borrow().names;
    let told = Rc::clone(shared);
    let token = events.add_io(reader, Interest::READABLE, move |events, reader, event| {
        read(reader, event.token, name, &told);
        let count = told.borrow_mut().random(3);
        (0..count).for_each(|_| operate(events, &told));
    });
    let pair = Pair {
        writer,
        name,
        written: 0,
        read: 0,
        is_resting: false,
    };
    let mut world = shared.borrow_mut();
    world.names = name.wrapping_add(1);
    world.pairs.insert(token, pair);
}

fn read(reader: &mut UnixStream, token: Token, name: u8, shared: &Shared) {
    let mut world = shared.borrow_mut();
    world.callbacks += 1;
    let pair = world
        .pairs
        .get_mut(&token)
        .expect("it is gone, and is told");
    assert_eq!(pair.name, name);
    assert!(!pair.is_resting, "it rests, and is told");
    let mut bytes = [0; 5];
    match reader.read(&mut bytes) {
        Ok(length) => {
            assert!(bytes[..length].iter().all(|byte| *byte == name));
            pair.read += length;
        }
        // Nobody else reads it; it was told twice.
        Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
    }
}

fn operate(events: &mut Loop, shared: &Shared) {
    let mut world = shared.borrow_mut();
    let (choice, token) = (world.random(64), world.any());
    match (choice, token) {
        (0..8, _) if world.pairs.len() < MOST => {
            drop(world);
            open(events, shared);
        }
        (8..14, Some(token)) => {
            assert!(events.remove(token));
            world.pairs.remove(&token);
        }
        (14..40, Some(token)) => {
            let pair = world.pairs.get_mut(&token).expect("one of them");
            let text = [pair.name; 3];
            // A full one would block.
            if pair.written - pair.read < 1000 {
                pair.writer.write_all(&text).expect("its reader is there");
                pair.written += text.len();
            }
        }
        (40..52, Some(token)) => {
            let pair = world.pairs.get_mut(&token).expect("one of them");
            pair.is_resting = !pair.is_resting;
            let interest = [Interest::READABLE, Interest::NONE][usize::from(pair.is_resting)];
            assert!(events.set_interest(token, interest));
        }
        (52, _) => {
            let count = world.kinds.len();
            let place = world.random(count);
            let kind = world.kinds[place];
            events.switch_backend(kind).expect("it was there before");
        }
        _ => {}
    }
}

#[test]
fn what_is_written_is_read_by_who_watches_it() {
    let mut events = Loop::new().expect("descriptors are left");
    let shared = Rc::new(RefCell::new(World {
        random: 0x9E37_79B9_7F4A_7C15,
        kinds: kinds(),
        pairs: BTreeMap::new(),
        names: 0,
        callbacks: 0,
    }));
    for operation in 0..OPERATIONS {
        operate(&mut events, &shared);
        if operation % 4 == 0 {
            events.poll().expect("it can be asked");
        }
        if operation % 1000 == 999 {
            everything_is_read(&mut events, &shared);
        }
    }
    let stats = events.stats();
    assert!(stats.stale > 0 && stats.switches > 10, "{stats:?}");
    assert_eq!(stats.callbacks as usize, shared.borrow().callbacks);
}

fn everything_is_read(events: &mut Loop, shared: &Shared) {
    let tokens: Vec<Token> = shared.borrow().pairs.keys().copied().collect();
    for token in tokens {
        events.set_interest(token, Interest::READABLE);
        if let Some(pair) = shared.borrow_mut().pairs.get_mut(&token) {
            pair.is_resting = false;
        }
    }
    let is_read = |shared: &Shared| {
        let world = shared.borrow();
        world
            .pairs
            .values()
            .all(|it| it.is_resting || it.read == it.written)
    };
    let mut asked = 0;
    while !is_read(shared) {
        asked += 1;
        assert!(asked < 20_000, "something is not read");
        events.poll().expect("it can be asked");
    }
}
