//! The functions of `evloop.h`: loops and registrations by 64-bit handles.
