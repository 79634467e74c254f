//! Everything that changes while an engine answers: stubs, states, armed stubs, counts, and the journal.
//!
//! Nothing else changes any of it. Requests use [`Store::commit`] and [`Store::record_answer`]; all other changes use the operations
//! beside them. Each is done as a whole, under one short lock, so that a store that several servers share can replace this one.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::journal::{AnswerRecord, Entry, Journal, JournalSnapshot, Limits};
use crate::lock::lock;

use super::broadcast::{Broadcast, EventBuffer, Subscription};
use super::commit::{Commit, Committed, StaleDecision};
use super::count::Totals;
use super::events::EventKind;
use super::snapshot::{ShardedSnapshot, Snapshot};
use super::state::EngineState;
use super::{MountedStub, Reloaded, StubSet};

#[derive(Debug)]
pub(super) struct Store {
    /// Locked for as long as it takes to count and to copy a request. Meanwhile only the short locks of `snapshots` and `events` are
    /// taken.
    guarded: Mutex<Guarded>,
    /// Copies of the stubs and the state, which are read without that lock.
    snapshots: ShardedSnapshot,
    limits: Limits,
    /// Published while `guarded` is locked, so that events are in the order of the changes. Subscribers are woken afterwards.
    events: Broadcast,
}

#[derive(Debug)]
struct Guarded {
    state: EngineState,
    journal: Journal,
}

impl Store {
    pub(super) fn new(set: Arc<StubSet>, limits: Limits) -> Store {
        let state = EngineState::new(set);
        let snapshots = ShardedSnapshot::new(state.set(), state.decision_state());
        let guarded = Guarded { state, journal: Journal::new(limits) };
        Store { guarded: Mutex::new(guarded), snapshots, limits, events: Broadcast::default() }
    }

    /// Returns the current snapshot, for a decision.
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshots.load()
    }

    /// Applies what a decision changes, and records the request in the journal, where the entry gets its number.
    ///
    /// # Errors
    /// Returns an error, and changes nothing, if the state on which the decision depends has changed.
    pub(super) fn commit(&self, commit: &Commit<'_>, entry: &mut Entry) -> Result<Committed, StaleDecision> {
        self.limits.fit(entry);
        let mut locked = self.lock();
        let Guarded { state, journal } = &mut *locked;
        if commit.expected_state.is_some_and(|expected| expected != state.decision_state().version()) {
            return Err(StaleDecision);
        }
        let call = commit.stub.map_or(0, |stub| state.count_call(stub));
        let moved = commit.transition.filter(|(machine, next_state)| state.machine_state(machine) != *next_state);
        if commit.transition.is_some() || commit.armed_as.is_some() {
            state.change(&self.snapshots, |decision_state| {
                if let Some((machine, next_state)) = commit.transition {
                    decision_state.set_state(machine, next_state);
                }
                if let Some(name) = &commit.armed_as {
                    decision_state.arming.consume(name);
                }
            });
        }
        let gone = journal.record(entry);
        let wakeups = self.events.publish(|events| add_commit(events, entry, moved));
        drop(locked);
        wakeups.wake();
        drop(gone);
        Ok(Committed { call })
    }

    /// Records a request that changes nothing.
    pub(super) fn record(&self, entry: &mut Entry) {
        self.commit(&Commit::default(), entry).expect("the default commit depends on no state");
    }

    /// Records the answer of an entry that was committed without one.
    pub(super) fn record_answer(&self, entry: &Entry) {
        let Some(answer) = &entry.answer else { return };
        let mut locked = self.lock();
        locked.journal.answer(entry.number, answer.clone());
        let wakeups = self.events.publish(|events| add_answer(events, entry));
        drop(locked);
        wakeups.wake();
    }

    /// Records another answer of an entry instead of the one that it has. This is not an event.
    pub(super) fn replace_answer(&self, number: u64, answer: AnswerRecord) {
        self.lock().journal.answer(number, answer);
    }

    /// Receives the events from now on.
    pub(super) fn subscribe(&self) -> Subscription {
        self.events.subscribe()
    }

    /// Returns the journal at this moment, which is read only as far as it is needed.
    pub(super) fn journal_snapshot(&self) -> JournalSnapshot {
        self.lock().journal.snapshot()
    }

    /// Returns the stubs that are served.
    pub(super) fn stubs(&self) -> Arc<StubSet> {
        self.lock().state.set().clone()
    }

    /// Serves another set from now on.
    pub(super) fn serve(&self, set: Arc<StubSet>) {
        // Dropped after the lock, because this may be the last reference, and dropping a set takes long.
        let old = self.lock().state.serve(set, &self.snapshots);
        drop(old);
    }

    /// Serves another set of files from now on, and publishes what that changes.
    pub(super) fn serve_reloaded(&self, set: &Arc<StubSet>, reloaded: &Reloaded) {
        let Reloaded { added, changed, removed } = reloaded;
        let (added, changed, removed) = (added.len(), changed.len(), removed.len());
        let mut locked = self.lock();
        let old = locked.state.serve(set.clone(), &self.snapshots);
        let decision_state = locked.state.decision_state();
        let wakeups = self.events.publish(|events| {
            events.add(|| EventKind::Reloaded { added, changed, removed });
            for machine in set.machines() {
                let state = decision_state.state(set, machine);
                if decision_state.state(&old, machine) != state {
                    add_state(events, (machine, state));
                }
            }
        });
        drop(locked);
        wakeups.wake();
        drop(old);
    }

    /// Returns how often a stub has answered.
    pub(super) fn totals(&self, stub: &MountedStub) -> Totals {
        self.lock().state.totals(stub)
    }

    /// Returns how often each of several stubs has answered since the last reset of the journal, at one moment.
    pub(super) fn calls<'a>(&self, stubs: impl Iterator<Item = &'a Arc<MountedStub>>) -> Vec<u64> {
        let locked = self.lock();
        stubs.map(|stub| locked.state.totals(stub).calls).collect()
    }

    /// Clears the counts of added stubs that were removed.
    pub(super) fn clear_counts<'a>(&self, stubs: impl Iterator<Item = &'a Arc<MountedStub>>) {
        let mut locked = self.lock();
        stubs.for_each(|stub| locked.state.clear_count(stub));
    }

    /// Returns the number of requests for which a stub is armed.
    pub(super) fn armed(&self, stub: &MountedStub) -> u64 {
        self.lock().state.decision_state().arming.times_for(stub)
    }

    /// Arms the on-demand stubs of a name for a number of requests.
    pub(super) fn arm(&self, name: &str, times: u64) {
        self.lock().state.change(&self.snapshots, |decision_state| decision_state.arming.set(name, times));
    }

    /// Returns the state of a machine.
    pub(super) fn machine_state(&self, machine: &str) -> String {
        self.lock().state.machine_state(machine).to_owned()
    }

    /// Puts a machine into a state.
    pub(super) fn set_machine_state(&self, machine: &str, next_state: &str) {
        let mut locked = self.lock();
        let is_moved = locked.state.machine_state(machine) != next_state;
        locked.state.change(&self.snapshots, |decision_state| decision_state.set_state(machine, next_state));
        let moved = is_moved.then_some((machine, next_state));
        let wakeups = self.events.publish(|events| moved.into_iter().for_each(|moved| add_state(events, moved)));
        drop(locked);
        wakeups.wake();
    }

    /// Clears counts, sequences, states and the journal, and disarms all stubs.
    pub(super) fn reset(&self) {
        let mut locked = self.lock();
        let (set, before) = (locked.state.set().clone(), locked.state.decision_state().clone());
        locked.state.reset(&self.snapshots);
        let gone = locked.journal.clear();
        let wakeups = self.events.publish(|events| before.moved(&set).for_each(|moved| add_state(events, moved)));
        drop(locked);
        wakeups.wake();
        drop(gone);
    }

    /// Clears the journal and the counts, also those of the added stubs. Sequences stay.
    pub(super) fn reset_requests<'a>(&self, added: impl Iterator<Item = &'a Arc<MountedStub>>) {
        let mut locked = self.lock();
        locked.state.clear_calls(added);
        let gone = locked.journal.clear();
        drop(locked);
        drop(gone);
    }

    fn lock(&self) -> MutexGuard<'_, Guarded> {
        // Nothing panics while it is locked, and the counts would be whole even then.
        lock(&self.guarded)
    }
}

/// Adds the events of a request that was recorded. `moved` is a machine with the other state that it is in now.
fn add_commit(events: &mut EventBuffer, entry: &Entry, moved: Option<(&str, &str)>) {
    let request = entry.number;
    events.add(|| EventKind::Received { request });
    if entry.is_unmatched() {
        events.add(|| EventKind::Unmatched { request });
    }
    if let Some(moved) = moved {
        add_state(events, moved);
    }
    if entry.answer.is_some() {
        add_answer(events, entry);
    }
}

fn add_answer(events: &mut EventBuffer, entry: &Entry) {
    events.add(|| EventKind::Answered { request: entry.number, status: entry.status });
}

fn add_state(events: &mut EventBuffer, (machine, state): (&str, &str)) {
    events.add(|| EventKind::StateChanged { machine: machine.to_owned(), state: state.to_owned() });
}
