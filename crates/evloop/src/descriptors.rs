//! Which descriptors are watched, by whom, and what the kernel knows of it.
//!
//! Several registrations may watch one descriptor. The kernel is told one interest for all of them, and not before the
//! loop waits: what is undone before that costs no system call.

use std::os::fd::RawFd;

use crate::backend::{Backend, Watch};
use crate::interest::{Interest, Ready};
use crate::token::Token;

/// Who watches a descriptor.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(crate) token: Token,
    pub(crate) interest: Interest,
    pub(crate) priority: u8,
}

#[derive(Default)]
struct Descriptor {
    /// In the kernel's event data, beside the number: what it says of those who watched before is told apart by it.
    generation: u32,
    members: Vec<Member>,
    /// What the kernel has been told; `None` if it does not know the descriptor.
    told: Option<Interest>,
    /// Nobody watched it for a moment, so that the number may be of something else now, which the kernel does not know.
    is_suspect: bool,
    is_changed: bool,
    /// The kernel refuses to watch it, for it is always ready: a regular file.
    is_always_ready: bool,
}

impl Descriptor {
    fn wanted(&self) -> Interest {
        let interests = self.members.iter().map(|it| it.interest);
        interests.fold(Interest::NONE, |all, it| all | it)
    }

    const fn watch(&self, fd: RawFd, interest: Interest) -> Watch {
        Watch {
            fd,
            generation: self.generation,
            interest,
        }
    }
}

/// What the kernel says of a descriptor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happened {
    pub(crate) fd: RawFd,
    pub(crate) generation: u32,
    pub(crate) ready: Ready,
}

/// Descriptors by their numbers, which the kernel keeps small.
#[derive(Default)]
pub(crate) struct Descriptors {
    table: Vec<Descriptor>,
    changed: Vec<RawFd>,
    always_ready: Vec<RawFd>,
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
        if let Some(member) = self.member(fd, token) {
            member.interest = interest;
            self.change(fd);
        }
    }

    pub(crate) fn set_priority(&mut self, fd: RawFd, token: Token, priority: u8) {
        if let Some(member) = self.member(fd, token) {
            member.priority = priority;
        }
    }

    fn member(&mut self, fd: RawFd, token: Token) -> Option<&mut Member> {
        let mut members = self.get_mut(fd)?.members.iter_mut();
        members.find(|it| it.token == token)
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
            descriptor.is_suspect = true;
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

    /// Tells the backend what has changed. Answers how many system calls that were; `failed` gets each registration that
    /// is not watched for the system's refusal.
    pub(crate) fn flush(&mut self, backend: &mut Backend, mut failed: impl FnMut(Token)) -> u64 {
        let mut calls = 0;
        while let Some(fd) = self.changed.pop() {
            let Some(descriptor) = self.get_mut(fd) else {
                continue;
            };
            descriptor.is_changed = false;
            let was_always_ready = descriptor.is_always_ready;
            calls += tell(descriptor, fd, backend, &mut failed);
            match (was_always_ready, descriptor.is_always_ready) {
                (false, true) => self.always_ready.push(fd),
                (true, false) => self.always_ready.retain(|it| *it != fd),
                _ => {}
            }
        }
        calls
    }

    /// Tells a new backend of everything, so that the one before can be let go.
    ///
    /// # Errors
    /// The first refusal. What the old backend knows stays true.
    pub(crate) fn tell_all(&mut self, backend: &mut Backend) -> std::io::Result<()> {
        for (fd, descriptor) in (0..).zip(&self.table) {
            let wanted = descriptor.wanted();
            if !wanted.is_empty() && !descriptor.is_always_ready {
                match backend.add(descriptor.watch(fd, wanted)) {
                    Err(error) if !is_always_ready(&error) => return Err(error),
                    _ => {}
                }
            }
        }
        for descriptor in &mut self.table {
            let wanted = descriptor.wanted();
            let is_told = !wanted.is_empty() && !descriptor.is_always_ready;
            descriptor.told = is_told.then_some(wanted);
            descriptor.is_suspect = false;
        }
        Ok(())
    }

    /// The kernel knows of nothing; all is told when the loop waits next.
    pub(crate) fn tell_again(&mut self) {
        self.always_ready.clear();
        for (fd, descriptor) in (0..).zip(&mut self.table) {
            descriptor.told = None;
            descriptor.is_always_ready = false;
            if !std::mem::replace(&mut descriptor.is_changed, true) {
                self.changed.push(fd);
            }
        }
    }

    /// Whether some descriptor is ready without the kernel's saying so.
    pub(crate) fn is_some_always_ready(&self) -> bool {
        !self.always_ready.is_empty()
    }

    /// Calls `tell` for all who watch what is always ready.
    pub(crate) fn for_each_always_ready(&self, mut tell: impl FnMut(Member, Ready)) {
        for fd in &self.always_ready {
            for member in &self.table[*fd as usize].members {
                tell(*member, Ready::always(member.interest));
            }
        }
    }

    /// Calls `tell` for all who watch a descriptor. `false` if it is of a
    /// generation that is gone: the kernel goes on telling of a file that was closed while watched, and is open elsewhere.
    #[inline]
    pub(crate) fn for_each_member(
        &self,
        happened: Happened,
        mut tell: impl FnMut(Member, Ready),
    ) -> bool {
        let number = usize::try_from(happened.fd).unwrap_or(usize::MAX);
        let Some(descriptor) = self.table.get(number) else {
            return false;
        };
        if descriptor.generation != happened.generation {
            return false;
        }
        for member in &descriptor.members {
            tell(*member, happened.ready);
        }
        true
    }
}

/// Whether the error says that a descriptor cannot be watched since it is always ready.
fn is_always_ready(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::PermissionDenied
}

fn tell(
    descriptor: &mut Descriptor,
    fd: RawFd,
    backend: &mut Backend,
    failed: &mut impl FnMut(Token),
) -> u64 {
    let wanted = descriptor.wanted();
    if descriptor.is_always_ready && !descriptor.is_suspect {
        descriptor.is_always_ready = !wanted.is_empty();
        return 0;
    }
    descriptor.is_always_ready = false;
    let is_suspect = std::mem::take(&mut descriptor.is_suspect);
    let watch = descriptor.watch(fd, wanted);
    let mut calls = 1;
    let result = match descriptor.told {
        None if wanted.is_empty() => return 0,
        // It may know the number of an earlier time, when it was of the same file as now.
        None => backend.add(watch).or_else(|error| {
            calls += 1;
            match error.kind() {
                std::io::ErrorKind::AlreadyExists => backend.modify(watch),
                _ => Err(error),
            }
        }),
        Some(_) if wanted.is_empty() => {
            // What was closed is gone already.
            drop(backend.remove(fd));
            Ok(())
        }
        Some(told) if told == wanted && !is_suspect => return 0,
        Some(_) => backend.modify(watch).or_else(|_| {
            calls += 1;
            backend.add(watch)
        }),
    };
    match result {
        Ok(()) => descriptor.told = (!wanted.is_empty()).then_some(wanted),
        Err(error) => {
            descriptor.told = None;
            if is_always_ready(&error) {
                descriptor.is_always_ready = true;
            } else {
                let members = descriptor.members.iter();
                members.for_each(|it| failed(it.token));
            }
        }
    }
    calls
}
