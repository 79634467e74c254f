//! What is being served, for many threads to take at once.
//!
//! A count of references that all threads change costs each of them more than the look at what it counts: so there are
//! several, and each thread takes from one. Who changes what is served puts it everywhere.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::lock::lock;

use super::StubSet;
use super::explained::Explained;
use super::view::View;

/// The stubs, and what a decision looks at besides.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) set: Arc<StubSet>,
    pub(super) view: Arc<View>,
    /// Why the last few requests were not answered by these.
    pub(super) explained: Explained,
}

/// One for every few threads.
#[derive(Debug)]
pub(super) struct Shelves([Shelf; SHELVES]);

/// Apart from the next, as caches have it (two lines of 64 bytes, which are fetched together).
#[derive(Debug)]
#[repr(align(128))]
struct Shelf(Mutex<Arc<Served>>);

const SHELVES: usize = 4;

thread_local! {
    static SHELF: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % SHELVES
    };
}

impl Served {
    fn of(set: &Arc<StubSet>, view: &Arc<View>) -> Arc<Served> {
        Arc::new(Served { set: set.clone(), view: view.clone(), explained: Explained::default() })
    }
}

impl Shelves {
    pub(super) fn of(set: &Arc<StubSet>, view: &Arc<View>) -> Shelves {
        Shelves(std::array::from_fn(|_| Shelf(Mutex::new(Served::of(set, view)))))
    }

    /// What is served now.
    pub(super) fn take(&self) -> Arc<Served> {
        // A thread that is about to end has no place of its own any more.
        self.0[SHELF.try_with(|shelf| *shelf).unwrap_or_default()].lock().clone()
    }

    /// Serves something else from now on. Whoever calls it keeps the set that was served before, which takes its time to go.
    pub(super) fn put(&self, set: &Arc<StubSet>, view: &Arc<View>) {
        for shelf in &self.0 {
            let next = Served::of(set, view);
            *shelf.lock() = next;
        }
    }
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, Arc<Served>> {
        lock(&self.0)
    }
}
