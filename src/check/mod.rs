//! Scenario files held against themselves, without a socket: loaded whole, warned of what cannot have been meant, and
//! their examples played; and what a service sent held against what they promise.

mod catalogue;
mod compare;
mod complaint;
pub mod drift;
mod play;
mod warnings;

pub use catalogue::{Catalogue, load, load_with_beside};
pub use complaint::Complaint;
pub(crate) use complaint::shortened;
pub use play::{Played, play_all};
pub use warnings::warnings;
