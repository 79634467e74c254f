//! What is being served, for many threads to take at once.
//!
//! A count of references that all threads change costs each of them more than the look at what it counts: so there are
//! several, and each thread takes from one. Who changes what is served puts it everywhere.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::lock::lock;

use super::StubSet;
use super::decision_state::DecisionState;
use super::explanation_cache::ExplanationCache;

/// The stubs, and what a decision looks at besides.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) set: Arc<StubSet>,
    pub(super) view: Arc<DecisionState>,
    /// Why the last few requests were not answered by these.
    pub(super) explained: ExplanationCache,
}

/// One for every few threads.
#[derive(Debug)]
pub(super) struct ShardedSnapshot([Shard; SHARDS]);

/// Apart from the next, as caches have it (two lines of 64 bytes, which are fetched together).
#[derive(Debug)]
#[repr(align(128))]
struct Shard(Mutex<Arc<Snapshot>>);

const SHARDS: usize = 4;

thread_local! {
    static SHARD: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % SHARDS
    };
}

impl Snapshot {
    fn of(set: &Arc<StubSet>, view: &Arc<DecisionState>) -> Arc<Snapshot> {
        Arc::new(Snapshot { set: set.clone(), view: view.clone(), explained: ExplanationCache::default() })
    }
}

impl ShardedSnapshot {
    pub(super) fn of(set: &Arc<StubSet>, view: &Arc<DecisionState>) -> ShardedSnapshot {
        ShardedSnapshot(std::array::from_fn(|_| Shard(Mutex::new(Snapshot::of(set, view)))))
    }

    /// What is served now.
    pub(super) fn take(&self) -> Arc<Snapshot> {
        // A thread that is about to end has no place of its own any more.
        self.0[SHARD.try_with(|shard| *shard).unwrap_or_default()].lock().clone()
    }

    /// Serves something else from now on. Whoever calls it keeps the set that was served before, which takes its time to go.
    pub(super) fn put(&self, set: &Arc<StubSet>, view: &Arc<DecisionState>) {
        for shard in &self.0 {
            let next = Snapshot::of(set, view);
            *shard.lock() = next;
        }
    }
}

impl Shard {
    fn lock(&self) -> MutexGuard<'_, Arc<Snapshot>> {
        lock(&self.0)
    }
}
