//! Sockets: accepts connections, reads whole requests, and sends the engine's answers.
//!
//! The router says which engine a request belongs to, or that it is for the admin API. The engine decides what is answered.
//! hyper speaks HTTP. What hyper cannot do is done by a wrapper around the stream below it: the wrapper records the head of
//! each request as it was sent, and what was sent if it was not HTTP, and it takes the connection away from hyper if a fault
//! has to end it.

mod answering;
mod complete_request;
mod connection;
mod connection_context;
mod cors;
mod ending;
#[cfg_attr(not(feature = "gzip"), path = "gzip_off.rs")]
mod gzip;
mod handover;
mod head_parser;
mod head_recorder;
mod idle_check;
mod listen;
mod observe;
mod opening;
mod port;
mod reply;
mod reporting;
mod request_body;
mod reserved;
mod response_body;
mod router;
mod sending;
mod server_context;
mod settings;
mod stream;
mod tapped_stream;
#[cfg(feature = "tls")]
pub mod tls;

pub use listen::Server;
pub use observe::{Observed, Observer, Silent};
pub(crate) use port::Port;
pub(crate) use server_context::ConnectionCount;
pub use settings::ServerSettings;
