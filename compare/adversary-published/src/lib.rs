//! Published bugs of old crate versions, found by `adversary`; see `tests/published.rs`.
