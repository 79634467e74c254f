//! Scenario files held against themselves, without a socket: loaded whole, warned of what cannot have been meant, and
//! their examples played; and what a service sent held against what they promise.
//!
//! A server only loads them. The rest is for checking files, and needs the feature `check`.

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
