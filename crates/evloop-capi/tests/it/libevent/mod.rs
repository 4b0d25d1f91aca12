//! libevent's functions: the same programs with libevent itself and with this library in its place.

mod libraries;
mod memcached;
mod misuse;
mod sequences;
mod tmux;
