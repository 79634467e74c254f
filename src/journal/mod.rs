//! What was received: every request, recorded before it is answered, in a store that is bounded and says what it
//! let go.
//!
//! Each entry owns its bytes, cut to size, so that nothing of a connection's buffers stays alive with it. A reader
//! takes a snapshot of references and lets go of the lock at once: a question to a full journal holds nobody up.
//! Exact counts for each stub are kept by the engine and outlive what is evicted here.

mod entry;
mod store;

pub use entry::{Cut, Entry, Outcome, Status, StubRef};
pub use store::{Journal, Limits, Snapshot};
