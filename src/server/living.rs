//! Counts the connections on which something may still be answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use super::connection::Shared;

/// How many there are.
#[derive(Default)]
pub(super) struct Living {
    count: Mutex<usize>,
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
        let waited = self.none.wait_timeout_while(self.count(), longest, |count| *count > 0);
        *waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0 == 0
    }

    fn count(&self) -> MutexGuard<'_, usize> {
        // Nothing panics while it is held.
        self.count.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Life {
    pub(super) fn new(shared: Arc<Shared>) -> Life {
        *shared.living.count() += 1;
        Life { shared, is_over: AtomicBool::new(false) }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// From now on nothing is answered.
    pub(super) fn end(&self) {
        if self.is_over.swap(true, Ordering::Relaxed) {
            return;
        }
        let living = &self.shared.living;
        let mut count = living.count();
        *count -= 1;
        if *count == 0 {
            living.none.notify_all();
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.end();
    }
}
