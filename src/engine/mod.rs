//! Decides which stub answers a request, what that changes, and what is sent.
//!
//! There are three steps, so that another store can replace the shared state one day. *Decide* is pure: it works on a compiled set and a
//! snapshot of the state, and returns as plain data what it wants changed. *Commit* (`store`) is the one step that changes anything,
//! under one short lock: the state, the counts and the journal. If the state is no longer the one that was decided on, the request is
//! decided again. *Respond* is pure again, and uses only what was decided and what was counted.
//!
//! What has changed is published as `events`, which only wake those that wait. There are no sockets, no files and no clock here: the
//! caller passes the time.

mod arming;
mod broadcast;
mod commit;
mod count;
mod decide;
mod decision_state;
mod dry_run;
#[expect(clippy::module_inception, reason = "the engine itself, beside what it is made of")]
mod engine;
mod events;
mod exchange;
mod expectation;
mod freshness;
mod handle;
mod identity;
mod layer;
mod mounted;
mod prefer;
mod prepared;
mod reload;
mod set;
mod snapshot;
mod state;
mod store;

pub use crate::respond::Answer;
pub use broadcast::Subscription;
pub use count::Totals;
pub(crate) use dry_run::{DryRun, DryRunVerdict};
pub use dry_run::{DryRunAnswer, Transition};
pub use engine::{Engine, Settings, UnknownStub};
pub use events::{Event, EventKind, Notice};
pub use exchange::Exchange;
pub(crate) use exchange::Unexplained;
pub use expectation::Expectation;
pub use freshness::Freshness;
pub(crate) use handle::Unfinished;
pub use mounted::{Code, MountedStub, NewStub};
pub(crate) use prefer::preferred_stub;
pub use reload::Reloaded;
pub use set::{SetFaults, StubSet};
pub(crate) use snapshot::Snapshot;
