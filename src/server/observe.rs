//! Reports each exchange to an observer, for logs.

use std::time::Duration;

use crate::explain::Explanation;
use crate::journal::Entry;
use crate::model::Delivery;

/// One exchange, reported when its answer is ready and before it is sent.
#[derive(Debug)]
pub struct Observed<'a> {
    /// The entry in the journal.
    pub entry: &'a Entry,
    /// The status of the answer.
    pub status: u16,
    /// The number of bytes of the body that are sent, before Content-Encoding. `None` if they are produced while they are sent.
    pub length: Option<usize>,
    /// The time from the whole request to the answer, without the stub's delay.
    pub took: Duration,
    /// The delay that the stub specifies.
    pub delay: Duration,
    /// How the answer is sent, if not at once and whole. A fault may keep all of it back.
    pub delivery: Option<Delivery>,
    /// Why no stub answered.
    pub explanation: Option<&'a Explanation>,
    /// Whether the explanation is that of an earlier request that was the same.
    pub explained_before: bool,
    /// Why the stub's answer could not be made.
    pub failure: Option<&'a str>,
}

/// Receives reports of exchanges. It is called from many threads and must not take long.
pub trait Observer: Send + Sync + 'static {
    /// Receives one exchange.
    fn exchange(&self, observed: &Observed<'_>);
}

/// An observer that ignores everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn exchange(&self, _observed: &Observed<'_>) {}
}
