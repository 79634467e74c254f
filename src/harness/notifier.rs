//! Wakes threads and tasks that wait for something to happen, on any runtime or none.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::task::Waker;
use std::time::Instant;

use crate::lock::lock;

#[derive(Debug, Default)]
pub(super) struct Notifier {
    state: Mutex<State>,
    threads: Condvar,
}

/// Both the waiter and the notifier hold the lock of this, so a notification between the check and the wait is not lost.
#[derive(Debug, Default)]
struct State {
    count: u64,
    /// Whether a thread waits. Waking costs a system call even if nobody waits.
    has_waiting_threads: bool,
    tasks: Vec<Waker>,
}

impl Notifier {
    /// Wakes every waiting thread and task.
    pub(super) fn notify(&self) {
        let mut state = self.lock();
        state.count += 1;
        let threads_wait = std::mem::take(&mut state.has_waiting_threads);
        let tasks = std::mem::take(&mut state.tasks);
        drop(state);
        if threads_wait {
            self.threads.notify_all();
        }
        tasks.into_iter().for_each(Waker::wake);
    }

    /// Returns the number of notifications so far.
    pub(super) fn count(&self) -> u64 {
        self.lock().count
    }

    /// Blocks until there are more notifications than `seen`, or until the deadline.
    pub(super) fn wait(&self, seen: u64, deadline: Instant) {
        let mut state = self.lock();
        while state.count == seen {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state.has_waiting_threads = true;
            let waited = self.threads.wait_timeout(state, left);
            state = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
    }

    /// Wakes the task at the next notification, or at once if there are already more than `seen`.
    pub(super) fn wake(&self, seen: u64, task: &Waker) {
        let mut state = self.lock();
        if state.count == seen {
            state.tasks.push(task.clone());
        } else {
            drop(state);
            task.wake_by_ref();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}
