//! Waits until requests came.

use std::future::IntoFuture;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::journal::JournalSnapshot;
use crate::matching::CompiledPattern;
use crate::model::Expect;

use super::given::Given;
use super::runtime::any_runtime;
use super::shared::Shared;
use super::verify::{compiled, count, takes};

/// Requests that are waited for; made by [`MockServer::wait_for`](crate::MockServer::wait_for).
#[must_use = "it waits when it is awaited, or by `blocking`"]
pub struct Waiting {
    shared: Arc<Shared>,
    pattern: CompiledPattern,
    expected: Expect,
    within: Duration,
    at: &'static Location<'static>,
    counted: Counted,
}

/// How many requests came, as far as the journal was looked at: one by one they would be counted over and over again.
#[derive(Default)]
struct Counted {
    /// Where the journal was last reset, by the number of the request before.
    since: u64,
    /// The number of the last request that was looked at.
    seen: u64,
    came: u64,
}

impl Counted {
    fn go_on(&mut self, journal: &JournalSnapshot, pattern: &CompiledPattern) {
        if self.since != journal.since() {
            *self = Counted { since: journal.since(), ..Counted::default() };
        }
        for entry in journal.after(self.seen) {
            self.seen = entry.number;
            self.came += u64::from(takes(pattern, &entry));
        }
    }
}

impl Waiting {
    #[track_caller]
    pub(super) fn new(
        shared: Arc<Shared>,
        given: &Given,
        expected: Expect,
        within: Duration,
        at: &'static Location<'static>,
    ) -> Waiting {
        Waiting { shared, pattern: compiled(given), expected, within, at, counted: Counted::default() }
    }

    /// Waits in this thread.
    ///
    /// # Panics
    /// When the time is over.
    pub fn blocking(mut self) {
        let deadline = Instant::now() + self.within;
        loop {
            let heard = self.shared.bell.times();
            if self.is_over(deadline) {
                return;
            }
            self.shared.bell.wait(heard, deadline);
        }
    }

    /// Whether the requests came.
    ///
    /// # Panics
    /// Where the time is over, or more came than may.
    fn is_over(&mut self, deadline: Instant) -> bool {
        let journal = self.shared.engine.held();
        self.counted.go_on(&journal, &self.pattern);
        let came = self.counted.came;
        if self.expected.is_met_by(came) && journal.evicted() == 0 {
            return true;
        }
        let too_many = self.expected.max.is_some_and(|max| came > max);
        if !too_many && Instant::now() < deadline {
            return false;
        }
        match count(&self.shared, &self.pattern, self.expected) {
            Ok(()) => true,
            Err(told) => panic!("at {}: waited for {:?}: {told}", self.at, self.within),
        }
    }
}

impl IntoFuture for Waiting {
    type Output = ();
    type IntoFuture = WaitingTask;

    fn into_future(self) -> WaitingTask {
        let deadline = Instant::now() + self.within;
        // The clock is that of the background, so that the caller may be on any runtime. One is there: a server started.
        let alarm = any_runtime().map(|runtime| {
            let shared = self.shared.clone();
            let within = self.within;
            runtime.spawn(async move {
                tokio::time::sleep(within).await;
                shared.bell.ring();
            })
        });
        WaitingTask { waiting: self, deadline, alarm }
    }
}

/// The task of awaiting requests.
pub struct WaitingTask {
    waiting: Waiting,
    deadline: Instant,
    alarm: Option<tokio::task::JoinHandle<()>>,
}

impl Future for WaitingTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let WaitingTask { waiting, deadline, .. } = self.get_mut();
        let heard = waiting.shared.bell.times();
        if waiting.is_over(*deadline) {
            return Poll::Ready(());
        }
        waiting.shared.bell.listen(heard, context.waker());
        Poll::Pending
    }
}

impl Drop for WaitingTask {
    fn drop(&mut self) {
        if let Some(alarm) = &self.alarm {
            alarm.abort();
        }
    }
}
