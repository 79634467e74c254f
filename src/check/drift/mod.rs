//! What a file promises held against what a service sent: which examples can be sent, and where the answer drifts.
//!
//! What a stub writes out is promised by value; what a template makes is the service's own to choose, so only its type
//! is promised. Members that are added are notes. Sending is for others: nothing here knows a socket.

mod finding;
mod json;
mod marks;
mod plan;
mod promise;
mod xml;

pub use finding::{Finding, FindingKind, Findings};
pub use plan::{Methods, PlannedExample, Skipped, answering_stub, plan};
pub use promise::{Promise, ReceivedAnswer};
