//! What fails: every call of the simulated kernel once, and a process without descriptors.

use crate::kinds::kinds;
use evloop::{BackendKind, Error, Interest, Loop, Ready, SimulatedDescriptor, Simulation, Timer};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

const FILES: usize = 4;

/// A loop on a simulated kernel that may fail a call, and who was told that a descriptor of theirs is readable, and when.
struct Story {
    simulation: Simulation,
    events: Loop,
    files: Vec<SimulatedDescriptor>,
    told: Rc<RefCell<Vec<usize>>>,
    timers: Rc<Cell<usize>>,
}

impl Story {
    fn new() -> Self {
        let simulation = Simulation::new(3);
        let events = Loop::simulated(&simulation).expect("nothing fails yet");
        let files = (0..FILES).map(|_| simulation.open()).collect();
        Self {
            simulation,
            events,
            files,
            told: Rc::default(),
            timers: Rc::default(),
        }
    }

    /// Whoever is told that the kernel refuses asks again.
    fn watch(&mut self, number: usize) -> evloop::Token {
        let told = Rc::clone(&self.told);
        let (simulation, file) = (self.simulation.clone(), self.files[number]);
        self.events
            .add_simulated(file, Interest::READABLE, move |events, event| {
                if event.ready.contains(Ready::ERROR) {
                    events.set_interest(event.token, Interest::READABLE);
                }
                if event.ready.contains(Ready::READABLE) {
                    told.borrow_mut().push(number);
                    simulation.set_ready(file, Ready::NONE);
                }
            })
    }

    /// All that the loop does with a kernel. Answers what failed.
    fn run(&mut self) -> Vec<Error> {
        let mut failed = Vec::new();
        let mut turn = |story: &mut Self| failed.extend(story.events.poll().err());
        let tokens: Vec<_> = (0..FILES).map(|number| self.watch(number)).collect();
        turn(self);
        // Two watch one file.
        self.watch(0);
        let both = Interest::READABLE | Interest::WRITABLE;
        self.events.set_interest(tokens[1], both);
        turn(self);
        self.events.set_interest(tokens[1], Interest::READABLE);
        assert!(self.events.remove(tokens[2]));
        turn(self);
        let timers = Rc::clone(&self.timers);
        self.events
            .add_timer(Timer::once(Duration::from_millis(1)), move |_, _| {
                timers.set(timers.get() + 1);
            });
        self.simulation.pass(Duration::from_millis(2));
        self.simulation.set_ready(self.files[1], Ready::READABLE);
        turn(self);
        let switched = self.events.switch_backend(BackendKind::Simulation);
        failed.extend(switched.err());
        let last = self.files[3];
        self.simulation.set_ready(last, Ready::READABLE);
        failed.extend(self.events.poll().err());
        self.simulation.set_ready(self.files[0], Ready::READABLE);
        failed.extend(self.events.poll().err());
        failed
    }

    /// Nothing fails any more: all that was ready has been told, or is told now.
    fn settle(&mut self) {
        for _ in 0..10 {
            self.events.poll().expect("nothing fails any more");
        }
        let told = self.told.borrow();
        for number in [0, 1, 3] {
            let times = told.iter().filter(|it| **it == number).count();
            let most = if number == 0 { 2 } else { 1 };
            assert!(
                (1..=most).contains(&times),
                "{number} was told {times} times"
            );
        }
        assert!(!told.contains(&2), "it is gone, and was told");
        assert_eq!(self.timers.get(), 1);
    }
}

#[test]
fn whatever_call_fails_the_loop_says_so_or_goes_on_and_nothing_is_lost() {
    let mut story = Story::new();
    let begin = story.simulation.calls();
    assert!(story.run().is_empty());
    let calls = story.simulation.calls() - begin;
    story.settle();
    assert!(calls > 15, "{calls}");
    let errors = [
        ErrorKind::OutOfMemory,
        ErrorKind::QuotaExceeded,
        ErrorKind::Interrupted,
    ];
    for error in errors {
        let mut loud = 0;
        for call in 0..calls {
            let mut story = Story::new();
            story.simulation.fail(begin + call, error);
            let failed = story.run();
            for it in &failed {
                assert!(matches!(it, Error::Wait(_) | Error::Backend { .. }), "{it}");
            }
            loud += failed.len() + usize::from(story.events.stats().refusals > 0);
            story.settle();
        }
        assert!(loud > 5, "{error}: only {loud} calls that failed were told");
    }
}

/// What the kernel refuses to watch is always ready, as a regular file is, from then on.
#[test]
fn a_call_that_is_not_permitted_makes_its_descriptor_ready_and_costs_no_event() {
    let mut story = Story::new();
    let begin = story.simulation.calls();
    assert!(story.run().is_empty());
    for call in begin..story.simulation.calls() {
        let mut story = Story::new();
        story.simulation.fail(call, ErrorKind::PermissionDenied);
        drop(story.run());
        for _ in 0..10 {
            story.events.poll().expect("nothing fails any more");
        }
        let told = story.told.borrow();
        assert!([0, 1, 3].iter().all(|it| told.contains(it)), "{told:?}");
        assert_eq!(story.timers.get(), 1);
    }
}

/// Runs a test in a process of its own, for what it does concerns the whole process. `true` in that process.
fn is_alone(name: &str) -> bool {
    const MARK: &str = "EVLOOP_ALONE";
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let binary = std::env::current_exe().expect("it runs");
    let output = Command::new(binary)
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(MARK, "1")
        .output()
        .expect("it can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}

/// Does something while so many descriptors are left.
fn with_descriptors<R>(count: u64, work: impl FnOnce() -> R) -> R {
    let first = File::open("/dev/null").expect("one is left").as_raw_fd();
    let before = getrlimit(Resource::Nofile);
    let limit = Rlimit {
        current: Some(u64::from(first.unsigned_abs()) + count),
        ..before
    };
    setrlimit(Resource::Nofile, limit).expect("it may be less");
    let result = work();
    setrlimit(Resource::Nofile, before).expect("it may be as before");
    result
}

#[test]
fn a_process_without_descriptors_gets_errors_and_its_loops_go_on() {
    if !is_alone("faults::a_process_without_descriptors_gets_errors_and_its_loops_go_on") {
        return;
    }
    for kind in kinds() {
        // One descriptor more each time, until a loop can be made.
        let made: Vec<_> = (0..8)
            .map(|count| with_descriptors(count, || Loop::with_backend(kind).err()))
            .collect();
        let failed = made.iter().take_while(|it| it.is_some()).count();
        assert!((1..8).contains(&failed), "{kind}: {made:?}");
        for error in made.iter().flatten() {
            let is_typed = matches!(error, Error::Backend { kind: it, .. } if *it == kind);
            assert!(is_typed || matches!(error, Error::Waker(_)), "{error}");
        }
        let (mut writer, reader) = UnixStream::pair().unwrap();
        let mut events = Loop::with_backend(kind).unwrap();
        let token = events.add_io(reader, Interest::READABLE, |events, reader, _| {
            assert_eq!(reader.read(&mut [0; 8]).unwrap(), 1);
            events.stop();
        });
        with_descriptors(0, || {
            for other in kinds() {
                match events.switch_backend(other) {
                    // It takes none.
                    Ok(()) => assert_eq!(other, BackendKind::Poll),
                    Err(error) => assert!(matches!(error, Error::Backend { .. }), "{error}"),
                }
            }
            let refused = events.add_signal(signal_hook::consts::SIGIO, |_, _| {});
            assert!(matches!(refused, Err(Error::Signal { .. })));
            writer.write_all(b"x").unwrap();
            events.run().unwrap();
        });
        assert!(events.contains(token), "{kind}");
    }
}

/// No descriptor is left for a new epoll that knows nothing of it: it is told to nobody, and chased when there is one.
#[test]
fn a_ghost_that_cannot_be_chased_yet_is_told_to_nobody() {
    if !is_alone("faults::a_ghost_that_cannot_be_chased_yet_is_told_to_nobody") {
        return;
    }
    let (mut writer, reader) = UnixStream::pair().unwrap();
    let _elsewhere = reader.try_clone().unwrap();
    let (mut other, source) = UnixStream::pair().unwrap();
    let mut events = Loop::new().unwrap();
    let gone = events.add_io(reader, Interest::READABLE, |_, _, event| {
        panic!("{event:?} is gone")
    });
    let told = Rc::new(Cell::new(0));
    let count = Rc::clone(&told);
    events.add_io(source, Interest::READABLE, move |_, source, _| {
        count.set(count.get() + source.read(&mut [0; 8]).unwrap());
    });
    events.poll().unwrap();
    assert!(events.remove(gone));
    writer.write_all(b"x").unwrap();
    // The number of the one that is closed is free.
    let _taken = File::open("/dev/null").unwrap();
    with_descriptors(0, || {
        for count in 1..4 {
            other.write_all(b"x").unwrap();
            events.poll().unwrap();
            events.poll().unwrap();
            assert_eq!(told.get(), count);
        }
    });
    assert!(events.stats().ghosts > 1 && events.stats().switches == 0);
    events.poll().unwrap();
    let ghosts = events.stats().ghosts;
    (0..3).for_each(|_| events.poll().unwrap());
    assert_eq!(
        (events.stats().ghosts, events.stats().switches),
        (ghosts, 1)
    );
}
