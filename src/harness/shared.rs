//! What a server, its handles and its waiters share.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::engine::Engine;
use crate::journal::{Entry, JournalContents};
use crate::lock::lock;
use crate::server::{Observed, Observer};

use super::bell::Bell;
use super::received::{Received, ReceivedRequest};

pub(super) struct Shared {
    pub(super) engine: Arc<Engine>,
    pub(super) fail_on_unmatched: bool,
    /// Rings at every request.
    pub(super) bell: Bell,
    /// Answers that could not be made, by a template or a closure: each fails the test.
    failures: Mutex<Vec<String>>,
}

/// More failures than this are no news.
const MOST_FAILURES: usize = 20;

impl Shared {
    pub(super) fn new(engine: Arc<Engine>, fail_on_unmatched: bool) -> Shared {
        Shared { engine, fail_on_unmatched, bell: Bell::default(), failures: Mutex::default() }
    }

    /// All that was received and that `which` takes.
    ///
    /// # Panics
    /// Where the journal had to let requests go: what is left would be a wrong answer.
    #[track_caller]
    pub(super) fn received(&self, which: impl Fn(&Entry) -> bool) -> Received {
        let journal = self.engine.journal();
        complete(&journal);
        Received::new(
            journal.entries.iter().filter(|entry| which(entry)).map(|entry| ReceivedRequest::of(entry)).collect(),
        )
    }

    /// Answers that could not be made, which are forgotten then.
    pub(super) fn take_failures(&self) -> Vec<String> {
        std::mem::take(&mut self.failures())
    }

    fn failures(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.failures)
    }
}

#[track_caller]
fn complete(journal: &JournalContents) {
    if journal.evicted > 0 {
        panic!("{}", evicted(journal));
    }
}

/// That the journal is no longer whole, and what would keep it so.
pub(super) fn evicted(journal: &JournalContents) -> String {
    format!(
        "the journal is not whole: of {} requests it had to let {} go; \
         raise `journal_limit` ({}) or `journal_bytes` ({}), or call `reset_requests` in between",
        journal.total(),
        journal.evicted,
        journal.limits.entries,
        journal.limits.bytes,
    )
}

impl Observer for Shared {
    fn exchange(&self, observed: &Observed<'_>) {
        if let Some(failure) = observed.failure.filter(|_| observed.status == 500) {
            let mut failures = self.failures();
            if failures.len() < MOST_FAILURES {
                failures.push(failure.trim_end().to_owned());
            }
        }
        self.bell.ring();
    }
}
