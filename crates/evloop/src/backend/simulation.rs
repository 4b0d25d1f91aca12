//! A kernel that does as a test says, with the rules of epoll.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::time::Duration;

use super::Watch;
use crate::interest::Ready;
use crate::queue::{Active, Queue};

/// A simulated kernel with a clock of its own, for tests of what runs on a [`Loop`](crate::Loop).
///
/// Descriptors have numbers, the smallest free ones first; files stay open as long as a descriptor of theirs does. What is
/// watched is the pair of both, as with epoll: a file that is closed under one number and open under another goes on being
/// told. Which of the ready ones are told, and in which order, is determined by the seed.
///
/// ```
/// use evloop::{Interest, Loop, Ready, Simulation};
///
/// let simulation = Simulation::new(42);
/// let mut events = Loop::simulated(&simulation)?;
/// let descriptor = simulation.open();
/// events.add_simulated(descriptor, Interest::READABLE, |events, event| {
///     assert_eq!(event.ready, Ready::READABLE);
///     events.stop();
/// });
/// simulation.set_ready(descriptor, Ready::READABLE | Ready::WRITABLE);
/// events.run()?;
/// # Ok::<(), evloop::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Simulation {
    kernel: Rc<RefCell<Kernel>>,
}

/// A descriptor of a simulated kernel: a number, that another file may have once it is closed.
///
/// ```
/// let simulation = evloop::Simulation::new(1);
/// let first = simulation.open();
/// simulation.close(first);
/// assert_eq!(simulation.open(), first);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimulatedDescriptor(RawFd);

impl SimulatedDescriptor {
    /// The number.
    ///
    /// ```
    /// assert_eq!(evloop::Simulation::new(1).open().number(), 0);
    /// ```
    #[must_use]
    pub const fn number(self) -> RawFd {
        self.0
    }
}

/// Files by the order in which they were opened.
type File = usize;

#[derive(Debug, Default)]
struct State {
    ready: Ready,
    descriptors: usize,
    is_regular: bool,
}

#[derive(Debug, Default)]
struct Kernel {
    random: u64,
    time: Duration,
    files: Vec<State>,
    open: Vec<Option<File>>,
    /// What the instances watch.
    instances: BTreeMap<usize, BTreeMap<(RawFd, File), Watch>>,
    next_instance: usize,
    /// Calls that the kernel still refuses.
    refusals: u32,
    /// Calls so far, and the one that fails.
    calls: u64,
    fault: Option<(u64, io::ErrorKind)>,
}

impl Simulation {
    /// A kernel without descriptors, at time 0.
    ///
    /// ```
    /// assert!(evloop::Simulation::new(1).time().is_zero());
    /// ```
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let kernel = Kernel {
            random: seed,
            ..Kernel::default()
        };
        Self {
            kernel: Rc::new(RefCell::new(kernel)),
        }
    }

    /// Opens a file that is not ready.
    ///
    /// ```
    /// let simulation = evloop::Simulation::new(1);
    /// assert_ne!(simulation.open(), simulation.open());
    /// ```
    #[must_use]
    pub fn open(&self) -> SimulatedDescriptor {
        self.open_file(false)
    }

    /// Opens a file that the kernel refuses to watch since it is always ready.
    ///
    /// ```
    /// use evloop::{Interest, Loop, Ready, Simulation};
    ///
    /// let simulation = Simulation::new(1);
    /// let mut events = Loop::simulated(&simulation)?;
    /// events.add_simulated(simulation.open_regular(), Interest::READABLE, |events, event| {
    ///     assert_eq!(event.ready, Ready::READABLE);
    ///     events.stop();
    /// });
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub fn open_regular(&self) -> SimulatedDescriptor {
        self.open_file(true)
    }

    fn open_file(&self, is_regular: bool) -> SimulatedDescriptor {
        let mut kernel = self.kernel.borrow_mut();
        let file = kernel.files.len();
        kernel.files.push(State {
            is_regular,
            ..State::default()
        });
        kernel.put(file)
    }

    /// Another descriptor of the same file; `None` if there is no such descriptor.
    ///
    /// ```
    /// let simulation = evloop::Simulation::new(1);
    /// let descriptor = simulation.open();
    /// assert!(simulation.duplicate(descriptor).is_some());
    /// ```
    #[must_use]
    pub fn duplicate(&self, descriptor: SimulatedDescriptor) -> Option<SimulatedDescriptor> {
        let mut kernel = self.kernel.borrow_mut();
        let file = kernel.file(descriptor.0)?;
        Some(kernel.put(file))
    }

    /// Closes a descriptor. `false` if there is none of that number.
    ///
    /// ```
    /// let simulation = evloop::Simulation::new(1);
    /// let descriptor = simulation.open();
    /// assert!(simulation.close(descriptor));
    /// assert!(!simulation.close(descriptor));
    /// ```
    pub fn close(&self, descriptor: SimulatedDescriptor) -> bool {
        let mut kernel = self.kernel.borrow_mut();
        let Some(file) = kernel.file(descriptor.0) else {
            return false;
        };
        kernel.open[descriptor.0 as usize] = None;
        kernel.files[file].descriptors -= 1;
        if kernel.files[file].descriptors == 0 {
            for watched in kernel.instances.values_mut() {
                watched.retain(|(_, watched), _| *watched != file);
            }
        }
        true
    }

    /// What the file behind a descriptor is ready for, from now on. `false` if there is no such descriptor.
    ///
    /// ```
    /// use evloop::{Ready, Simulation};
    ///
    /// let simulation = Simulation::new(1);
    /// assert!(simulation.set_ready(simulation.open(), Ready::READABLE));
    /// ```
    pub fn set_ready(&self, descriptor: SimulatedDescriptor, ready: Ready) -> bool {
        let mut kernel = self.kernel.borrow_mut();
        let file = kernel.file(descriptor.0);
        file.is_some_and(|file| {
            kernel.files[file].ready = ready;
            true
        })
    }

    /// The time of the simulated clock.
    ///
    /// ```
    /// assert!(evloop::Simulation::new(1).time().is_zero());
    /// ```
    #[must_use]
    pub fn time(&self) -> Duration {
        self.kernel.borrow().time
    }

    /// Lets time pass, as a callback does that takes long.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let simulation = evloop::Simulation::new(1);
    /// simulation.pass(Duration::from_secs(1));
    /// assert_eq!(simulation.time(), Duration::from_secs(1));
    /// ```
    pub fn pass(&self, time: Duration) {
        self.kernel.borrow_mut().time += time;
    }

    /// Has the kernel refuse, for want of memory, the next `calls` calls that tell it of an interest.
    ///
    /// ```
    /// use evloop::{Interest, Loop, Ready, Simulation};
    ///
    /// let simulation = Simulation::new(1);
    /// let mut events = Loop::simulated(&simulation)?;
    /// events.add_simulated(simulation.open(), Interest::READABLE, |events, event| {
    ///     assert_eq!(event.ready, Ready::ERROR);
    ///     events.stop();
    /// });
    /// simulation.refuse(1);
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn refuse(&self, calls: u32) {
        self.kernel.borrow_mut().refusals = calls;
    }

    /// How many calls the kernel has got: those that tell it of an interest, that wait, and that make an instance.
    ///
    /// ```
    /// use evloop::{Loop, Simulation};
    ///
    /// let simulation = Simulation::new(1);
    /// Loop::simulated(&simulation)?.poll()?;
    /// assert_eq!(simulation.calls(), 2);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.kernel.borrow().calls
    }

    /// Has the call of this number, as [`calls`](Self::calls) counts them from 0, fail with this error, once. For tests
    /// that go through all of them.
    ///
    /// ```
    /// use evloop::{Error, Loop, Simulation};
    /// use std::io::ErrorKind;
    ///
    /// let simulation = Simulation::new(1);
    /// let mut events = Loop::simulated(&simulation)?;
    /// simulation.fail(simulation.calls(), ErrorKind::OutOfMemory);
    /// assert!(matches!(events.poll(), Err(Error::Wait(_))));
    /// events.poll()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn fail(&self, call: u64, error: io::ErrorKind) {
        self.kernel.borrow_mut().fault = Some((call, error));
    }
}

impl Kernel {
    fn file(&self, number: RawFd) -> Option<File> {
        *self.open.get(usize::try_from(number).ok()?)?
    }

    fn put(&mut self, file: File) -> SimulatedDescriptor {
        self.files[file].descriptors += 1;
        let free = self.open.iter().position(Option::is_none);
        let number = free.unwrap_or_else(|| {
            self.open.push(None);
            self.open.len() - 1
        });
        self.open[number] = Some(file);
        SimulatedDescriptor(number as RawFd)
    }

    /// Knuth's multiplier; the upper bits look random.
    fn random(&mut self, bound: usize) -> usize {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % bound.max(1)
    }

    /// Counts a call, which may be one that fails.
    fn called(&mut self) -> io::Result<()> {
        let number = self.calls;
        self.calls += 1;
        match self.fault {
            Some((call, error)) if call == number => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn watched(&mut self, instance: usize) -> &mut BTreeMap<(RawFd, File), Watch> {
        self.instances.entry(instance).or_default()
    }

    fn ready(&self, instance: usize) -> Vec<Active> {
        let watched = self.instances.get(&instance).into_iter().flatten();
        let ready = watched.map(|((_, file), watch)| Active {
            token: watch.name,
            ready: self.files[*file].ready & Ready::told_of(watch.interest),
        });
        ready.filter(|it| !it.ready.is_empty()).collect()
    }
}

/// An instance of the simulated kernel's epoll.
pub(crate) struct Simulated {
    kernel: Rc<RefCell<Kernel>>,
    instance: usize,
}

impl Simulated {
    pub(crate) fn new(simulation: &Simulation) -> io::Result<Self> {
        let kernel = Rc::clone(&simulation.kernel);
        kernel.borrow_mut().called()?;
        let instance = kernel.borrow().next_instance;
        kernel.borrow_mut().next_instance += 1;
        Ok(Self { kernel, instance })
    }

    /// Another instance of the same kernel.
    pub(crate) fn renewed(&self) -> io::Result<Self> {
        Self::new(&Simulation {
            kernel: Rc::clone(&self.kernel),
        })
    }

    pub(crate) fn time(&self) -> Duration {
        self.kernel.borrow().time
    }

    fn accepted(&self, fd: RawFd) -> io::Result<File> {
        let mut kernel = self.kernel.borrow_mut();
        kernel.called()?;
        if kernel.refusals > 0 {
            kernel.refusals -= 1;
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        let file = kernel.file(fd);
        file.ok_or_else(|| rustix::io::Errno::BADF.into())
    }

    pub(crate) fn add(&self, watch: Watch) -> io::Result<()> {
        let file = self.accepted(watch.fd)?;
        let mut kernel = self.kernel.borrow_mut();
        if kernel.files[file].is_regular {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let watched = kernel.watched(self.instance);
        if watched.contains_key(&(watch.fd, file)) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        watched.insert((watch.fd, file), watch);
        Ok(())
    }

    pub(crate) fn modify(&self, watch: Watch) -> io::Result<()> {
        let file = self.accepted(watch.fd)?;
        let mut kernel = self.kernel.borrow_mut();
        let watched = kernel.watched(self.instance).get_mut(&(watch.fd, file));
        *watched.ok_or(io::ErrorKind::NotFound)? = watch;
        Ok(())
    }

    pub(crate) fn remove(&self, fd: RawFd) -> io::Result<()> {
        let mut kernel = self.kernel.borrow_mut();
        kernel.called()?;
        let file = kernel.file(fd).ok_or(rustix::io::Errno::BADF)?;
        let removed = kernel.watched(self.instance).remove(&(fd, file));
        removed
            .map(drop)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(crate) fn wait(&self, timeout: Option<Duration>, heard: &mut Queue) -> io::Result<()> {
        let mut kernel = self.kernel.borrow_mut();
        kernel.called()?;
        let mut ready = kernel.ready(self.instance);
        if ready.is_empty() {
            kernel.time += timeout.ok_or(io::ErrorKind::WouldBlock)?;
            return Ok(());
        }
        let told = 1 + kernel.random(ready.len());
        for place in 0..told {
            let other = place + kernel.random(ready.len() - place);
            ready.swap(place, other);
        }
        ready[..told].iter().for_each(|it| heard.push(*it));
        Ok(())
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.kernel.borrow_mut().instances.remove(&self.instance);
    }
}
