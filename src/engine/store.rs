//! Everything that changes while an engine answers: what is served, states, what is armed, counts, and the journal.
//!
//! Nothing else changes any of it: requests by [`Store::commit`] and [`Store::note_answer`], everybody else by the operations beside
//! them. Each of these is done as a whole, under one short lock. So a store that several servers share can take the place of this one.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::journal::{AnswerRecord, Entry, Held, Journal, Limits};

use super::commit::{Commit, Committed, StateChanged};
use super::count::Totals;
use super::live::Live;
use super::served::{Served, Shelves};
use super::view::View;
use super::{LiveStub, StubSet};

#[derive(Debug)]
pub(super) struct Store {
    /// Held for as long as it takes to count and to copy a request; never while waiting for anything else.
    state: Mutex<State>,
    /// What is served, once more, to be read without that lock.
    shelves: Shelves,
    limits: Limits,
}

#[derive(Debug)]
struct State {
    live: Live,
    journal: Journal,
}

impl Store {
    pub(super) fn new(set: Arc<StubSet>, limits: Limits) -> Store {
        let view = Arc::default();
        let shelves = Shelves::of(&set, &view);
        let state = State { live: Live::new(set, view), journal: Journal::new(limits) };
        Store { state: Mutex::new(state), shelves, limits }
    }

    /// What is served now, for a decision.
    pub(super) fn snapshot(&self) -> Arc<Served> {
        self.shelves.take()
    }

    /// Applies what a decision changes, and records the request in the journal, where the entry gets its number.
    ///
    /// # Errors
    /// If the state on which the decision depends has changed. Nothing was done then.
    pub(super) fn commit(&self, commit: &Commit<'_>, entry: &mut Entry) -> Result<Committed, StateChanged> {
        self.limits.fit(entry);
        let mut state = self.state();
        let State { live, journal } = &mut *state;
        if commit.expected_state.is_some_and(|expected| expected != live.view().version()) {
            return Err(StateChanged);
        }
        let call = commit.stub.map_or(0, |stub| live.count_call(stub));
        if commit.transition.is_some() || commit.armed_as.is_some() {
            live.change(&self.shelves, |view| {
                if let Some((machine, next_state)) = commit.transition {
                    view.set_state(machine, next_state);
                }
                if let Some(name) = &commit.armed_as {
                    view.arming.spend(name);
                }
            });
        }
        let gone = journal.record(entry);
        drop(state);
        drop(gone);
        Ok(Committed { call })
    }

    /// Records a request that changes nothing.
    pub(super) fn record(&self, entry: &mut Entry) {
        self.commit(&Commit::default(), entry).expect("it depends on no state");
    }

    /// Writes into the journal what a request is answered, if its entry is still there.
    pub(super) fn note_answer(&self, number: u64, answer: AnswerRecord) {
        self.state().journal.answer(number, answer);
    }

    /// The journal at this moment, of which no more is read than is asked for.
    pub(super) fn held(&self) -> Held {
        self.state().journal.hold()
    }

    /// The stubs that are served.
    pub(super) fn stubs(&self) -> Arc<StubSet> {
        self.state().live.set().clone()
    }

    /// Serves another set from now on.
    pub(super) fn serve(&self, set: Arc<StubSet>) {
        // The old one may be the last of its kind, and takes its time to go: it is dropped after the lock.
        let old = self.state().live.serve(set, &self.shelves);
        drop(old);
    }

    /// How often a stub has answered.
    pub(super) fn totals(&self, stub: &LiveStub) -> Totals {
        self.state().live.totals(stub)
    }

    /// How often each of several stubs has answered since the last reset of the journal, at one moment.
    pub(super) fn calls<'a>(&self, stubs: impl Iterator<Item = &'a Arc<LiveStub>>) -> Vec<u64> {
        let state = self.state();
        stubs.map(|stub| state.live.totals(stub).calls).collect()
    }

    /// Forgets the counts of stubs that were added and are gone.
    pub(super) fn forget<'a>(&self, stubs: impl Iterator<Item = &'a Arc<LiveStub>>) {
        let mut state = self.state();
        stubs.for_each(|stub| state.live.forget(stub));
    }

    /// For how many requests a stub is armed.
    pub(super) fn armed(&self, stub: &LiveStub) -> u64 {
        self.state().live.view().arming.times_for(stub)
    }

    /// Arms the on-demand stubs of a name for a number of requests.
    pub(super) fn arm(&self, name: &str, times: u64) {
        self.change(|view| view.arming.set(name, times));
    }

    /// The state of a machine.
    pub(super) fn machine_state(&self, machine: &str) -> String {
        let state = self.state();
        state.live.view().state(state.live.set(), machine).to_owned()
    }

    /// Puts a machine into a state.
    pub(super) fn set_machine_state(&self, machine: &str, next_state: &str) {
        self.change(|view| view.set_state(machine, next_state));
    }

    /// Forgets counts, sequences, states, what is armed, and the journal.
    pub(super) fn start_over(&self) {
        let mut state = self.state();
        state.live.start_over(&self.shelves);
        let gone = state.journal.clear();
        drop(state);
        drop(gone);
    }

    /// Forgets the journal, and the counts with those of the stubs that were added. Sequences stay.
    pub(super) fn forget_requests<'a>(&self, added: impl Iterator<Item = &'a Arc<LiveStub>>) {
        let mut state = self.state();
        state.live.forget_calls(added);
        let gone = state.journal.clear();
        drop(state);
        drop(gone);
    }

    fn change(&self, change: impl FnOnce(&mut View)) {
        self.state().live.change(&self.shelves, change);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held; if it did, the counts are still whole.
        crate::lock::lock(&self.state)
    }
}
