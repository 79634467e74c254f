//! Tells the connections of a server that it stops.

use std::sync::atomic::{AtomicBool, Ordering};

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
        // Made before the look, so that nothing that is told after it is missed.
        let telling = self.telling.notified();
        if !self.told.load(Ordering::Acquire) {
            telling.await;
        }
    }
}
