//! The same without accounts: nothing is asked, nothing is answered, and no code is left of it.

use std::panic::Location;
use std::time::Duration;

use crate::usage::Usage;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Account;

#[derive(Clone, Debug)]
pub(crate) struct Description {
    pub(crate) path: String,
    pub(crate) name: &'static str,
    pub(crate) opened_at: Option<&'static Location<'static>>,
    pub(crate) age: Duration,
}

#[inline]
pub(crate) fn current() -> Option<Account> {
    Some(Account)
}

#[inline]
pub(crate) fn root() -> Option<Account> {
    Some(Account)
}

#[inline]
pub(crate) fn open(
    _parent: Account,
    _name: &'static str,
    _request: Option<u64>,
    _opened_at: &'static Location<'static>,
) -> Option<Account> {
    Some(Account)
}

#[inline]
pub(crate) fn around(_account: Account) -> Option<Account> {
    Some(Account)
}

#[inline]
pub(crate) fn add_handle(_account: Account) {}

#[inline]
pub(crate) fn usage(_account: Account) -> Usage {
    Usage::default()
}

#[inline]
pub(crate) fn own_usage(_account: Account) -> Usage {
    Usage::default()
}

pub(crate) fn describe(_account: Account) -> Description {
    Description {
        path: String::new(),
        name: "",
        opened_at: None,
        age: Duration::ZERO,
    }
}

pub(crate) fn not_neutral_inside(_account: Account) -> Vec<Account> {
    Vec::new()
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SiteSums(());

#[inline]
pub(crate) fn site_sums(_account: Account) -> SiteSums {
    SiteSums(())
}

pub(crate) fn sites_since(_account: Account, _before: &SiteSums) -> Vec<(Vec<usize>, u64, u64)> {
    Vec::new()
}

pub(crate) fn frames(_site: u32) -> Vec<usize> {
    Vec::new()
}
