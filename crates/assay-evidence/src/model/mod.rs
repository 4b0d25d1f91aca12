//! The records of an evidence file, one concept a module.

mod evidence;
mod finding;
mod layer;
mod measurement;
mod mutation;
mod run;
mod site;

pub use evidence::*;
pub use finding::*;
pub use layer::*;
pub use measurement::*;
pub use mutation::*;
pub use run::*;
pub use site::*;
