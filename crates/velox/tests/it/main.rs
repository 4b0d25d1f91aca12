//! Tests of velox through its public interface.
#![cfg(not(loom))]

mod itch;
