//! Code whose tests can fail, or cannot: `weak` and `strong` have this very library, and differ in their tests.
//!
//! A comment `OPEN` names the mutants of the line below it that the weak tests do not notice. The strong tests notice all but
//! one, which is listed as equivalent.

use std::cell::UnsafeCell;
use std::collections::BTreeMap;
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

const CAPACITY: usize = 4;

/// A stack of at most four values in place.
pub struct Stack<T> {
    len: usize,
    slots: [MaybeUninit<T>; CAPACITY],
}

impl<T> Stack<T> {
    /// An empty stack.
    pub const fn new() -> Self {
        Self {
            len: 0,
            slots: [const { MaybeUninit::uninit() }; CAPACITY],
        }
    }

    /// Puts a value on top, or gives it back.
    pub fn push(&mut self, value: T) -> Result<(), T> {
        // OPEN drop-check, shift-comparison
        if self.len >= CAPACITY {
            return Err(value);
        }
        // SAFETY: `len` is below the capacity.
        unsafe {
            self.slots
                .get_unchecked_mut(self.len)
                .as_mut_ptr()
                .write(value)
        };
        // OPEN off-by-one
        self.len += 1;
        Ok(())
    }

    /// The value at a height.
    pub fn get(&self, index: usize) -> &T {
        // OPEN drop-check, shift-comparison
        assert!(index < self.len);
        // SAFETY: the first `len` slots are initialised.
        unsafe { self.slots.get_unchecked(index).assume_init_ref() }
    }

    /// Drops all values.
    pub fn clear(&mut self) {
        // OPEN drop-check, negate-check
        if self.len == 0 {
            return;
        }
        // OPEN negate-check
        while self.len > 0 {
            // OPEN drop-order
            self.len -= 1;
            // SAFETY: the slot was initialised, and `len` has passed it.
            // OPEN off-by-one
            unsafe { self.slots[self.len].assume_init_drop() };
        }
    }
}

impl<T> Default for Stack<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for Stack<T> {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A place for one letter, which one thread puts and another takes.
pub struct Mailbox<T> {
    full: AtomicBool,
    letter: UnsafeCell<Option<T>>,
}

// SAFETY: the letter is written before `full` is set, once, and taken after.
// OPEN remove-bound
unsafe impl<T: Send> Sync for Mailbox<T> {}

impl<T> Mailbox<T> {
    /// An empty one.
    pub const fn new() -> Self {
        Self {
            full: AtomicBool::new(false),
            letter: UnsafeCell::new(None),
        }
    }

    /// Puts the letter.
    ///
    /// # Safety
    /// - It is called once.
    pub unsafe fn put(&self, letter: T) {
        // SAFETY: nobody reads before `full` is set.
        // OPEN publish-before-write
        unsafe { self.letter.get().write(Some(letter)) };
        // OPEN weaken-ordering
        self.full.store(true, Ordering::Release);
    }

    /// Takes the letter, once it is there.
    ///
    /// # Safety
    /// - One thread calls it.
    pub unsafe fn take(&self) -> Option<T> {
        // OPEN drop-check, weaken-ordering
        if !self.full.load(Ordering::Acquire) {
            return None;
        }
        // SAFETY: `full` was set after the letter was written.
        unsafe { (*self.letter.get()).take() }
    }
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Self::new()
    }
}

struct Abort;

impl Drop for Abort {
    fn drop(&mut self) {
        std::process::abort();
    }
}

/// Replaces a value by what is made of it; ends the process if that panics.
pub fn replace<T>(place: &mut T, make: impl FnOnce(T) -> T) {
    let guard = Abort;
    // SAFETY: nothing sees the place between, since a panic ends the process.
    let old = unsafe { ptr::read(place) };
    let new = make(old);
    // SAFETY: what was there was moved out.
    unsafe { ptr::write(place, new) };
    mem::forget(guard);
}

/// A value that counts as used when it is dropped.
pub struct Used<T: Copy>(pub T, pub std::rc::Rc<std::cell::Cell<u32>>);

impl<T: Copy> Used<T> {
    /// The value, unused.
    pub fn unused(self) -> T {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not dropped, so its fields are moved out once.
        drop(unsafe { ptr::read(&this.1) });
        this.0
    }
}

impl<T: Copy> Drop for Used<T> {
    fn drop(&mut self) {
        // OPEN off-by-one
        self.1.set(self.1.get() + 1);
    }
}

/// A mutant of an index that is no number does not build.
pub fn most(limits: &BTreeMap<&str, u8>, pair: &[u8; 2]) -> u8 {
    // SAFETY: a pair has a second element.
    limits["most"].max(unsafe { *pair.get_unchecked(1) })
}

/// Nothing calls it.
pub fn never(bytes: &[u8], index: usize) -> u8 {
    // SAFETY: there is none; that is the point of the mutants that nobody reaches.
    // OPEN off-by-one
    unsafe { *bytes.as_ptr().add(index) }
}
