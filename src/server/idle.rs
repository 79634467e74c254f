//! Ends a connection that says nothing for long, or is long in saying what it wants.
//!
//! A look at it every so often costs a request nothing, as a deadline for each head would: it had to be set and taken back.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Looks at one connection.
pub(super) struct Idle {
    between: Duration,
    next: Option<Pin<Box<Sleep>>>,
    /// How many heads had come when it was looked at last, and how often that has been so.
    heads: u64,
    same: u32,
}

/// After so many looks without a whole head in between it is over.
const LOOKS: u32 = 3;

impl Idle {
    /// Of a connection that may be silent so long, and at most a third longer.
    pub(super) fn after(longest: Duration) -> Idle {
        Idle { between: longest / LOOKS, next: None, heads: 0, same: 0 }
    }

    /// Whether the connection, which has nothing to read now, has been silent for too long; `heads` tells how many heads
    /// have come, and is `None` while a request is being answered.
    ///
    /// The task is woken for the next look. It must be the same task each time.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>, heads: impl Fn() -> Option<u64>) -> bool {
        if self.next.as_ref().is_some_and(|next| !next.is_elapsed()) {
            return false;
        }
        let next = match &mut self.next {
            None => self.next.insert(Box::pin(sleep(self.between))),
            Some(next) => {
                let heads = heads();
                self.same = if heads == Some(self.heads) { self.same + 1 } else { 0 };
                self.heads = heads.unwrap_or(self.heads);
                if self.same >= LOOKS {
                    return true;
                }
                next.as_mut().reset(Instant::now() + self.between);
                next
            }
        };
        // One that is over at once is looked at when the task is woken again.
        if next.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::task::Poll;

    use super::*;

    const LONGEST: Duration = Duration::from_millis(60);

    async fn until_over(idle: &mut Idle, heads: impl Fn() -> Option<u64>) -> Duration {
        let started = Instant::now();
        poll_fn(|cx| if idle.is_over(cx, &heads) { Poll::Ready(()) } else { Poll::Pending }).await;
        started.elapsed()
    }

    #[tokio::test]
    async fn silence_is_over_after_its_time() {
        assert!(until_over(&mut Idle::after(LONGEST), || Some(0)).await >= LONGEST);
    }

    #[tokio::test]
    async fn heads_that_come_and_requests_in_flight_put_it_off() {
        let looks = Cell::new(0);
        let heads = || {
            looks.set(looks.get() + 1);
            // Two heads, then an answer that takes long.
            [Some(1), Some(2), None, None, None, None].get(looks.get()).copied().unwrap_or(Some(2))
        };

        until_over(&mut Idle::after(LONGEST), heads).await;

        assert_eq!(looks.get(), 5 + LOOKS as usize);
    }
}
