//! The loops in Rust.

use super::{Pairs, Turn, read};
use evloop::{BackendKind, Interest, Loop};
use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use std::cell::Cell;
use std::os::fd::AsRawFd;
use std::rc::Rc;

const BATCH: usize = 256;

pub fn raw(pairs: &Pairs) -> Turn {
    let kernel = epoll::create(epoll::CreateFlags::CLOEXEC).expect("descriptors are left");
    let readers = pairs.readers.clone();
    for (place, reader) in readers.iter().enumerate() {
        let data = epoll::EventData::new_u64(place as u64);
        epoll::add(&kernel, reader, data, epoll::EventFlags::IN).expect("a socket can be watched");
    }
    let mut events = Vec::with_capacity(BATCH);
    Box::new(move |mut left| {
        while left > 0 {
            events.clear();
            epoll::wait(&kernel, spare_capacity(&mut events), None).expect("it can be waited for");
            for event in &events {
                let data = event.data;
                left -= read(&readers[data.u64() as usize]);
            }
        }
    })
}

pub fn evloop(pairs: &Pairs, kind: BackendKind) -> Turn {
    let mut events = Loop::with_backend(kind).expect("it was there before");
    let count = Rc::new(Cell::new(0));
    for reader in &pairs.readers {
        let count = Rc::clone(&count);
        events.add_io(
            Rc::clone(reader),
            Interest::READABLE,
            move |_, reader, _| {
                count.set(count.get() + read(reader));
            },
        );
    }
    Box::new(move |wanted| {
        count.set(0);
        while count.get() < wanted {
            events.run_once().expect("it can be waited for");
        }
    })
}

pub fn mio(pairs: &Pairs) -> Turn {
    let mut poll = mio::Poll::new().expect("descriptors are left");
    let readers = pairs.readers.clone();
    for (place, reader) in readers.iter().enumerate() {
        let descriptor = reader.as_raw_fd();
        let mut source = mio::unix::SourceFd(&descriptor);
        let (token, interest) = (mio::Token(place), mio::Interest::READABLE);
        let registered = poll.registry().register(&mut source, token, interest);
        registered.expect("a socket can be watched");
    }
    let mut events = mio::Events::with_capacity(BATCH);
    Box::new(move |mut left| {
        while left > 0 {
            poll.poll(&mut events, None).expect("it can be waited for");
            for event in &events {
                left -= read(&readers[event.token().0]);
            }
        }
    })
}

pub fn polling(pairs: &Pairs) -> Turn {
    let poller = polling::Poller::new().expect("descriptors are left");
    let readers = pairs.readers.clone();
    for (place, reader) in readers.iter().enumerate() {
        let (event, mode) = (polling::Event::readable(place), polling::PollMode::Level);
        // SAFETY: the closure that waits keeps the socket as long as the poller.
        let added = unsafe { poller.add_with_mode(reader.as_raw_fd(), event, mode) };
        added.expect("a socket can be watched");
    }
    let mut events = polling::Events::new();
    Box::new(move |mut left| {
        while left > 0 {
            events.clear();
            poller
                .wait(&mut events, None)
                .expect("it can be waited for");
            for event in events.iter() {
                left -= read(&readers[event.key]);
            }
        }
    })
}

pub fn calloop(pairs: &Pairs) -> Turn {
    use calloop::generic::Generic;
    use calloop::{EventLoop, Interest, Mode, PostAction};

    let mut events: EventLoop<'static, usize> = EventLoop::try_new().expect("descriptors are left");
    for reader in &pairs.readers {
        let source = Generic::new(Rc::clone(reader), Interest::READ, Mode::Level);
        let inserted = events
            .handle()
            .insert_source(source, |_, reader, count: &mut usize| {
                *count += read(reader);
                Ok(PostAction::Continue)
            });
        inserted.expect("a socket can be watched");
    }
    Box::new(move |wanted| {
        let mut count = 0;
        while count < wanted {
            events
                .dispatch(None, &mut count)
                .expect("it can be waited for");
        }
    })
}
