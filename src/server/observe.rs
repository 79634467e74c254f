//! What the outside is told of each exchange, for its log.

use std::time::Duration;

use crate::engine::Explanation;
use crate::journal::Entry;
use crate::model::Delivery;

/// One exchange, told once its answer is ready and before it is sent.
#[derive(Debug)]
pub struct Observed<'a> {
    /// As it stands in the journal.
    pub entry: &'a Entry,
    /// The status of the answer.
    pub status: u16,
    /// How many bytes of the answer's body are sent, before Content-Encoding; `None` if they are produced while they are sent.
    pub length: Option<usize>,
    /// From the whole request to the answer, without the stub's delay.
    pub took: Duration,
    /// The delay that the stub asks for.
    pub delay: Duration,
    /// How the answer goes out, where it does not go out at once and whole; a fault may keep all of it back.
    pub delivery: Option<Delivery>,
    /// Why no stub answered.
    pub explanation: Option<&'a Explanation>,
    /// Whether it is that of an earlier request, which said the same.
    pub explained_before: bool,
    /// Why the stub's answer could not be made.
    pub failure: Option<&'a str>,
}

/// Somebody who is told of exchanges. Called from many threads; it must not take long.
pub trait Observer: Send + Sync + 'static {
    /// An exchange took place.
    fn exchange(&self, observed: &Observed<'_>);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn exchange(&self, _observed: &Observed<'_>) {}
}
