//! Everything that changes while an engine answers: what is served, states, what is armed, counts, and the journal.
//!
//! Nothing else changes any of it: requests by [`Store::commit`] and [`Store::note_answer`], everybody else by the operations beside
//! them. Each of these is done as a whole, under one short lock. So a store that several servers share can take the place of this one.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::journal::{AnswerRecord, Entry, Journal, JournalSnapshot, Limits};
use crate::lock::lock;

use super::commit::{Commit, Committed, StateChanged};
use super::count::Totals;
use super::decision_state::DecisionState;
use super::snapshot::{ShardedSnapshot, Snapshot};
use super::state::EngineState;
use super::{MountedStub, StubSet};

#[derive(Debug)]
pub(super) struct Store {
    /// Held for as long as it takes to count and to copy a request; never while waiting for anything else.
    guarded: Mutex<Guarded>,
    /// What is served, once more, to be read without that lock.
    snapshots: ShardedSnapshot,
    limits: Limits,
}

#[derive(Debug)]
struct Guarded {
    state: EngineState,
    journal: Journal,
}

impl Store {
    pub(super) fn new(set: Arc<StubSet>, limits: Limits) -> Store {
        let view = Arc::default();
        let snapshots = ShardedSnapshot::of(&set, &view);
        let guarded = Guarded { state: EngineState::new(set, view), journal: Journal::new(limits) };
        Store { guarded: Mutex::new(guarded), snapshots, limits }
    }

    /// What is served now, for a decision.
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshots.take()
    }

    /// Applies what a decision changes, and records the request in the journal, where the entry gets its number.
    ///
    /// # Errors
    /// If the state on which the decision depends has changed. Nothing was done then.
    pub(super) fn commit(&self, commit: &Commit<'_>, entry: &mut Entry) -> Result<Committed, StateChanged> {
        self.limits.fit(entry);
        let mut locked = self.lock();
        let Guarded { state, journal } = &mut *locked;
        if commit.expected_state.is_some_and(|expected| expected != state.view().version()) {
            return Err(StateChanged);
        }
        let call = commit.stub.map_or(0, |stub| state.count_call(stub));
        if commit.transition.is_some() || commit.armed_as.is_some() {
            state.change(&self.snapshots, |view| {
                if let Some((machine, next_state)) = commit.transition {
                    view.set_state(machine, next_state);
                }
                if let Some(name) = &commit.armed_as {
                    view.arming.spend(name);
                }
            });
        }
        let gone = journal.record(entry);
        drop(locked);
        drop(gone);
        Ok(Committed { call })
    }

    /// Records a request that changes nothing.
    pub(super) fn record(&self, entry: &mut Entry) {
        self.commit(&Commit::default(), entry).expect("it depends on no state");
    }

    /// Writes into the journal what a request is answered, if its entry is still there.
    pub(super) fn note_answer(&self, number: u64, answer: AnswerRecord) {
        self.lock().journal.answer(number, answer);
    }

    /// The journal at this moment, of which no more is read than is asked for.
    pub(super) fn held(&self) -> JournalSnapshot {
        self.lock().journal.snapshot()
    }

    /// The stubs that are served.
    pub(super) fn stubs(&self) -> Arc<StubSet> {
        self.lock().state.set().clone()
    }

    /// Serves another set from now on.
    pub(super) fn serve(&self, set: Arc<StubSet>) {
        // The old one may be the last of its kind, and takes its time to go: it is dropped after the lock.
        let old = self.lock().state.serve(set, &self.snapshots);
        drop(old);
    }

    /// How often a stub has answered.
    pub(super) fn totals(&self, stub: &MountedStub) -> Totals {
        self.lock().state.totals(stub)
    }

    /// How often each of several stubs has answered since the last reset of the journal, at one moment.
    pub(super) fn calls<'a>(&self, stubs: impl Iterator<Item = &'a Arc<MountedStub>>) -> Vec<u64> {
        let locked = self.lock();
        stubs.map(|stub| locked.state.totals(stub).calls).collect()
    }

    /// Forgets the counts of stubs that were added and are gone.
    pub(super) fn forget<'a>(&self, stubs: impl Iterator<Item = &'a Arc<MountedStub>>) {
        let mut locked = self.lock();
        stubs.for_each(|stub| locked.state.forget(stub));
    }

    /// For how many requests a stub is armed.
    pub(super) fn armed(&self, stub: &MountedStub) -> u64 {
        self.lock().state.view().arming.times_for(stub)
    }

    /// Arms the on-demand stubs of a name for a number of requests.
    pub(super) fn arm(&self, name: &str, times: u64) {
        self.change(|view| view.arming.set(name, times));
    }

    /// The state of a machine.
    pub(super) fn machine_state(&self, machine: &str) -> String {
        let locked = self.lock();
        locked.state.view().state(locked.state.set(), machine).to_owned()
    }

    /// Puts a machine into a state.
    pub(super) fn set_machine_state(&self, machine: &str, next_state: &str) {
        self.change(|view| view.set_state(machine, next_state));
    }

    /// Forgets counts, sequences, states, what is armed, and the journal.
    pub(super) fn start_over(&self) {
        let mut locked = self.lock();
        locked.state.start_over(&self.snapshots);
        let gone = locked.journal.clear();
        drop(locked);
        drop(gone);
    }

    /// Forgets the journal, and the counts with those of the stubs that were added. Sequences stay.
    pub(super) fn forget_requests<'a>(&self, added: impl Iterator<Item = &'a Arc<MountedStub>>) {
        let mut locked = self.lock();
        locked.state.forget_calls(added);
        let gone = locked.journal.clear();
        drop(locked);
        drop(gone);
    }

    fn change(&self, change: impl FnOnce(&mut DecisionState)) {
        self.lock().state.change(&self.snapshots, change);
    }

    fn lock(&self) -> MutexGuard<'_, Guarded> {
        // Nothing panics while it is held; if it did, the counts are still whole.
        lock(&self.guarded)
    }
}
