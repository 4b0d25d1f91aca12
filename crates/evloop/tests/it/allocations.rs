//! What the steady state costs in memory.

use crate::kinds::kinds;
use adversary::alloc::Scripted;
use adversary::countdown::run_counted;
use evloop::{Call, Interest, Loop, Timer};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

#[global_allocator]
static HEAP: Scripted = Scripted::system();

const PAIRS: usize = 16;

fn pairs() -> Vec<(UnixStream, Rc<UnixStream>)> {
    let pair = || {
        let (mut writer, reader) = UnixStream::pair().expect("descriptors are left");
        writer.write_all(b"x").expect("there is room for a byte");
        (writer, Rc::new(reader))
    };
    (0..PAIRS).map(|_| pair()).collect()
}

#[test]
fn events_and_changes_and_timers_allocate_nothing_once_there_is_room() {
    for kind in kinds() {
        let pairs = pairs();
        let mut events = Loop::with_backend(kind).unwrap();
        let watched: Vec<_> = pairs
            .iter()
            .map(|(_, reader)| events.add_io(Rc::clone(reader), Interest::READABLE, |_, _, _| {}))
            .collect();
        let timer = events.add_timer(Timer::idle(), |_, _| {});
        let mut work = || {
            for number in 0..100 {
                let token = watched[number % PAIRS];
                events.set_interest(token, Interest::NONE);
                events.poll().unwrap();
                events.set_interest(token, Interest::READABLE | Interest::WRITABLE);
                events.arm(timer, Duration::ZERO);
                events.activate(token);
                events.poll().unwrap();
            }
        };
        assert!(run_counted(&mut work).allocations > 0, "nothing is counted");
        assert_eq!(run_counted(&mut work).allocations, 0, "{kind}");
        assert!(events.stats().callbacks as usize > 200 * PAIRS, "{kind}");
    }
}

/// Who watches what somebody else owns keeps nothing: registrations come and go in the same room.
#[test]
fn a_plain_call_that_comes_and_goes_allocates_nothing_once_there_is_room() {
    fn told(_: &mut Loop, _: evloop::Event, _: *mut (), _: u64) {}
    let call = Call {
        function: told,
        context: std::ptr::null_mut(),
        data: 0,
    };
    for kind in kinds() {
        let (mut writer, reader) = UnixStream::pair().unwrap();
        writer.write_all(b"x").unwrap();
        let reader: &'static UnixStream = Box::leak(Box::new(reader));
        let mut events = Loop::with_backend(kind).unwrap();
        let mut work = || {
            for _ in 0..100 {
                let token = events.watch(reader.as_fd(), Interest::READABLE, call);
                events.poll().unwrap();
                assert!(events.remove(token));
                events.poll().unwrap();
            }
        };
        assert!(run_counted(&mut work).allocations > 0, "nothing is counted");
        assert_eq!(run_counted(&mut work).allocations, 0, "{kind}");
        assert_eq!(events.stats().callbacks, 200, "{kind}");
    }
}
