//! Scenario files held against themselves, without a socket: loaded whole, and their examples played.

mod catalogue;
mod compare;
mod play;

pub use catalogue::{Catalogue, load, load_with_beside};
pub use play::{Played, play_all};
