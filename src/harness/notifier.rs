//! Tells those who wait that something has happened, whether they wait in a thread or in a task of any runtime.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::task::Waker;
use std::time::Instant;

use crate::lock::lock;

#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: Mutex<Rung>,
    threads: Condvar,
}

#[derive(Debug, Default)]
struct Rung {
    times: u64,
    /// Whether a thread waits: to wake none is a system call all the same.
    awaited: bool,
    tasks: Vec<Waker>,
}

impl Bell {
    /// Wakes all who wait.
    pub(super) fn ring(&self) {
        let mut rung = self.rung();
        rung.times += 1;
        let (awaited, tasks) = (std::mem::take(&mut rung.awaited), std::mem::take(&mut rung.tasks));
        drop(rung);
        if awaited {
            self.threads.notify_all();
        }
        tasks.into_iter().for_each(Waker::wake);
    }

    /// How often it has rung.
    pub(super) fn times(&self) -> u64 {
        self.rung().times
    }

    /// Blocks until it has rung more often than `heard`, or until the deadline.
    pub(super) fn wait(&self, heard: u64, deadline: Instant) {
        let mut rung = self.rung();
        while rung.times == heard {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            rung.awaited = true;
            let waited = self.threads.wait_timeout(rung, left);
            rung = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
    }

    /// Wakes the task when it rings again; at once where it has rung more often than `heard`.
    pub(super) fn listen(&self, heard: u64, task: &Waker) {
        let mut rung = self.rung();
        if rung.times == heard {
            rung.tasks.push(task.clone());
        } else {
            drop(rung);
            task.wake_by_ref();
        }
    }

    fn rung(&self) -> MutexGuard<'_, Rung> {
        lock(&self.rung)
    }
}
