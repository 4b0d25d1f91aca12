//! Iterators that lie about their length.

use crate::countdown::tick;
use crate::liar::script::Told;
use std::fmt;
use std::mem;

/// An iterator that yields what another one yields, and says something else about it.
///
/// Without further calls it is honest. `next`, `next_back`, `size_hint` and `len` each
/// [`tick`](crate::countdown::tick).
///
/// # Examples
///
/// ```
/// use adversary::liar::LyingIter;
///
/// let iter = LyingIter::new(0..3).len_is(1000);
/// assert_eq!((iter.len(), iter.count()), (1000, 3));
/// ```
pub struct LyingIter<I: Iterator> {
    inner: I,
    hint: Option<(usize, Option<usize>)>,
    len: Option<Told<usize>>,
    after_end: Option<Box<dyn Iterator<Item = I::Item>>>,
    ended: bool,
}

impl<I: Iterator> LyingIter<I> {
    /// An honest one, as long as nothing else is asked of it.
    ///
    /// ```
    /// assert!(adversary::liar::LyingIter::new(0..3).eq(0..3));
    /// ```
    pub fn new(inner: impl IntoIterator<IntoIter = I>) -> Self {
        Self {
            inner: inner.into_iter(),
            hint: None,
            len: None,
            after_end: None,
            ended: false,
        }
    }

    /// Says a constant length, in `len` and in `size_hint`.
    ///
    /// ```
    /// let iter = adversary::liar::LyingIter::new(0..3).len_is(2);
    /// assert_eq!(iter.size_hint(), (2, Some(2)));
    /// ```
    #[must_use]
    pub fn len_is(self, len: usize) -> Self {
        self.len_script(super::script::always(len))
    }

    /// Says lengths by a script, in `len` and in `size_hint`; the honest answer is the lower bound of the
    /// iterator within.
    ///
    /// ```
    /// use adversary::liar::{LyingIter, script};
    ///
    /// let iter = LyingIter::new(0..3).len_script(script::in_turn([3, 5]));
    /// assert_eq!([iter.len(), iter.len(), iter.len()], [3, 5, 3]);
    /// ```
    #[must_use]
    pub fn len_script(mut self, script: impl FnMut(u64, usize) -> usize + 'static) -> Self {
        self.len = Some(Told::new(script));
        self
    }

    /// Says constant bounds in `size_hint` and leaves `len` to [`len_script`](Self::len_script).
    ///
    /// ```
    /// let iter = adversary::liar::LyingIter::new(0..3).hint_is(usize::MAX, None);
    /// assert_eq!(iter.size_hint(), (usize::MAX, None));
    /// ```
    #[must_use]
    pub fn hint_is(mut self, lower: usize, upper: Option<usize>) -> Self {
        self.hint = Some((lower, upper));
        self
    }

    /// Goes on with these items after it has returned `None`: it is not fused.
    ///
    /// ```
    /// let mut iter = adversary::liar::LyingIter::new(0..1).then_again([7]);
    /// assert_eq!([iter.next(), iter.next(), iter.next()], [Some(0), None, Some(7)]);
    /// ```
    #[must_use]
    pub fn then_again<J>(mut self, items: J) -> Self
    where
        J: IntoIterator<Item = I::Item>,
        J::IntoIter: 'static,
    {
        self.after_end = Some(Box::new(items.into_iter()));
        self
    }

    fn told_len(&self) -> Option<usize> {
        let script = self.len.as_ref()?;
        Some(script.answer(self.inner.size_hint().0))
    }

    fn past_the_end(&mut self) -> Option<I::Item> {
        let ended_before = mem::replace(&mut self.ended, true);
        let after_end = self.after_end.as_mut().filter(|_| ended_before);
        after_end?.next()
    }
}

impl<I: Iterator> Iterator for LyingIter<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        tick();
        self.inner.next().or_else(|| self.past_the_end())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        tick();
        let len = || self.told_len().map(|len| (len, Some(len)));
        self.hint
            .or_else(len)
            .unwrap_or_else(|| self.inner.size_hint())
    }
}

impl<I: DoubleEndedIterator> DoubleEndedIterator for LyingIter<I> {
    fn next_back(&mut self) -> Option<I::Item> {
        tick();
        self.inner.next_back().or_else(|| self.past_the_end())
    }
}

/// For any iterator: the length is a claim.
impl<I: Iterator> ExactSizeIterator for LyingIter<I> {
    fn len(&self) -> usize {
        tick();
        self.told_len().unwrap_or_else(|| self.inner.size_hint().0)
    }
}

impl<I: Iterator + fmt::Debug> fmt::Debug for LyingIter<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LyingIter")
            .field("inner", &self.inner)
            .field("hint", &self.hint)
            .finish_non_exhaustive()
    }
}
