//! The state that a server shares with its handles and waiters.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::engine::Engine;
use crate::journal::{Entry, JournalContents};
use crate::lock::lock;
use crate::server::{Observed, Observer};
use crate::verify::eviction_text;

use super::received::{Received, ReceivedRequest};

pub(super) struct ServerState {
    pub(super) engine: Arc<Engine>,
    pub(super) fail_on_unmatched: bool,
    /// Why a template or a closure could not make an answer. Each of these fails the test.
    failures: Mutex<Vec<String>>,
}

/// The most failures that are kept.
const MAX_FAILURES: usize = 20;

impl ServerState {
    pub(super) fn new(engine: Arc<Engine>, fail_on_unmatched: bool) -> ServerState {
        ServerState { engine, fail_on_unmatched, failures: Mutex::default() }
    }

    /// Returns the received requests that `which` selects.
    ///
    /// # Panics
    /// Panics if the journal evicted requests, because the rest would be a wrong answer.
    #[track_caller]
    pub(super) fn received(&self, which: impl Fn(&Entry) -> bool) -> Received {
        let journal = self.engine.journal();
        assert_complete(&journal);
        Received::new(
            journal
                .entries
                .iter()
                .filter(|entry| which(entry))
                .map(|entry| ReceivedRequest::from_entry(entry))
                .collect(),
        )
    }

    /// Returns and clears the answers that could not be made.
    pub(super) fn take_failures(&self) -> Vec<String> {
        std::mem::take(&mut self.failures())
    }

    fn failures(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.failures)
    }
}

#[track_caller]
fn assert_complete(journal: &JournalContents) {
    if journal.evicted > 0 {
        panic!("{}", eviction_text(journal));
    }
}

/// Keeps the answers that could not be made. Nothing is woken here: a wait uses the events of the engine.
impl Observer for ServerState {
    fn exchange(&self, observed: &Observed<'_>) {
        if let Some(failure) = observed.failure.filter(|_| observed.status == 500) {
            let mut failures = self.failures();
            if failures.len() < MAX_FAILURES {
                failures.push(failure.trim_end().to_owned());
            }
        }
    }
}
