//! Sockets: listens, reads requests off the wire whole, and carries out the engine's answers.
//!
//! What is answered is the engine's business. What hyper cannot be asked is done by a wrapper of the connection
//! underneath it: it sees the head of each request as it was sent, and what was sent when it was not HTTP, and it takes
//! the connection away from hyper where a fault is to end it.

mod answering;
mod body;
mod connection;
mod cors;
mod ending;
#[cfg_attr(not(feature = "gzip"), path = "gzip_off.rs")]
mod gzip;
mod handover;
mod idle;
mod link;
mod listen;
mod observe;
mod opening;
mod outgoing;
mod reply;
mod reserved;
mod server_context;
mod settings;
mod stream;
#[cfg(feature = "tls")]
pub mod tls;
mod wire;

pub use listen::Server;
pub use observe::{Observed, Observer, Silent};
pub(crate) use server_context::ConnectionCount;
pub use settings::ServerSettings;
