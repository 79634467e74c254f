//! Sockets: listens, reads requests off the wire whole, and carries out the engine's answers.
//!
//! What is answered is the engine's business; what hyper cannot be asked (the head of a request as it was sent, and
//! what was sent when it was not HTTP) is seen by a wrapper of the connection underneath it.

mod body;
mod connection;
mod cors;
#[cfg_attr(not(feature = "gzip"), path = "gzip_off.rs")]
mod gzip;
mod listen;
mod observe;
mod reply;
mod wire;

pub use listen::{Server, ServerSettings};
pub use observe::{Observed, Observer, Silent};
