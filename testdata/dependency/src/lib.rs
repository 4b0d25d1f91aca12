//! A library that does not use what its programs use.
