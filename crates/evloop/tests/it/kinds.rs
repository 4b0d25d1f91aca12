//! The backends of this machine.

use evloop::{BackendKind, Loop};
use std::io::Write as _;

/// io_uring is often refused, in containers above all; this is said.
pub(crate) fn kinds() -> Vec<BackendKind> {
    let mut kinds = vec![BackendKind::Epoll, BackendKind::Poll];
    match Loop::with_backend(BackendKind::Uring) {
        Ok(_) => kinds.push(BackendKind::Uring),
        Err(error) => {
            let told = format!("io_uring: not run: {error}\n");
            drop(std::io::stderr().write_all(told.as_bytes()));
        }
    }
    kinds
}
