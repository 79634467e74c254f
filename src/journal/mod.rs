//! What was received: every request, recorded before it is answered, with its answer. The store is bounded, and reports what it
//! evicted.
//!
//! Requests are copied to pages, so that nothing of a connection's buffers stays alive with them. A reader takes the pages
//! as they are and releases the lock at once: a question to a full journal blocks nobody.
//! An entry refers to its answer: what a stub keeps anyway is not copied, and the rest has a budget of its own.
//! Exact counts for each stub are kept by the engine and outlive what is evicted here.

mod answer;
mod entry;
mod page;
mod store;

pub use answer::{AnswerRecord, Sending};
pub use entry::{Cut, Entry, Outcome, StubRef};
pub use store::{Journal, JournalContents, JournalSnapshot, Limits};
