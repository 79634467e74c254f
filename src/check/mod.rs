//! Loads and checks scenario files without a socket: warnings about probable mistakes, and the examples in the files. Also
//! compares what a service sent with what the examples promise.
//!
//! A server only loads files. The rest needs the feature `check`.

mod catalogue;
#[cfg(feature = "check")]
mod compare;
#[cfg(feature = "check")]
mod diff;
#[cfg(feature = "check")]
pub mod drift;
#[cfg(feature = "check")]
mod mismatch;
#[cfg(feature = "check")]
mod play;
#[cfg(feature = "check")]
mod warnings;

pub use catalogue::{Catalogue, LoadReport, load, load_with_report};
#[cfg(feature = "check")]
pub use mismatch::Mismatch;
#[cfg(feature = "check")]
pub use play::{PlayedExample, play_all};
#[cfg(feature = "check")]
pub use warnings::warnings;
