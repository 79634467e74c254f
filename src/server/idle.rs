//! Finds out that a client says nothing for long, or is long in saying what it wants.
//!
//! A look every so often costs a request nothing, as a deadline for each head and each piece of a body would: it had to be
//! set and taken back.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Looks at one connection.
pub(super) struct Idle {
    between: Duration,
    next: Option<Pin<Box<Sleep>>>,
    seen: Option<Awaited>,
    /// How many looks saw the same.
    same: u32,
}

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// The next head, after so many.
    Head(u64),
    /// More of a body, after so many pieces of whatever came.
    Body(u64),
}

impl Awaited {
    /// How many looks it may be awaited.
    fn patience(self) -> u32 {
        match self {
            Awaited::Head(_) => 15,
            Awaited::Body(_) => 6,
        }
    }
}

impl Idle {
    /// Of a connection that may be silent for 15 times as long between two requests, and 6 times as long within a body; and once
    /// more at most.
    pub(super) fn every(between: Duration) -> Idle {
        Idle { between, next: None, seen: None, same: 0 }
    }

    /// What the connection, which has nothing to read now, has awaited for too long; `awaited` tells what it awaits, which is
    /// nothing while a request is being answered.
    ///
    /// The task is woken for the next look. It must be the same task each time.
    pub(super) fn given_up(&mut self, cx: &mut Context<'_>, awaited: impl Fn() -> Option<Awaited>) -> Option<Awaited> {
        if self.next.as_ref().is_some_and(|next| !next.is_elapsed()) {
            return None;
        }
        let is_first = self.next.is_none();
        let next = self.next.get_or_insert_with(|| Box::pin(sleep(self.between)));
        if !is_first {
            next.as_mut().reset(Instant::now() + self.between);
            let awaited = awaited();
            self.same = if self.seen == awaited { self.same + 1 } else { 0 };
            self.seen = awaited;
        }
        // One that is over at once is looked at when the task is woken again.
        if next.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
        self.seen.filter(|awaited| self.same >= awaited.patience())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::task::Poll;

    use super::*;

    const BETWEEN: Duration = Duration::from_millis(10);

    /// What was given up, and after how many looks.
    async fn given_up(awaited: impl Fn(usize) -> Option<Awaited>) -> (Awaited, usize) {
        let (mut idle, looks) = (Idle::every(BETWEEN), Cell::new(0));
        let look = || {
            looks.set(looks.get() + 1);
            awaited(looks.get())
        };
        let given_up = poll_fn(|cx| match idle.given_up(cx, look) {
            Some(awaited) => Poll::Ready(awaited),
            None => Poll::Pending,
        });
        let started = Instant::now();
        let given_up = given_up.await;
        assert!(started.elapsed() >= BETWEEN * looks.get() as u32);
        (given_up, looks.get())
    }

    #[tokio::test]
    async fn silence_is_over_after_its_time() {
        assert_eq!(given_up(|_| Some(Awaited::Head(0))).await, (Awaited::Head(0), 16));
        assert_eq!(given_up(|_| Some(Awaited::Body(7))).await, (Awaited::Body(7), 7));
    }

    #[tokio::test]
    async fn what_comes_puts_it_off_and_so_does_an_answer_that_takes_long() {
        let heads = |look| match look {
            1..=4 => Some(Awaited::Head(0)),
            5..=20 => None,
            _ => Some(Awaited::Head(1)),
        };
        assert_eq!(given_up(heads).await, (Awaited::Head(1), 36));
        assert_eq!(given_up(|look| Some(Awaited::Body(look.min(9) as u64))).await, (Awaited::Body(9), 15));
    }
}
