//! How often a stub has answered.

use std::sync::atomic::{AtomicU64, Ordering};

/// How often a stub has answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Since the last reset of the journal. Verification uses this count.
    pub calls: u64,
    /// Since the last full reset. This count selects the next of several responses.
    pub sequence: u64,
}

/// How often one stub has answered, kept by the stub itself. Only the `store` changes it, while it is locked.
#[derive(Debug, Default)]
pub(super) struct Count {
    calls: AtomicU64,
    sequence: AtomicU64,
}

impl Count {
    pub(super) fn totals(&self) -> Totals {
        Totals { calls: self.calls.load(Ordering::Relaxed), sequence: self.sequence.load(Ordering::Relaxed) }
    }

    pub(super) fn set(&self, totals: Totals) {
        self.calls.store(totals.calls, Ordering::Relaxed);
        self.sequence.store(totals.sequence, Ordering::Relaxed);
    }
}
