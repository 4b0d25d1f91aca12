//! Random operations, inside callbacks too, on a simulated kernel, beside a model that knows what may be told.
//!
//! `EVLOOP_OPERATIONS` says how many; 10,000,000 take some seconds in an optimised build. Checked are: no callback of a
//! registration that is gone, none with what did not happen to its own file since its last call, none twice in a turn,
//! none lost.

use evloop::{
    BackendKind, Event, Interest, Loop, Ready, SimulatedDescriptor, Simulation, Timer, Token,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

const OPERATIONS: usize = if cfg!(miri) { 600 } else { 200_000 };
/// Operations between two moments at which everything is told.
const ROUND: usize = 500;
const MOST: usize = 40;

/// What the model knows of a registration of a descriptor.
struct Io {
    descriptor: SimulatedDescriptor,
    interest: Interest,
    /// What happened to the file since the last call, or since it was registered.
    happened: Ready,
    told_in_turn: usize,
    activated: bool,
}

struct Armed {
    /// `None` where it is disarmed.
    deadline: Option<Duration>,
    activated: bool,
}

struct World {
    simulation: Simulation,
    random: u64,
    turn: usize,
    /// Open descriptors, with what their files are ready for; a duplicate shares the number of its file.
    files: Vec<Ready>,
    open: BTreeMap<SimulatedDescriptor, usize>,
    io: BTreeMap<Token, Io>,
    timers: BTreeMap<Token, Armed>,
    /// A descriptor is watched by one registration at a time, with the usual priority: then the kernel's events are told
    /// without a look at the registrations before.
    is_plain: bool,
    /// While everything is told nothing changes.
    is_still: bool,
    callbacks: usize,
    deepest: isize,
}

type Shared = Rc<RefCell<World>>;

impl World {
    fn random(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as usize % bound.max(1)
    }

    fn any<K: Copy, V>(&mut self, from: fn(&Self) -> &BTreeMap<K, V>) -> Option<K> {
        let len = from(self).len();
        let place = self.random(len);
        from(self).keys().nth(place).copied()
    }

    fn nested(&mut self, by: isize) {
        self.deepest += by;
        self.turn += 1;
    }

    fn interest(&mut self) -> Interest {
        [
            Interest::NONE,
            Interest::READABLE,
            Interest::WRITABLE,
            Interest::READABLE | Interest::WRITABLE,
        ][self.random(4)]
    }

    fn ready(&mut self) -> Ready {
        let bits = [Ready::READABLE, Ready::WRITABLE, Ready::HANGUP];
        let some = (0..bits.len()).filter(|_| self.random(3) == 0);
        let some: Vec<usize> = some.collect();
        some.into_iter().fold(Ready::NONE, |all, it| all | bits[it])
    }

    fn set_ready(&mut self, descriptor: SimulatedDescriptor, ready: Ready) {
        let Some(file) = self.open.get(&descriptor).copied() else {
            return;
        };
        assert!(self.simulation.set_ready(descriptor, ready));
        self.files[file] = ready;
        for io in self.io.values_mut() {
            if self.open[&io.descriptor] == file {
                io.happened |= ready;
            }
        }
    }
}

/// The part of what happened that somebody with this interest is told.
fn part(ready: Ready, interest: Interest) -> Ready {
    let mut wanted = Ready::HANGUP | Ready::ERROR;
    if interest.contains(Interest::READABLE) {
        wanted |= Ready::READABLE;
    }
    if interest.contains(Interest::WRITABLE) {
        wanted |= Ready::WRITABLE;
    }
    if interest.is_empty() {
        Ready::NONE
    } else {
        ready & wanted
    }
}

fn told(events: &mut Loop, event: Event, world: &Shared) {
    {
        let world = &mut *world.borrow_mut();
        world.callbacks += 1;
        let turn = world.turn;
        let io = world.io.get_mut(&event.token);
        let io = io
            .unwrap_or_else(|| panic!("{:?} is gone, and is told {:?}", event.token, event.ready));
        let mut may = part(io.happened, io.interest);
        if std::mem::take(&mut io.activated) {
            may |= Ready::ACTIVATED;
        } else {
            assert_ne!(io.told_in_turn, turn, "{:?} is told twice", event.token);
        }
        assert!(may.contains(event.ready), "{:?} of {may:?}", event.ready);
        io.told_in_turn = turn;
        io.happened = world.files[world.open[&io.descriptor]];
    }
    inside(events, world);
}

fn due(events: &mut Loop, event: Event, world: &Shared) {
    {
        let world = &mut *world.borrow_mut();
        world.callbacks += 1;
        let timer = world
            .timers
            .get_mut(&event.token)
            .expect("a timer that is there");
        if event.ready.contains(Ready::ACTIVATED) {
            assert!(std::mem::take(&mut timer.activated));
        }
        if event.ready.contains(Ready::TIMER) {
            let deadline = timer.deadline.take().expect("it is armed");
            assert!(
                deadline <= events.now(),
                "{deadline:?} at {:?}",
                events.now()
            );
        }
    }
    inside(events, world);
}

fn inside(events: &mut Loop, world: &Shared) {
    let is_still = world.borrow().is_still;
    let count = world.borrow_mut().random(4);
    for _ in 0..count * usize::from(!is_still) {
        operate(events, world);
    }
}

fn operate(events: &mut Loop, shared: &Shared) {
    let choice = shared.borrow_mut().random(18);
    match choice {
        0..4 => operate_on_files(choice, events, &mut shared.borrow_mut()),
        4..12 => operate_on_io(choice, events, shared),
        12..17 => operate_on_timers(choice, events, shared),
        _ => operate_on_the_loop(events, shared),
    }
}

fn operate_on_files(choice: usize, events: &mut Loop, world: &mut World) {
    let other = world.any(|it| &it.open);
    match (choice, other) {
        (0, _) if world.open.len() < MOST => {
            let descriptor = world.simulation.open();
            let file = world.files.len();
            world.files.push(Ready::NONE);
            world.open.insert(descriptor, file);
        }
        (1, Some(other)) if world.open.len() < MOST => {
            let descriptor = world.simulation.duplicate(other).expect("it is open");
            let file = world.open[&other];
            world.open.insert(descriptor, file);
        }
        // A source is closed when its registrations are gone, as types have it.
        (2 | 3, Some(descriptor)) => {
            let gone = world
                .io
                .iter()
                .filter(|(_, io)| io.descriptor == descriptor);
            let gone: Vec<Token> = gone.map(|(token, _)| *token).collect();
            for token in gone {
                world.io.remove(&token);
                assert!(events.remove(token));
            }
            world.open.remove(&descriptor);
            assert!(world.simulation.close(descriptor));
        }
        _ => {}
    }
}

fn operate_on_io(choice: usize, events: &mut Loop, shared: &Shared) {
    let world = &mut *shared.borrow_mut();
    let (descriptor, token) = (world.any(|it| &it.open), world.any(|it| &it.io));
    let (interest, ready) = (world.interest(), world.ready());
    match (choice, descriptor, token) {
        (4 | 5, Some(descriptor), _) if world.io.len() < MOST => {
            if world.is_plain && world.io.values().any(|io| io.descriptor == descriptor) {
                return;
            }
            let told_to = Rc::clone(shared);
            let token = events.add_simulated(descriptor, interest, move |events, event| {
                told(events, event, &told_to);
            });
            let io = Io {
                descriptor,
                interest,
                happened: world.files[world.open[&descriptor]],
                told_in_turn: 0,
                activated: false,
            };
            let other = world.io.insert(token, io);
            assert!(other.is_none(), "a token names one registration");
            if !world.is_plain {
                assert!(events.set_priority(token, [1, 1, 0, 2][world.random(4)]));
            }
        }
        (6, _, Some(token)) => {
            world.io.remove(&token);
            assert!(events.remove(token) && !events.remove(token));
        }
        (7 | 8, _, Some(token)) => {
            assert!(events.set_interest(token, interest));
            if let Some(io) = world.io.get_mut(&token) {
                io.interest = interest;
            }
        }
        (9 | 10, Some(descriptor), _) => world.set_ready(descriptor, ready),
        (11, _, Some(token)) => {
            if let Some(io) = world.io.get_mut(&token) {
                io.activated = true;
            }
            assert!(events.activate(token));
        }
        _ => {}
    }
}

fn operate_on_timers(choice: usize, events: &mut Loop, shared: &Shared) {
    let world = &mut *shared.borrow_mut();
    let token = world.any(|it| &it.timers);
    match (choice, token) {
        (12, _) if world.timers.len() < MOST => {
            let told_to = Rc::clone(shared);
            let token = events.add_timer(Timer::idle(), move |events, event| {
                due(events, event, &told_to);
            });
            let timer = Armed {
                deadline: None,
                activated: false,
            };
            assert!(world.timers.insert(token, timer).is_none());
        }
        (13 | 14, Some(token)) => {
            let after = Duration::from_micros(world.random(100_000) as u64);
            let deadline = (world.random(3) > 0).then(|| events.now() + after);
            if deadline.is_some() {
                assert!(events.arm(token, after));
            } else {
                assert!(events.disarm(token));
            }
            if let Some(timer) = world.timers.get_mut(&token) {
                timer.deadline = deadline;
            }
        }
        (15, Some(token)) => {
            world.timers.remove(&token);
            assert!(events.remove(token) && !events.contains(token));
        }
        _ => {
            let time = Duration::from_micros(world.random(50_000) as u64);
            world.simulation.pass(time);
        }
    }
}

fn operate_on_the_loop(events: &mut Loop, shared: &Shared) {
    let choice = shared.borrow_mut().random(50);
    // Seldom, for it also mends what should not have been broken.
    if choice == 0 {
        let switched = events.switch_backend(BackendKind::Simulation);
        switched.expect("the same kernel");
    }
    let is_shallow = shared.borrow().deepest < 2;
    // A callback that waits.
    if choice < 20 && is_shallow {
        shared.borrow_mut().nested(1);
        events.poll().expect("the simulation goes on");
        shared.borrow_mut().nested(-1);
    }
}

/// Everything that is to be told is told, and each timer is due.
fn settle(events: &mut Loop, world: &Shared) {
    world.borrow_mut().is_still = true;
    // What is ready is so for good, and who is less urgent would wait for good.
    let tokens: Vec<Token> = world.borrow().io.keys().copied().collect();
    for token in tokens {
        events.set_priority(token, 1);
    }
    world.borrow().simulation.pass(Duration::from_secs(1));
    let waiting = |world: &World| {
        let io = world.io.values().filter(|io| io.activated);
        let now = world.simulation.time();
        let is_due = |it: &&Armed| it.activated || it.deadline.is_some_and(|it| it <= now);
        io.count() + world.timers.values().filter(is_due).count()
    };
    let begin = world.borrow().turn;
    let told_since = |world: &World| {
        world.io.values().all(|io| {
            let now = world.files[world.open[&io.descriptor]];
            io.told_in_turn > begin || part(now, io.interest).is_empty()
        })
    };
    for _ in 0..2_000 {
        world.borrow_mut().turn += 1;
        events.poll().expect("the simulation goes on");
        let world = world.borrow();
        if told_since(&world) && waiting(&world) == 0 {
            break;
        }
    }
    let mut world = world.borrow_mut();
    assert!(told_since(&world), "somebody was not told");
    assert_eq!(waiting(&world), 0, "somebody was not told");
    world.is_still = false;
}

#[test]
fn nothing_is_told_that_is_gone_or_did_not_happen_and_nothing_is_lost() {
    run(false);
}

#[test]
fn the_same_where_each_descriptor_is_watched_by_one() {
    run(true);
}

fn run(is_plain: bool) {
    let operations = std::env::var("EVLOOP_OPERATIONS").ok();
    let operations = operations.map_or(OPERATIONS, |it| it.parse().expect("a number"));
    let seed = std::env::var("EVLOOP_SEED").ok();
    let seed = seed.map_or(7, |it| it.parse().expect("a number"));
    let simulation = Simulation::new(seed);
    let mut events = Loop::simulated(&simulation).expect("descriptors are left");
    let world = Rc::new(RefCell::new(World {
        simulation,
        random: seed | 1,
        turn: 1,
        files: Vec::new(),
        open: BTreeMap::new(),
        io: BTreeMap::new(),
        timers: BTreeMap::new(),
        is_plain,
        is_still: false,
        callbacks: 0,
        deepest: 0,
    }));
    for operation in 0..operations {
        operate(&mut events, &world);
        if operation % 3 == 0 {
            world.borrow_mut().turn += 1;
            events.poll().expect("the simulation goes on");
        }
        if operation % ROUND == ROUND - 1 {
            settle(&mut events, &world);
        }
    }
    let stats = events.stats();
    let world = world.borrow();
    assert_eq!(stats.callbacks as usize, world.callbacks);
    // It has been where it is to be tested.
    assert!(
        stats.stale > 0 && stats.ghosts > 0 && stats.switches > 0,
        "{stats:?}"
    );
}
