//! Which descriptors are watched, by whom, and what the kernel knows of it.
//!
//! Several registrations may watch one descriptor. The kernel is told one interest for all of them, and not before the
//! loop waits: what is undone before that costs no system call. It tells of a descriptor by the token of the one
//! registration that watches it, or by a name of the descriptor's own where several do.

use std::io;
use std::os::fd::RawFd;

use crate::backend::{Backend, Watch};
use crate::interest::{Interest, Ready};
use crate::token::Token;

/// Who watches a descriptor.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(crate) token: Token,
    pub(crate) interest: Interest,
}

/// What the kernel knows of a descriptor.
#[derive(Clone, Copy, Default)]
enum Known {
    #[default]
    Nothing,
    Watched(Watch),
    /// It refuses to watch what has this name, for that is always ready: a regular file.
    AlwaysReady(Token),
}

#[derive(Default)]
struct Descriptor {
    /// Of the descriptor's own name: it tells what the kernel says of those who watched before apart.
    generation: u32,
    members: Vec<Member>,
    known: Known,
    is_changed: bool,
}

impl Descriptor {
    /// What the kernel is to know. Whatever is another file has another name: those who watched it before are gone.
    fn wanted(&self, fd: RawFd) -> Watch {
        let mut watch = Watch {
            fd,
            name: Token::of_descriptor(fd, self.generation),
            interest: Interest::NONE,
        };
        for member in self.members.iter().filter(|it| !it.interest.is_empty()) {
            if watch.interest.is_empty() {
                watch.name = member.token;
            } else {
                watch.name = Token::of_descriptor(fd, self.generation);
            }
            watch.interest |= member.interest;
        }
        watch
    }

    /// Tells the kernel what it does not know yet, and answers how many system calls that took.
    ///
    /// # Errors
    /// It refuses to watch the descriptor.
    fn tell(&mut self, fd: RawFd, backend: &mut Backend) -> (u64, io::Result<()>) {
        let wanted = self.wanted(fd);
        let is_wanted = !wanted.interest.is_empty();
        let (calls, result) = match self.known {
            Known::Watched(told) if told == wanted => return (0, Ok(())),
            Known::AlwaysReady(name) if is_wanted && name == wanted.name => return (0, Ok(())),
            Known::Watched(_) if is_wanted => modify(wanted, backend),
            Known::Watched(_) => {
                // What was closed is gone already.
                drop(backend.remove(fd));
                (1, Ok(()))
            }
            _ if is_wanted => add(wanted, backend),
            _ => (0, Ok(())),
        };
        let (known, result) = match result {
            Ok(()) if is_wanted => (Known::Watched(wanted), Ok(())),
            Err(error) if is_always_ready(&error) => (Known::AlwaysReady(wanted.name), Ok(())),
            result => (Known::Nothing, result),
        };
        self.known = known;
        (calls, result)
    }
}

/// Descriptors by their numbers, which the kernel keeps small.
#[derive(Default)]
pub(crate) struct Descriptors {
    table: Vec<Descriptor>,
    changed: Vec<RawFd>,
    always_ready: Vec<RawFd>,
    /// Descriptors that the kernel tells of by their own names.
    shared: usize,
}

impl Descriptors {
    /// Watches a descriptor for a registration as well.
    pub(crate) fn join(&mut self, fd: RawFd, member: Member) {
        let number = usize::try_from(fd).unwrap_or(0);
        if self.table.len() <= number {
            self.table.resize_with(number + 1, Descriptor::default);
        }
        self.table[number].members.push(member);
        self.change(fd);
    }

    /// Changes what a registration watches it for.
    pub(crate) fn set_interest(&mut self, fd: RawFd, token: Token, interest: Interest) {
        let Some(descriptor) = self.get_mut(fd) else {
            return;
        };
        let mut members = descriptor.members.iter_mut();
        if let Some(member) = members.find(|it| it.token == token) {
            member.interest = interest;
            self.change(fd);
        }
    }

    /// Watches it no longer for a registration. From now on nothing that the kernel says reaches it.
    pub(crate) fn leave(&mut self, fd: RawFd, token: Token) {
        let Some(descriptor) = self.get_mut(fd) else {
            return;
        };
        descriptor.members.retain(|it| it.token != token);
        if descriptor.members.is_empty() {
            // The last one is the waker's.
            descriptor.generation = (descriptor.generation + 1) % u32::MAX;
        }
        self.change(fd);
    }

    fn get_mut(&mut self, fd: RawFd) -> Option<&mut Descriptor> {
        self.table.get_mut(usize::try_from(fd).ok()?)
    }

    #[inline]
    fn change(&mut self, fd: RawFd) {
        let Some(descriptor) = self.get_mut(fd) else {
            return;
        };
        if !descriptor.is_changed {
            descriptor.is_changed = true;
            self.changed.push(fd);
        }
    }

    #[inline]
    pub(crate) fn is_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Tells the backend what has changed. Answers how many system calls that were; `refused` gets each registration that
    /// is not watched for the system's refusal.
    pub(crate) fn flush(&mut self, backend: &mut Backend, mut refused: impl FnMut(Token)) -> u64 {
        let mut all_calls = 0;
        while let Some(fd) = self.changed.pop() {
            let Some(descriptor) = self.get_mut(fd) else {
                continue;
            };
            descriptor.is_changed = false;
            let before = descriptor.known;
            let (calls, result) = descriptor.tell(fd, backend);
            all_calls += calls;
            if result.is_err() {
                let members = descriptor.members.iter();
                members.for_each(|it| refused(it.token));
            }
            let after = descriptor.known;
            self.count(fd, before, after);
        }
        all_calls
    }

    /// Notes whether a descriptor is always ready, or shared.
    fn count(&mut self, fd: RawFd, before: Known, after: Known) {
        match (before, after) {
            (Known::AlwaysReady(_), Known::AlwaysReady(_)) => {}
            (Known::AlwaysReady(_), _) => self.always_ready.retain(|it| *it != fd),
            (_, Known::AlwaysReady(_)) => self.always_ready.push(fd),
            _ => {}
        }
        self.shared += usize::from(is_shared(after));
        self.shared -= usize::from(is_shared(before));
    }

    /// Tells a new backend of everything, so that the one before can be let go. What the old one refused is tried again.
    ///
    /// # Errors
    /// The first refusal of what the old one watches, which it goes on to watch.
    pub(crate) fn tell_all(&mut self, backend: &mut Backend) -> io::Result<()> {
        let mut differences = Vec::new();
        for (fd, descriptor) in (0..).zip(&self.table) {
            let watch = descriptor.wanted(fd);
            if watch.interest.is_empty() || matches!(descriptor.known, Known::AlwaysReady(_)) {
                continue;
            }
            match (descriptor.known, backend.add(watch)) {
                (Known::Watched(_), Ok(())) => {}
                (_, Ok(())) => differences.push((fd, Known::Watched(watch))),
                (_, Err(error)) if is_always_ready(&error) => {
                    differences.push((fd, Known::AlwaysReady(watch.name)));
                }
                (Known::Watched(_), Err(error)) => return Err(error),
                _ => {}
            }
        }
        for (fd, after) in differences {
            let before = self
                .get_mut(fd)
                .map(|it| std::mem::replace(&mut it.known, after));
            self.count(fd, before.unwrap_or_default(), after);
        }
        Ok(())
    }

    /// The kernel knows of nothing; all is told when the loop waits next.
    pub(crate) fn tell_again(&mut self) {
        self.always_ready.clear();
        self.shared = 0;
        for (fd, descriptor) in (0..).zip(&mut self.table) {
            descriptor.known = Known::Nothing;
            if !std::mem::replace(&mut descriptor.is_changed, true) {
                self.changed.push(fd);
            }
        }
    }

    /// Whether the kernel tells of all that are ready, and of each by the token of the one registration that watches it.
    #[inline]
    pub(crate) fn are_told_by_tokens(&self) -> bool {
        self.shared == 0 && self.always_ready.is_empty()
    }

    /// Whether some descriptor is ready without the kernel's saying so.
    #[inline]
    pub(crate) fn is_some_always_ready(&self) -> bool {
        !self.always_ready.is_empty()
    }

    /// Calls `tell` for all who watch what is always ready.
    pub(crate) fn for_each_always_ready(&self, mut tell: impl FnMut(Token, Ready)) {
        for fd in &self.always_ready {
            for member in &self.table[*fd as usize].members {
                let ready = Ready::always(member.interest);
                if !ready.is_empty() {
                    tell(member.token, ready);
                }
            }
        }
    }

    /// Those who watch the descriptor of this name; nobody if it names none, or who watched it before.
    pub(crate) fn members(&self, name: Token) -> &[Member] {
        let Some((fd, generation)) = name.descriptor() else {
            return &[];
        };
        match self.table.get(fd as usize) {
            Some(descriptor) if descriptor.generation == generation => &descriptor.members,
            _ => &[],
        }
    }
}

/// It may know the number of an earlier time, when it was of the same file as now.
fn add(watch: Watch, backend: &mut Backend) -> (u64, io::Result<()>) {
    match backend.add(watch) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (2, backend.modify(watch)),
        result => (1, result),
    }
}

/// It has forgotten the number if its file was closed meanwhile.
fn modify(watch: Watch, backend: &mut Backend) -> (u64, io::Result<()>) {
    match backend.modify(watch) {
        Err(_) => (2, backend.add(watch)),
        result => (1, result),
    }
}

/// Whether the error says that a descriptor cannot be watched since it is always ready.
fn is_always_ready(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

fn is_shared(known: Known) -> bool {
    matches!(known, Known::Watched(watch) if watch.name.descriptor().is_some())
}
