//! A library of edition 2015 that exports a macro with an unsafe block.
#[doc(hidden)]
pub extern crate assay_probe as __assay;

macro_rules! private {
    ($at:expr) => { unsafe { assay_probe::hit(20); *$at } };
}

#[macro_export]
macro_rules! exported {
    ($at:expr) => { unsafe { $crate::__assay::hit(21); *$at } };
}

mod deeper {
    pub fn read(at: &u8) -> u8 { let at: *const u8 = at; private!(at) }
    pub trait Read { fn read(&self) -> u8; }
    impl Read for u8 { fn read(&self) -> u8 { let at: *const u8 = self; unsafe { assay_probe::hit(22); *at } } }
}

pub use deeper::{Read, read};
