//! The stubs that are served and the state that decisions depend on, for many threads to read at the same time.
//!
//! If all threads change the same reference count, that costs each of them more than reading the snapshot. So there are several
//! references, and each thread reads one of them. A change replaces them all.

use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use crate::lock::lock;

use super::decision_state::DecisionState;
use super::{MountedStub, StubSet};

/// The stubs, and the state that decisions depend on.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) set: Arc<StubSet>,
    pub(super) decision_state: Arc<DecisionState>,
    /// A cache of what depends on this snapshot. The module that uses it defines its type.
    cache: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// Several references to one snapshot, each for a few threads.
#[derive(Debug)]
pub(super) struct ShardedSnapshot([Shard; SHARDS]);

/// Aligned so that no two are in the same cache lines. Processors fetch two lines of 64 bytes together.
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
    fn new(set: &Arc<StubSet>, decision_state: &Arc<DecisionState>) -> Arc<Snapshot> {
        Arc::new(Snapshot { set: set.clone(), decision_state: decision_state.clone(), cache: OnceLock::new() })
    }

    /// Returns the cache of what depends on this snapshot, which is dropped with it. Only one module may use it, with one type.
    pub(crate) fn cache<T: Default + Send + Sync + 'static>(&self) -> &T {
        self.cache.get_or_init(|| Box::<T>::default()).downcast_ref().expect("one module uses it, with one type")
    }

    /// Returns the state of the machine of a stub.
    pub(crate) fn state_of(&self, mounted: &MountedStub) -> &str {
        self.decision_state.state(&self.set, &mounted.stub.state_machine)
    }

    /// Returns the on-demand stubs that are armed, in order of precedence.
    pub(crate) fn armed_stubs(&self) -> Vec<&Arc<MountedStub>> {
        if self.decision_state.arming.is_empty() {
            return Vec::new();
        }
        let stubs = self.set.stubs().iter();
        stubs
            .filter(|mounted| mounted.stub.on_demand && self.decision_state.arming.name_for(mounted).is_some())
            .collect()
    }
}

impl ShardedSnapshot {
    pub(super) fn new(set: &Arc<StubSet>, decision_state: &Arc<DecisionState>) -> ShardedSnapshot {
        ShardedSnapshot(std::array::from_fn(|_| Shard(Mutex::new(Snapshot::new(set, decision_state)))))
    }

    /// Returns the current snapshot.
    pub(super) fn load(&self) -> Arc<Snapshot> {
        // The thread-local is gone in a thread that is about to end.
        self.0[SHARD.try_with(|shard| *shard).unwrap_or_default()].lock().clone()
    }

    /// Replaces the snapshot. The caller keeps the previous set until no lock is held, because dropping it takes long.
    pub(super) fn store(&self, set: &Arc<StubSet>, decision_state: &Arc<DecisionState>) {
        for shard in &self.0 {
            let next = Snapshot::new(set, decision_state);
            *shard.lock() = next;
        }
    }
}

impl Shard {
    fn lock(&self) -> MutexGuard<'_, Arc<Snapshot>> {
        lock(&self.0)
    }
}
