//! A request with its answer.

use std::sync::Arc;

use crate::journal::Entry;
use crate::model::Timestamp;

use super::Answer;
use super::snapshot::Snapshot;

/// A request with its answer.
#[derive(Debug)]
pub struct Exchange {
    /// The entry of the journal.
    pub entry: Entry,
    /// What to send. If no stub answered, it is a 404 without a body, until `explain` adds the reason.
    pub answer: Arc<Answer>,
    /// Why the stub's answer could not be made, if it could not.
    pub failure: Option<String>,
    /// The input of the explanation, if no stub answered.
    pub(crate) unexplained: Option<Unexplained>,
}

/// The input of the explanation of a request that no stub answered.
#[derive(Debug)]
pub(crate) struct Unexplained {
    /// What the decision was based on.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The time of the decision.
    pub(crate) now: Timestamp,
    /// The name of an on-demand stub that the request prefers and that does not exist.
    pub(crate) unknown_stub: Option<String>,
}

impl Exchange {
    /// An exchange that needs no explanation.
    pub(super) fn answered(entry: Entry, answer: Arc<Answer>, failure: Option<String>) -> Exchange {
        Exchange { entry, answer, failure, unexplained: None }
    }
}
