//! Waits until requests have come.

use std::future::IntoFuture;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;

use crate::engine::Subscription;
use crate::matching::CompiledPattern;
use crate::model::{Expect, Timestamp};
use crate::verify::{Progress, RunningCount};

use super::given::Given;
use super::runtime::any_runtime;
use super::server_state::ServerState;
use super::verify::{compiled, count};

/// A wait for requests; made by [`MockServer::wait_for`](crate::MockServer::wait_for).
#[must_use = "it waits when it is awaited, or by `blocking`"]
pub struct Waiting {
    shared: Arc<ServerState>,
    pattern: CompiledPattern,
    expected: Expect,
    within: Duration,
    at: &'static Location<'static>,
    counted: RunningCount,
}

impl Waiting {
    #[track_caller]
    pub(super) fn new(
        shared: Arc<ServerState>,
        given: &Given,
        expected: Expect,
        within: Duration,
        at: &'static Location<'static>,
    ) -> Waiting {
        Waiting { shared, pattern: compiled(given), expected, within, at, counted: RunningCount::default() }
    }

    /// Waits in this thread.
    ///
    /// # Panics
    /// Panics when the time is over, or if more requests came than expected.
    pub fn blocking(mut self) {
        let deadline = Instant::now() + self.within;
        // Subscribed before the journal is read, so that no request is missed in between.
        let mut events = self.shared.engine.subscribe();
        while !self.is_over(deadline) {
            events.blocking_next(deadline);
            skip_unread(&mut events);
        }
    }

    /// Whether the expected requests came.
    ///
    /// # Panics
    /// Panics if the time is over, or if more requests came than expected.
    fn is_over(&mut self, deadline: Instant) -> bool {
        let journal = self.shared.engine.journal_snapshot();
        match self.counted.update(&journal, &self.pattern, self.expected, Timestamp::now()) {
            Progress::Met => return true,
            Progress::Open if Instant::now() < deadline => return false,
            Progress::Open | Progress::Exceeded => {}
        }
        match count(&self.shared, &self.pattern, self.expected) {
            Ok(()) => true,
            Err(failure) => panic!("at {}: waited for {:?}: {failure}", self.at, self.within),
        }
    }
}

/// Skips the notices so far, because the journal is read after them anyway.
fn skip_unread(events: &mut Subscription) {
    while events.try_next().is_some() {}
}

impl IntoFuture for Waiting {
    type Output = ();
    type IntoFuture = WaitingTask;

    fn into_future(self) -> WaitingTask {
        let deadline = Instant::now() + self.within;
        // The timer runs on a background runtime, so that the caller may use any runtime or none.
        let runtime = any_runtime().expect("a server has started, and its runtime runs until the process ends");
        let context = runtime.enter();
        let timer = Box::pin(tokio::time::sleep(self.within));
        drop(context);
        // Subscribed before the journal is read, so that no request is missed in between.
        let events = self.shared.engine.subscribe();
        WaitingTask { waiting: self, deadline, events, timer }
    }
}

/// The future of a wait.
pub struct WaitingTask {
    waiting: Waiting,
    deadline: Instant,
    events: Subscription,
    timer: Pin<Box<Sleep>>,
}

impl Future for WaitingTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let WaitingTask { waiting, deadline, events, timer } = self.get_mut();
        while !waiting.is_over(*deadline) {
            // Both are asked, so that either wakes the task.
            let (event, alarm) = (events.poll_next(context), timer.as_mut().poll(context));
            if event.is_pending() && alarm.is_pending() {
                return Poll::Pending;
            }
            skip_unread(events);
        }
        Poll::Ready(())
    }
}
