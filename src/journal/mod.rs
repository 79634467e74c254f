//! Every request that was received, recorded before it is answered, with its answer. The journal is bounded, and counts what it
//! evicts.
//!
//! Requests are copied to pages, so that an entry does not keep a connection's buffers alive. A reader takes a snapshot, which shares
//! the pages, and releases the lock at once: reading a full journal does not block requests.
//! An entry refers to its answer: what a stub keeps anyway is not copied, and the rest has a budget of its own.
//! The engine keeps the exact count of calls for each stub, which no eviction changes.

mod answer;
mod answer_budget;
mod entry;
mod limits;
mod page;
mod snapshot;
mod store;

pub use answer::{AnswerRecord, Sending};
pub use entry::{Cut, Entry, Outcome, StubRef};
pub use limits::Limits;
pub use snapshot::{JournalContents, JournalSnapshot};
pub use store::Journal;
