//! Waits until requests have come.

use std::future::IntoFuture;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

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
        loop {
            let seen = self.shared.notifier.count();
            if self.is_over(deadline) {
                return;
            }
            self.shared.notifier.wait(seen, deadline);
        }
    }

    /// Whether the expected requests came.
    ///
    /// # Panics
    /// Panics if the time is over, or if more requests came than expected.
    fn is_over(&mut self, deadline: Instant) -> bool {
        let journal = self.shared.engine.held();
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

impl IntoFuture for Waiting {
    type Output = ();
    type IntoFuture = WaitingTask;

    fn into_future(self) -> WaitingTask {
        let deadline = Instant::now() + self.within;
        // The timer runs on a background runtime, so that the caller may use any runtime. One exists, because a server has
        // started.
        let alarm = any_runtime().map(|runtime| {
            let shared = self.shared.clone();
            let within = self.within;
            runtime.spawn(async move {
                tokio::time::sleep(within).await;
                shared.notifier.notify();
            })
        });
        WaitingTask { waiting: self, deadline, alarm }
    }
}

/// The future of a wait.
pub struct WaitingTask {
    waiting: Waiting,
    deadline: Instant,
    alarm: Option<tokio::task::JoinHandle<()>>,
}

impl Future for WaitingTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let WaitingTask { waiting, deadline, .. } = self.get_mut();
        let seen = waiting.shared.notifier.count();
        if waiting.is_over(*deadline) {
            return Poll::Ready(());
        }
        waiting.shared.notifier.wake(seen, context.waker());
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
