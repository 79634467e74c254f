//! Tells the connections of a server that it stops.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};

use tokio::sync::Notify;

/// What a server tells all of its connections.
#[derive(Debug, Default)]
pub(super) struct Stop {
    told: AtomicBool,
    telling: Notify,
}

impl Stop {
    /// From now on it stops.
    pub(super) fn tell(&self) {
        self.told.store(true, Ordering::Release);
        self.telling.notify_waiters();
    }

    /// Completes once it stops.
    pub(super) async fn told(&self) {
        // Made before the first look, so that nothing that is told after it is missed.
        let mut telling = pin!(self.telling.notified());
        let mut asked: Option<Waker> = None;
        poll_fn(|cx| {
            if self.told.load(Ordering::Acquire) {
                return Poll::Ready(());
            }
            // All connections of the server share its lock, so it is asked once by each task and not at each poll.
            if asked.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            asked = Some(cx.waker().clone());
            telling.as_mut().poll(cx)
        })
        .await;
    }
}
