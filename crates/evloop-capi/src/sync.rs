//! The one module that names an atomic or a lock.
