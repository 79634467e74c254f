//! Scenario files held against themselves, without a socket: loaded whole, warned of what cannot have been meant, and
//! their examples played.

mod catalogue;
mod compare;
mod complaint;
mod play;
mod warnings;

pub use catalogue::{Catalogue, load, load_with_beside};
pub use complaint::Complaint;
pub use play::{Played, play_all};
pub use warnings::warnings;
