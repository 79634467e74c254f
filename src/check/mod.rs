//! Scenario files held against themselves, without a socket: loaded whole, and their examples played; and what a
//! service sent held against what they promise.

mod catalogue;
mod compare;
pub mod drift;
mod play;

pub use catalogue::{Catalogue, load};
pub use play::{Played, play_all};
