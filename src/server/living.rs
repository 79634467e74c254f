//! Counts the connections on which something may still be answered.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use super::connection::Shared;

/// How many there are.
#[derive(Default)]
pub(super) struct Living {
    connections: AtomicUsize,
    /// Whether anybody waits until there are none: to wake nobody is a system call all the same.
    awaited: AtomicBool,
    /// Held by those who wait, but while they do, and by who wakes them: none is woken before it waits.
    waiting: Mutex<()>,
    none: Condvar,
}

/// One of them, until it is over or dropped.
pub(super) struct Life {
    shared: Arc<Shared>,
    is_over: AtomicBool,
}

impl Living {
    /// Waits until there are none, so long at most; whether there are none.
    pub(super) fn wait(&self, longest: Duration) -> bool {
        self.awaited.store(true, Ordering::SeqCst);
        let waited = self.none.wait_timeout_while(self.waiting(), longest, |()| self.connections() > 0);
        drop(waited);
        self.connections() == 0
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn waiting(&self) -> MutexGuard<'_, ()> {
        // Nothing panics while it is held.
        self.waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Life {
    pub(super) fn new(shared: Arc<Shared>) -> Life {
        shared.living.connections.fetch_add(1, Ordering::SeqCst);
        Life { shared, is_over: AtomicBool::new(false) }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Whether there is no other.
    pub(super) fn is_alone(&self) -> bool {
        self.shared.living.connections() <= 1
    }

    /// From now on nothing is answered.
    pub(super) fn end(&self) {
        if self.is_over.swap(true, Ordering::Relaxed) {
            return;
        }
        let living = &self.shared.living;
        let others = living.connections.fetch_sub(1, Ordering::SeqCst) - 1;
        if others == 0 && living.awaited.load(Ordering::SeqCst) {
            drop(living.waiting());
            living.none.notify_all();
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.end();
    }
}
