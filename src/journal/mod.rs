//! What was received: every request, recorded before it is answered, with its answer, in a store that is bounded and says what it
//! let go.
//!
//! Requests are copied to pages, so that nothing of a connection's buffers stays alive with them. A reader takes the pages
//! as they are and lets go of the lock at once: a question to a full journal holds nobody up.
//! An entry refers to its answer: what a stub keeps anyway is not copied, and the rest has a budget of its own.
//! Exact counts for each stub are kept by the engine and outlive what is evicted here.

mod answer;
mod entry;
mod page;
mod store;

pub use answer::{AnswerRecord, Sending};
pub use entry::{Cut, Entry, Outcome, StubRef};
pub use store::{Journal, JournalContents, JournalSnapshot, Limits};
