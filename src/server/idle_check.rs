//! Finds clients that are silent for too long, or take too long to send a request.
//!
//! A check every few seconds costs a request nothing. A deadline for each head and each piece of a body would have to be set
//! and cancelled.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Checks one connection for silence.
pub(super) struct IdleCheck {
    interval: Duration,
    next: Option<Pin<Box<Sleep>>>,
    /// What the last check found.
    seen: Option<Awaited>,
    /// How many checks in a row found the same as the one before.
    unchanged: u32,
}

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// The next head, after this many heads.
    Head(u64),
    /// More of a body, after this many pieces of bytes.
    Body(u64),
}

impl Awaited {
    /// How many checks may find it awaited.
    fn max_unchanged(self) -> u32 {
        match self {
            Awaited::Head(_) => 15,
            Awaited::Body(_) => 6,
        }
    }
}

impl IdleCheck {
    /// A connection may be silent for 15 intervals between two requests, and for 6 within a body; and for at most one more.
    pub(super) fn new(interval: Duration) -> IdleCheck {
        IdleCheck { interval, next: None, seen: None, unchanged: 0 }
    }

    /// Returns what the connection has awaited for too long. Call it when there is nothing to read; `awaited` returns what
    /// the connection awaits, which is nothing while a request is being answered.
    ///
    /// The task is woken for the next check. It must be the same task each time.
    pub(super) fn timed_out(&mut self, cx: &mut Context<'_>, awaited: impl Fn() -> Option<Awaited>) -> Option<Awaited> {
        if self.next.as_ref().is_some_and(|next| !next.is_elapsed()) {
            return None;
        }
        let is_first = self.next.is_none();
        let next = self.next.get_or_insert_with(|| Box::pin(sleep(self.interval)));
        if !is_first {
            next.as_mut().reset(Instant::now() + self.interval);
            let awaited = awaited();
            self.unchanged = if self.seen == awaited { self.unchanged + 1 } else { 0 };
            self.seen = awaited;
        }
        // A timer that has elapsed already is checked when the task is woken again.
        if next.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
        self.seen.filter(|awaited| self.unchanged >= awaited.max_unchanged())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::task::Poll;

    use super::*;

    const INTERVAL: Duration = Duration::from_millis(10);

    /// What was awaited for too long, and after how many checks.
    async fn timed_out(awaited: impl Fn(usize) -> Option<Awaited>) -> (Awaited, usize) {
        let (mut idle, checks) = (IdleCheck::new(INTERVAL), Cell::new(0));
        let check = || {
            checks.set(checks.get() + 1);
            awaited(checks.get())
        };
        let timed_out = poll_fn(|cx| match idle.timed_out(cx, check) {
            Some(awaited) => Poll::Ready(awaited),
            None => Poll::Pending,
        });
        let started = Instant::now();
        let timed_out = timed_out.await;
        assert!(started.elapsed() >= INTERVAL * checks.get() as u32);
        (timed_out, checks.get())
    }

    #[tokio::test]
    async fn silence_times_out() {
        assert_eq!(timed_out(|_| Some(Awaited::Head(0))).await, (Awaited::Head(0), 16));
        assert_eq!(timed_out(|_| Some(Awaited::Body(7))).await, (Awaited::Body(7), 7));
    }

    #[tokio::test]
    async fn bytes_and_a_long_answer_start_the_time_anew() {
        let heads = |check| match check {
            1..=4 => Some(Awaited::Head(0)),
            5..=20 => None,
            _ => Some(Awaited::Head(1)),
        };
        assert_eq!(timed_out(heads).await, (Awaited::Head(1), 36));
        assert_eq!(timed_out(|check| Some(Awaited::Body(check.min(9) as u64))).await, (Awaited::Body(9), 15));
    }
}
