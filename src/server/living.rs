//! Counts the connections on which something may still be answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use super::connection::Shared;

/// How many there are.
#[derive(Default)]
pub(super) struct Living {
    counted: Mutex<Counted>,
    none: Condvar,
}

#[derive(Default)]
struct Counted {
    connections: usize,
    /// Whether anybody waits until there are none: to wake nobody is a system call all the same.
    awaited: bool,
}

/// One of them, until it is over or dropped.
pub(super) struct Life {
    shared: Arc<Shared>,
    is_over: AtomicBool,
}

impl Living {
    /// Waits until there are none, so long at most; whether there are none.
    pub(super) fn wait(&self, longest: Duration) -> bool {
        let mut counted = self.counted();
        counted.awaited = true;
        let waited = self.none.wait_timeout_while(counted, longest, |counted| counted.connections > 0);
        waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0.connections == 0
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        // Nothing panics while it is held.
        self.counted.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Life {
    pub(super) fn new(shared: Arc<Shared>) -> Life {
        shared.living.counted().connections += 1;
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
        let mut counted = living.counted();
        counted.connections -= 1;
        if counted.connections == 0 && counted.awaited {
            living.none.notify_all();
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.end();
    }
}
