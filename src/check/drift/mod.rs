//! Compares what examples promise with what a service sent: which examples can be sent, and how the answers differ.
//!
//! A value that is written in the file is promised exactly. Of a value that a template renders only the type is promised,
//! because the service chooses the value. Added members are notes. This room has no sockets: the caller sends the requests.

mod finding;
mod json;
mod marks;
mod plan;
mod promise;
mod xml;

pub use finding::{Finding, FindingKind, Findings};
pub use plan::{Methods, PlannedExample, Skipped, answering_stub, plan};
pub use promise::{Promise, ReceivedAnswer};
