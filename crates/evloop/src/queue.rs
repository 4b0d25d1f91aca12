//! Who is to be told.

use rustix::buffer::{SpareCapacity, spare_capacity};
use rustix::event::epoll;

use crate::interest::Ready;
use crate::token::Token;

/// A registration, and what its callback is to be told. What stands in the registration itself comes on top.
#[derive(Clone, Copy)]
pub(crate) struct Active {
    pub(crate) token: Token,
    pub(crate) ready: Ready,
}

/// First in, first out. Its room is kept.
///
/// What is in it has the form in which epoll writes, so that nothing is copied on its way from the kernel to a callback.
#[derive(Default)]
pub(crate) struct Queue {
    active: Vec<epoll::Event>,
    /// Those before are told.
    told: usize,
}

impl Queue {
    #[inline]
    pub(crate) fn push(&mut self, active: Active) {
        self.active.push(epoll::Event {
            flags: epoll::EventFlags::from_bits_retain(active.ready.to_bits().into()),
            data: epoll::EventData::new_u64(active.token.to_bits()),
        });
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Active> {
        let first = self.active.get(self.told)?;
        self.told += 1;
        Some(active(first))
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.active.len() - self.told
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.active.len() == self.told
    }

    /// Room for so many at least, for epoll to write to.
    #[inline]
    pub(crate) fn room(&mut self, count: usize) -> SpareCapacity<'_, epoll::Event> {
        self.active.reserve(count);
        spare_capacity(&mut self.active)
    }

    /// Calls `hear` for those that are still to be told, and keeps them; what it answers is left to be told to them.
    pub(crate) fn retell(&mut self, mut hear: impl FnMut(Active) -> Ready) {
        for event in self.active.iter_mut().skip(self.told) {
            let left = hear(active(event));
            event.flags = epoll::EventFlags::from_bits_retain(left.to_bits().into());
        }
    }

    /// Gives the room of those that were told to those that come.
    #[inline]
    pub(crate) fn compact(&mut self) {
        if self.is_empty() {
            self.active.clear();
        } else {
            self.active.drain(..self.told);
        }
        self.told = 0;
    }
}

#[inline]
fn active(event: &epoll::Event) -> Active {
    // The fields of a packed structure are copied.
    let (data, flags) = (event.data, event.flags);
    Active {
        token: Token::named(data.u64()),
        ready: Ready::from_epoll(flags),
    }
}

#[cfg(test)]
mod tests {
    use super::{Active, Queue};
    use crate::interest::Ready;
    use crate::token::Token;

    #[test]
    fn the_first_comes_first_also_when_others_come_meanwhile() {
        let active = |slot| Active {
            token: Token::new(slot, 1),
            ready: Ready::ACTIVATED,
        };
        let mut queue = Queue::default();
        (0..3).for_each(|slot| queue.push(active(slot)));
        assert_eq!(queue.pop().map(|it| it.token.slot()), Some(0));
        queue.push(active(3));
        let mut count = 0;
        queue.retell(|it| {
            assert_eq!(it.ready, Ready::ACTIVATED);
            count += 1;
            Ready::TIMER
        });
        assert_eq!((queue.len(), count), (3, 3));
        queue.compact();
        let left: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert!(left.iter().map(|it| it.token.slot()).eq(1..4));
        assert!(left.iter().all(|it| it.ready == Ready::TIMER));
        assert!(queue.is_empty());
    }
}
