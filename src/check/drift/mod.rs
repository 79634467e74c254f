//! Compares what examples promise with what a service sent: which examples can be sent, and how the answers differ.
//!
//! What a stub writes out is promised by value; what a template makes is the service's own to choose, so only its type
//! is promised. Members that are added are notes. Nothing here knows sockets: the caller sends the requests.

mod finding;
mod json;
mod marks;
mod plan;
mod promise;
mod xml;

pub use finding::{Finding, FindingKind, Findings};
pub use plan::{Methods, PlannedExample, Skipped, answering_stub, plan};
pub use promise::{Promise, ReceivedAnswer};
