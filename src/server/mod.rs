//! Sockets: accepts connections, reads whole requests, and sends the engine's answers.
//!
//! The router decides whether a request is for an engine or for the admin API. The engine decides the answer. hyper implements
//! HTTP. A wrapper around the stream below hyper does what hyper cannot do. It records the head of each request as it was sent, or the
//! bytes that were not HTTP. It takes the connection away from hyper if a fault has to end it.

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
