//! libevent 2.1's functions, for programs that were built for it.
