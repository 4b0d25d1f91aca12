//! Values that outlive the scope that made them.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::mem;
use std::path::PathBuf;

use crate::raw::transfer as raw;
use crate::scope::ScopeHandle;

/// Values whose blocks can be moved to the account of another scope, by [`Scope::adopt`](crate::Scope::adopt).
///
/// For a struct of one's own, move the fields:
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// use memscope::{Scope, ScopeHandle, Transfer};
///
/// struct Page {
///     address: String,
///     lines: Vec<String>,
/// }
///
/// impl Transfer for Page {
///     fn transfer(&mut self, to: &ScopeHandle) {
///         self.address.transfer(to);
///         self.lines.transfer(to);
///     }
/// }
///
/// let (cache, request) = (Scope::new("cache"), Scope::new("request"));
/// let page = request.run(|| Page { address: "/".to_owned(), lines: vec!["hello".to_owned()] });
/// let page = cache.adopt(page);
/// request.end()?;
/// assert_eq!(cache.usage().live(), 3);
/// # drop(page);
/// # Ok::<(), memscope::NotNeutral>(())
/// ```
///
/// In a program whose allocator does not count, nothing moves, and nothing goes wrong:
///
/// ```
/// let scope = memscope::Scope::new("scope");
/// let kept = scope.adopt(vec![Box::new(1), Box::new(2)]);
/// assert_eq!((scope.usage().live(), *kept[1]), (0, 2));
/// ```
///
/// Values that share a block (`Rc`, `Arc`) and those that show nobody their blocks (`HashMap`, `BTreeMap`) cannot be moved:
/// make them in the other scope, by [`Scope::run`](crate::Scope::run) or [`outside`](crate::outside()).
pub trait Transfer {
    /// Moves every block that the value owns, whatever scope it is of. The value is the caller's alone meanwhile, so that
    /// no thread can free one of them.
    ///
    /// ```
    /// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
    /// use memscope::{Scope, Transfer};
    ///
    /// let (cache, request) = (Scope::new("cache"), Scope::new("request"));
    /// let mut text = request.run(|| "kept".to_owned());
    /// text.transfer(&cache.handle());
    /// assert_eq!((request.usage().live(), cache.usage().live_bytes()), (0, 4));
    /// # drop(text);
    /// ```
    fn transfer(&mut self, to: &ScopeHandle);
}

macro_rules! owns_nothing {
    ($($type:ty),+ $(,)?) => {
        $(impl Transfer for $type {
            #[inline]
            fn transfer(&mut self, _to: &ScopeHandle) {}
        })+
    };
}

owns_nothing!(
    (),
    bool,
    char,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    std::time::Duration,
    std::time::Instant,
    std::time::SystemTime,
);

impl<T: ?Sized> Transfer for &T {
    #[inline]
    fn transfer(&mut self, _to: &ScopeHandle) {}
}

impl<T: Transfer> Transfer for Box<T> {
    fn transfer(&mut self, to: &ScopeHandle) {
        (**self).transfer(to);
        raw::boxed(self, to);
    }
}

impl<T: Transfer> Transfer for Vec<T> {
    fn transfer(&mut self, to: &ScopeHandle) {
        self.as_mut_slice().transfer(to);
        raw::vec(self, to);
    }
}

impl<T: Transfer> Transfer for VecDeque<T> {
    /// Complexity: linear, for its two halves are put into one.
    fn transfer(&mut self, to: &ScopeHandle) {
        let mut values = Vec::from(mem::take(self));
        raw::vec(&mut values, to);
        *self = values.into();
        self.iter_mut().for_each(|value| value.transfer(to));
    }
}

impl<T: Transfer> Transfer for Box<[T]> {
    fn transfer(&mut self, to: &ScopeHandle) {
        (**self).transfer(to);
        // As long as its buffer, so that neither way copies.
        let mut values = mem::take(self).into_vec();
        raw::vec(&mut values, to);
        *self = values.into_boxed_slice();
    }
}

impl Transfer for String {
    fn transfer(&mut self, to: &ScopeHandle) {
        raw::string(self, to);
    }
}

impl Transfer for Box<str> {
    fn transfer(&mut self, to: &ScopeHandle) {
        let mut text = mem::take(self).into_string();
        text.transfer(to);
        *self = text.into_boxed_str();
    }
}

impl Transfer for OsString {
    fn transfer(&mut self, to: &ScopeHandle) {
        raw::os_string(self, to);
    }
}

impl Transfer for PathBuf {
    fn transfer(&mut self, to: &ScopeHandle) {
        let mut text = mem::take(self).into_os_string();
        text.transfer(to);
        *self = text.into();
    }
}

impl<T: Transfer> Transfer for [T] {
    fn transfer(&mut self, to: &ScopeHandle) {
        self.iter_mut().for_each(|value| value.transfer(to));
    }
}

impl<T: Transfer, const N: usize> Transfer for [T; N] {
    fn transfer(&mut self, to: &ScopeHandle) {
        self.as_mut_slice().transfer(to);
    }
}

impl<T: Transfer> Transfer for Option<T> {
    fn transfer(&mut self, to: &ScopeHandle) {
        self.as_mut_slice().transfer(to);
    }
}

impl<T: Transfer, E: Transfer> Transfer for Result<T, E> {
    fn transfer(&mut self, to: &ScopeHandle) {
        match self {
            Ok(value) => value.transfer(to),
            Err(error) => error.transfer(to),
        }
    }
}

macro_rules! tuple {
    ($($name:ident)+) => {
        impl<$($name: Transfer),+> Transfer for ($($name,)+) {
            #[expect(non_snake_case, reason = "a type and its value have one name here")]
            fn transfer(&mut self, to: &ScopeHandle) {
                let ($($name,)+) = self;
                $($name.transfer(to);)+
            }
        }
    };
}

tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
